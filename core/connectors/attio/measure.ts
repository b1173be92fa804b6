import type { Fragment } from "#core/connectors/attio/coverage.ts";
import type { Difference, Measured, Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

const KINDS = [
  { table: "attio_accounts_raw", stream: "companies", ref: "company" },
  { table: "attio_people_raw", stream: "people", ref: "person" },
  { table: "attio_opportunities_raw", stream: "deals", ref: "deal" },
] as const;

/** The living rows of the connection, per project. */
export async function count(reading: Reading): Promise<{ projectId: string; total: number }[]> {
  const of = (table: string) =>
    sql`(select count(*) from ${sql(table)} where project_id = p.id and connection_id = ${reading.connection.id} and deleted_at is null)`;
  return sql<{ projectId: string; total: number }[]>`
    select p.id as project_id, ${of("attio_accounts_raw")} + ${of("attio_people_raw")} + ${of("attio_opportunities_raw")} + ${of("attio_activities_raw")} as total
    from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)`;
}

/**
 * What a crawl had to mend, per project. `runs`: the instants its runs began, which every row it wrote carries. Missing: rows upstream had before
 * `since` that were not here. Stale: rows that had changed unseen. Extra: rows that upstream no longer has; duplicates: those of them whose like lives
 * on, as after a merge.
 */
export async function measure(reading: Reading, runs: readonly Date[], since: Date): Promise<Measured[]> {
  return sql<Measured[]>`
    with found as (${found(reading, runs, since)})
    select p.id as project_id, count(*) filter (where f.live) as total, count(*) filter (where f.why = 'missing') as missing,
      count(*) filter (where f.why = 'stale') as stale, count(*) filter (where f.why = 'extra') as extra,
      count(*) filter (where f.why = 'duplicate') as duplicates
    from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id) left join found f on f.project_id = p.id
    group by p.id`;
}

/** The same by name, up to `limit` of each project. */
export async function differences(reading: Reading, runs: readonly Date[], since: Date, limit: number): Promise<Difference[]> {
  return sql<Difference[]>`
    with found as (${found(reading, runs, since)})
    select d.* from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)
    cross join lateral (
      select project_id, stream, record_ref, why from found f where f.project_id = p.id and why is not null order by stream, record_ref limit ${limit}) as d`;
}

function found(reading: Reading, runs: readonly Date[], since: Date) {
  // postgres.js takes the type of an array of dates for that of a date: texts, then.
  const at = sql`any (${runs.map((run) => run.toISOString())}::timestamptz[])`;
  const mine = sql`r.project_id = any (${reading.scope.projects as string[]}::uuid[]) and r.connection_id = ${reading.connection.id}`;
  // `like`: a living row of the same natural content; an emptied row has none any more, so a merge is named in the pass before.
  const why = (created: Fragment, changed: Fragment, like: Fragment) => sql`
    case when r.first_seen_at = ${at} and r.deleted_at is null then case when ${created} < ${since} then 'missing' end
      when r.absent_passes > 0 and (r.deleted_at is null or r.deleted_at = ${at}) then case when ${like} then 'duplicate' else 'extra' end
      when r.changed_at = ${at} and r.deleted_at is null and coalesce(${changed}, '-infinity') < ${since} then 'stale' end`;
  const twin = (table: string, same: Fragment) => sql`
    exists (select from ${sql(table)} o where o.project_id = r.project_id and o.connection_id = r.connection_id and o.external_id <> r.external_id
      and o.deleted_at is null and o.absent_passes = 0 and ${same})`;
  const same = {
    attio_accounts_raw: sql`o.domains && r.domains`,
    attio_people_raw: sql`o.emails && r.emails`,
    attio_opportunities_raw: sql`(o.title, o.account_external_id) = (r.title, r.account_external_id)`,
  };
  const [companies, people, deals] = KINDS.map(
    ({ table, stream, ref }) => sql`
      select r.project_id, ${stream}::text as stream, ${ref}::text || ':' || r.external_id as record_ref, r.deleted_at is null as live,
        ${why(sql`r.created_at`, sql`r.changed_upstream_at`, twin(table, same[table]))} as why
      from ${sql(table)} r where ${mine}`,
  ) as [Fragment, Fragment, Fragment];
  return sql`
    ${companies} union all ${people} union all ${deals} union all
    select r.project_id, r.activity_type || 's', r.activity_type || ':' || r.external_id, r.deleted_at is null,
      ${why(sql`r.occurred_at`, sql`null::timestamptz`, sql`false`)}
    from attio_activities_raw r where ${mine}`;
}
