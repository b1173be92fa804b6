import * as Activities from "#core/connectors/attio/activities.ts";
import * as Api from "#core/connectors/attio/api.ts";
import * as Companies from "#core/connectors/attio/companies.ts";
import * as Coverage from "#core/connectors/attio/coverage.ts";
import * as Deals from "#core/connectors/attio/deals.ts";
import * as People from "#core/connectors/attio/people.ts";
import { prune } from "#core/connectors/attio/prune.ts";
import * as Transform from "#core/connectors/attio/transform.ts";
import { Unreadable } from "#core/connectors/attio/values.ts";
import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** One kind of record: how a page of it is asked for, read, routed and written. `page` answers undefined where the workspace has no such object. */
export type Kind<T extends { externalId: string }> = {
  name: "companies" | "deals" | "people" | "tasks" | "notes";
  /** What records of it are called where one is named: `company:ID`. */
  ref: string;
  key: string;
  table: "attio_accounts_raw" | "attio_opportunities_raw" | "attio_people_raw" | "attio_activities_raw";
  limit: number;
  page: (reading: Reading, offset: number) => Promise<Api.Raw[] | undefined>;
  understand: (raw: Api.Raw, slugOf: Transform.SlugOf) => T;
  route: (reading: Reading, rows: readonly T[]) => Promise<Coverage.Pair[]>;
  upsert: (reading: Reading, rows: readonly T[], pairs: readonly Coverage.Pair[]) => Promise<Written>;
};

const records = (object: Api.Kind) => (reading: Reading, offset: number) => Api.records(reading, object, { offset });

export const companies: Kind<Transform.Company> = {
  name: "companies",
  ref: "company",
  key: "record_id",
  table: "attio_accounts_raw",
  limit: Api.RECORDS,
  page: records("companies"),
  understand: Transform.company,
  route: Coverage.ofCompanies,
  upsert: Companies.upsert,
};
export const deals: Kind<Transform.Deal> = {
  name: "deals",
  ref: "deal",
  key: "record_id",
  table: "attio_opportunities_raw",
  limit: Api.RECORDS,
  page: records("deals"),
  understand: Transform.deal,
  route: Coverage.ofDeals,
  upsert: Deals.upsert,
};
export const people: Kind<Transform.Person> = {
  name: "people",
  ref: "person",
  key: "record_id",
  table: "attio_people_raw",
  limit: Api.RECORDS,
  page: records("people"),
  understand: Transform.person,
  route: Coverage.ofPeople,
  upsert: People.upsert,
};
const activity = { table: "attio_activities_raw", route: Coverage.ofActivities, upsert: Activities.upsert } as const;
export const tasks: Kind<Transform.Activity> = {
  ...activity,
  name: "tasks",
  ref: "task",
  key: "task_id",
  limit: Api.TASKS,
  page: (reading, offset) => Api.tasks(reading, offset, "asc"),
  understand: Transform.task,
};
export const notes: Kind<Transform.Activity> = {
  ...activity,
  name: "notes",
  ref: "note",
  key: "note_id",
  limit: Api.NOTES,
  page: (reading, offset) => Api.notes(reading, offset),
  understand: Transform.note,
};

/** Rows settled after something moved out; what is left is taken by the next page. */
const SETTLE_ROWS = 5_000;

/** Reads raw rows as a kind; those that cannot be read are set aside with their payload. */
export function understand<T extends { externalId: string }>(
  kind: Kind<T>,
  raws: readonly Api.Raw[],
  slugOf: Transform.SlugOf,
): { items: T[]; setAside: SetAside[] } {
  const setAside: SetAside[] = [];
  const items = raws.flatMap((raw) => {
    try {
      return [kind.understand(raw, slugOf)];
    } catch (error) {
      if (!(error instanceof Unreadable) && !(error instanceof TypeError)) throw error;
      const recordRef = `${kind.ref}:${Transform.nameOf(raw, kind.key)}`.slice(0, 200);
      setAside.push({ recordRef, kind: "invalid_data", message: error.message, payload: raw });
      return [];
    }
  });
  return { items, setAside };
}

/** Writes rows into the projects they belong to, and takes them out of those they belong to no more, with what hung on them. */
export async function write<T extends { externalId: string }>(reading: Reading, kind: Kind<T>, items: readonly T[]): Promise<Written> {
  const rows = [...new Map(items.map((row) => [row.externalId, row])).values()];
  if (rows.length === 0) return { rows: 0, events: 0 };
  const pairs = await kind.route(reading, rows);
  const written = pairs.length > 0 ? await kind.upsert(reading, rows, pairs) : { rows: 0, events: 0 };
  const out = await sql`
    delete from ${sql(kind.table)} r
    where r.project_id = any (${reading.scope.projects as string[]}::uuid[]) and r.connection_id = ${reading.connection.id}
      and r.external_id = any (${rows.map((row) => row.externalId)}::text[])
      and not exists (
        select from unnest(${pairs.map((pair) => pair.externalId)}::text[], ${pairs.map((pair) => pair.projectId)}::uuid[]) as p (external_id, project_id)
        where p.external_id = r.external_id and p.project_id = r.project_id)`;
  const settled = out.count > 0 ? await prune(reading, SETTLE_ROWS) : 0;
  return { rows: written.rows + out.count + settled, events: written.events };
}
