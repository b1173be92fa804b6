import { living } from "#core/chats/stored.ts";
import type { Difference, Measured, Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** The living rows of the connection, per project. */
export async function count(reading: Reading): Promise<{ projectId: string; total: number }[]> {
  const mine = sql`project_id = p.id and connection_id = ${reading.connection.id}`;
  return sql<{ projectId: string; total: number }[]>`
    select p.id as project_id, ${living("cw_contacts", mine)} + ${living("cw_conversations", mine)} + ${living("cw_messages", mine)} as total
    from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)`;
}

/**
 * What a crawl had to mend, per project. `runs`: the instants its runs began, which every row it wrote carries. Missing: rows upstream had before
 * `since` that were not here. Stale: rows that had changed unseen. Extra: rows that upstream no longer has. Duplicates: contacts of one address.
 */
export async function measure(reading: Reading, runs: readonly Date[], since: Date): Promise<Measured[]> {
  const projects = reading.scope.projects as string[];
  return sql<Measured[]>`
    with found as (${found(reading, runs, since)}),
    doubled as (
      select project_id, count(*) - count(distinct lower(email)) as n from cw_contacts
      where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id} and email is not null and deleted_at is null
      group by project_id)
    select p.id as project_id, count(*) filter (where f.live) as total, count(*) filter (where f.missing) as missing, count(*) filter (where f.stale) as stale,
      count(*) filter (where f.extra) as extra, coalesce(max(d.n), 0) as duplicates
    from unnest(${projects}::uuid[]) as p (id) left join found f on f.project_id = p.id left join doubled d on d.project_id = p.id
    group by p.id`;
}

/** The same by name, up to `limit` of each project. */
export async function differences(reading: Reading, runs: readonly Date[], since: Date, limit: number): Promise<Difference[]> {
  return sql<Difference[]>`
    with found as (${found(reading, runs, since)})
    select d.* from unnest(${reading.scope.projects as string[]}::uuid[]) as p (id)
    cross join lateral (
      select project_id, stream, record_ref, case when missing then 'missing' when stale then 'stale' else 'extra' end as why
      from found f where f.project_id = p.id and (missing or stale or extra) order by stream, record_ref limit ${limit}) as d`;
}

function found(reading: Reading, runs: readonly Date[], since: Date) {
  // postgres.js takes the type of an array of dates for that of a date: texts, then.
  const at = sql`any (${runs.map((run) => run.toISOString())}::timestamptz[])`;
  const mine = sql`project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}`;
  const extra = sql`absent_passes > 0 and (deleted_at is null or deleted_at = ${at})`;
  return sql`
    select project_id, 'messages' as stream, 'message:' || message_id as record_ref, deleted_at is null as live,
      first_seen_at = ${at} and created_at < ${since} as missing,
      not first_seen_at = ${at} and absent_passes = 0 and (edited_at = ${at} or deleted_at = ${at}) as stale, ${extra} as extra
    from cw_messages where ${mine}
    union all
    select project_id, 'conversations', 'conversation:' || conversation_id, deleted_at is null, first_seen_at = ${at} and created_at < ${since},
      not first_seen_at = ${at} and changed_at = ${at} and updated_at < ${since}, ${extra}
    from cw_conversations where ${mine}
    union all
    select project_id, 'contacts', 'contact:' || contact_id, deleted_at is null, first_seen_at = ${at} and coalesce(created_at, '-infinity') < ${since},
      not first_seen_at = ${at} and changed_at = ${at} and coalesce(last_activity_at, '-infinity') < ${since}, ${extra}
    from cw_contacts where ${mine}`;
}
