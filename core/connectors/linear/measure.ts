import type { Difference, Measured, Reading } from "#core/connectors/connector.ts";
import type { Fragment } from "#core/connectors/linear/rows.ts";
import { TABLES } from "#core/connectors/linear/workspace.ts";
import { sql } from "#core/db.ts";

/** Every kind: its table, how a record of it is called, and when upstream says that one was there and changed; the small kinds do not all say. */
const KINDS = [
  { table: "linear_issues_raw", stream: "issues", noun: "issue", created: "created_at" },
  { table: "linear_comments_raw", stream: "discussion", noun: "comment", created: "created_at" },
  { table: TABLES.documents, stream: "discussion", noun: "document", created: "created_at" },
  { table: TABLES.projects, stream: "workspace", noun: "project", created: "created_at" },
  { table: TABLES.cycles, stream: "workspace", noun: "cycle", created: "created_at" },
  { table: TABLES.states, stream: "workspace", noun: "state", created: "updated_at" },
  { table: TABLES.users, stream: "workspace", noun: "user", created: "updated_at" },
  { table: TABLES.teams, stream: "workspace", noun: "team", created: "updated_at" },
] as const;

/** The living rows of the connection, per project. */
export async function count(reading: Reading): Promise<{ projectId: string; total: number }[]> {
  const counts = KINDS.map(
    ({ table }) =>
      sql`(select count(*) from ${sql(table)} where project_id = p.id and connection_id = ${reading.connection.id} and deleted_at is null)`,
  );
  return sql<{ projectId: string; total: number }[]>`
    select p.id as project_id, ${joined(counts, () => sql` + `)} as total from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)`;
}

/**
 * What a crawl had to mend, per project. `runs`: the instants its runs began, which every row it wrote carries. Missing: rows upstream had before
 * `since` that were not here. Stale: rows that had changed unseen. Extra: rows that upstream no longer has, or has twice here: an id occurs once.
 */
export async function measure(reading: Reading, runs: readonly Date[], since: Date): Promise<Measured[]> {
  return sql<Measured[]>`
    with found as (${found(reading, runs, since)})
    select p.id as project_id, count(*) filter (where f.live) as total, count(*) filter (where f.missing) as missing, count(*) filter (where f.stale) as stale,
      count(*) filter (where f.extra and not f.duplicate) as extra, count(*) filter (where f.extra and f.duplicate) as duplicates
    from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id) left join found f on f.project_id = p.id
    group by p.id`;
}

/** The same by name, up to `limit` of each project. */
export async function differences(reading: Reading, runs: readonly Date[], since: Date, limit: number): Promise<Difference[]> {
  return sql<Difference[]>`
    with found as (${found(reading, runs, since)})
    select d.* from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)
    cross join lateral (
      select project_id, stream, record_ref,
        case when missing then 'missing' when stale then 'stale' when duplicate then 'duplicate' else 'extra' end as why
      from found f where f.project_id = p.id and (missing or stale or extra) order by stream, record_ref limit ${limit}) as d`;
}

function found(reading: Reading, runs: readonly Date[], since: Date) {
  // postgres.js takes the type of an array of dates for that of a date: texts, then.
  const at = sql`any (${runs.map((run) => run.toISOString())}::timestamptz[])`;
  const parts = KINDS.map(
    ({ table, stream, noun, created }) => sql`
    select t.project_id, ${stream} as stream, ${`${noun}:`} || t.external_id as record_ref, t.deleted_at is null as live,
      t.first_seen_at = ${at} and coalesce(t.${sql(created)}, '-infinity') < ${since} as missing,
      not t.first_seen_at = ${at} and t.changed_at = ${at} and coalesce(t.updated_at, '-infinity') < ${since} as stale,
      t.absent_passes > 0 and (t.deleted_at is null or t.deleted_at = ${at}) as extra, ${noun === "issue" ? sameIssue() : sql`false`} as duplicate
    from ${sql(table)} t where t.project_id = any (${reading.scope.projects as string[]}::uuid[]) and t.connection_id = ${reading.connection.id}`,
  );
  return joined(parts, () => sql` union all `);
}

/** An issue that is gone, and whose identifier another one bears. */
const sameIssue = () => sql`t.absent_passes > 0 and exists (
  select from linear_issues_raw o where o.project_id = t.project_id and o.connection_id = t.connection_id and o.identifier = t.identifier
    and o.external_id <> t.external_id and o.absent_passes = 0 and o.deleted_at is null)`;

const joined = (parts: readonly Fragment[], between: () => Fragment): Fragment[] =>
  parts.flatMap((part, n) => (n === 0 ? [part] : [between(), part]));
