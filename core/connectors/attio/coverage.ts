import type { Activity, Company, Deal, Person } from "#core/connectors/attio/transform.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** A piece of SQL to be put into a statement. */
export type Fragment = ReturnType<typeof bindings>;
export type Pair = { externalId: string; projectId: string };

/*
 * Which project a record goes to. A binding names roots: companies (ids or domains), the records of lists, deals by id; a kind narrows the objects it can
 * be said of. A company brings its people and deals (they refer to it), a deal brings its company and people, and all of them bring their notes and tasks.
 * The same words route a page, and say what is covered no more: a row is looked at beside what its project already holds, so companies are read before
 * deals, deals before people, and those before notes and tasks.
 */

/** The bindings as rows `b`. One whose lists hold nothing covers nothing. */
export const bindings = (reading: Reading) => {
  const held = (object: string) => sql`
    exists (select from attio_entries_raw e where e.project_id = s.project_id and e.connection_id = s.connection_id and e.list_id = any (s.list_ids)
      and e.record_object = ${object})`;
  return sql`
    select s.project_id, s.connection_id, s.list_ids, s.deal_ids,
      array(select regexp_replace(lower(btrim(c)), '^(https?://)?(www\\.)?|[/?#].*$', '', 'g') from unnest(s.companies) c) as companies,
      s.companies = '{}' and s.list_ids = '{}' and s.deal_ids = '{}' as everything,
      ${held("companies")} as company_lists, ${held("people")} as people_lists, ${held("deals")} as deal_lists
    from project_sources s
    where s.connection_id = ${reading.connection.id} and s.removed_at is null
      and (s.list_ids = '{}' or exists (
        select from attio_entries_raw e where e.project_id = s.project_id and e.connection_id = s.connection_id and e.list_id = any (s.list_ids)))`;
};

const listed = (id: Fragment) => sql`
  exists (select from attio_entries_raw e where e.record_external_id = ${id} and e.connection_id = b.connection_id and e.project_id = b.project_id
    and e.list_id = any (b.list_ids))`;

/** The company that `id` refers to is one that binding `b` names, by id or by a domain of the stored row. */
const named = (id: Fragment) => sql`
  (${id} = any (b.companies) or exists (
    select from attio_accounts_raw m where m.external_id = ${id} and m.connection_id = b.connection_id and m.project_id = b.project_id and m.domains && b.companies))`;

/** Company `c`: named, listed, or that of a deal the project holds. */
export const company = () => sql`
  (b.everything
    or ((cardinality(b.companies) > 0 or b.company_lists)
      and (cardinality(b.companies) = 0 or c.external_id = any (b.companies) or c.domains && b.companies)
      and (not b.company_lists or ${listed(sql`c.external_id`)}))
    or exists (
      select from attio_opportunities_raw o where o.account_external_id = c.external_id and o.connection_id = b.connection_id and o.project_id = b.project_id
        and o.deleted_at is null))`;

/** Deal `d`: named, listed, or of a company that is. */
export const deal = () => sql`
  (b.everything
    or ((cardinality(b.companies) > 0 or cardinality(b.deal_ids) > 0 or b.company_lists or b.deal_lists)
      and (cardinality(b.companies) = 0 or ${named(sql`d.account_external_id`)})
      and (not (b.company_lists or b.deal_lists) or ${listed(sql`d.external_id`)} or ${listed(sql`d.account_external_id`)})
      and (cardinality(b.deal_ids) = 0 or d.external_id = any (b.deal_ids))))`;

/** Whom the deals that each project holds name: rows `dealt`. */
export const dealt = (reading: Reading) => sql`
  select distinct project_id, unnest(people_external_ids) as external_id from attio_opportunities_raw
  where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and deleted_at is null`;

/** Person `p`: listed, of a company that is named or listed, or named by a deal (`dealt`). */
export const person = () => sql`
  (b.everything
    or ((cardinality(b.companies) > 0 or b.company_lists or b.people_lists)
      and (cardinality(b.companies) = 0 or ${named(sql`p.account_external_id`)})
      and (not (b.company_lists or b.people_lists) or ${listed(sql`p.external_id`)} or ${listed(sql`p.account_external_id`)}))
    or (b.project_id, p.external_id) in (select project_id, external_id from dealt))`;

/** Note or task `a`: on any record that the project holds. */
export const activity = () => {
  const on = (table: string) => sql`
    exists (select from ${sql(table)} h where h.external_id = any (a.linked_external_ids) and h.connection_id = b.connection_id and h.project_id = b.project_id
      and h.deleted_at is null)`;
  return sql`(b.everything or ${on("attio_accounts_raw")} or ${on("attio_people_raw")} or ${on("attio_opportunities_raw")})`;
};

export async function ofCompanies(reading: Reading, rows: readonly Company[]): Promise<Pair[]> {
  return sql<Pair[]>`
    with b as (${bindings(reading)})
    select distinct c.external_id, b.project_id from ${given(rows.map((row) => ({ external_id: row.externalId, domains: row.domains })))}
      as c (external_id text, domains text[]) join b on ${company()}`;
}

export async function ofDeals(reading: Reading, rows: readonly Deal[]): Promise<Pair[]> {
  return sql<Pair[]>`
    with b as (${bindings(reading)})
    select distinct d.external_id, b.project_id
    from ${given(rows.map((row) => ({ external_id: row.externalId, account_external_id: row.accountExternalId })))}
      as d (external_id text, account_external_id text) join b on ${deal()}`;
}

export async function ofPeople(reading: Reading, rows: readonly Person[]): Promise<Pair[]> {
  return sql<Pair[]>`
    with b as (${bindings(reading)}), dealt as (${dealt(reading)})
    select distinct p.external_id, b.project_id
    from ${given(rows.map((row) => ({ external_id: row.externalId, account_external_id: row.accountExternalId })))}
      as p (external_id text, account_external_id text) join b on ${person()}`;
}

export async function ofActivities(reading: Reading, rows: readonly Activity[]): Promise<Pair[]> {
  return sql<Pair[]>`
    with b as (${bindings(reading)})
    select distinct a.external_id, b.project_id
    from ${given(rows.map((row) => ({ external_id: row.externalId, linked_external_ids: row.linkedExternalIds })))}
      as a (external_id text, linked_external_ids text[]) join b on ${activity()}`;
}

const given = (rows: readonly object[]) => sql`jsonb_to_recordset(${rows as never}::jsonb)`;
