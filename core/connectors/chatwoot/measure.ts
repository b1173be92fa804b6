import type { Measured, Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/**
 * What a crawl had to mend, per project. `runs`: the instants its runs began, which every row it wrote carries. Missing: rows upstream had before
 * `since` that were not here. Stale: rows that had changed unseen. Extra: rows that upstream no longer has. Duplicates: contacts of one address.
 */
export async function measure(reading: Reading, runs: readonly Date[], since: Date): Promise<Measured[]> {
  // postgres.js takes the type of an array of dates for that of a date: texts, then.
  const at = runs.map((run) => run.toISOString());
  const projects = reading.scope.projects as string[];
  return sql<Measured[]>`
    with counted as (
      select project_id, deleted_at is null as live, first_seen_at = any (${at}::timestamptz[]) and created_at < ${since} as missing,
        first_seen_at <> all (${at}::timestamptz[]) and absent_passes = 0 and (edited_at = any (${at}::timestamptz[]) or deleted_at = any (${at}::timestamptz[])) as stale,
        absent_passes > 0 and (deleted_at is null or deleted_at = any (${at}::timestamptz[])) as extra
      from cw_messages where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id}
      union all
      select project_id, deleted_at is null, first_seen_at = any (${at}::timestamptz[]) and created_at < ${since},
        first_seen_at <> all (${at}::timestamptz[]) and changed_at = any (${at}::timestamptz[]) and updated_at < ${since},
        absent_passes > 0 and (deleted_at is null or deleted_at = any (${at}::timestamptz[]))
      from cw_conversations where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id}
      union all
      select project_id, deleted_at is null, first_seen_at = any (${at}::timestamptz[]) and coalesce(created_at, '-infinity') < ${since},
        first_seen_at <> all (${at}::timestamptz[]) and changed_at = any (${at}::timestamptz[]) and coalesce(last_activity_at, '-infinity') < ${since},
        absent_passes > 0 and (deleted_at is null or deleted_at = any (${at}::timestamptz[]))
      from cw_contacts where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id}),
    doubled as (
      select project_id, count(*) - count(distinct lower(email)) as n from cw_contacts
      where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id} and email is not null and deleted_at is null
      group by project_id)
    select p.id as project_id, count(*) filter (where c.live) as total, count(*) filter (where c.missing) as missing, count(*) filter (where c.stale) as stale,
      count(*) filter (where c.extra) as extra, coalesce(max(d.n), 0) as duplicates
    from unnest(${projects}::uuid[]) as p (id) left join counted c on c.project_id = p.id left join doubled d on d.project_id = p.id
    group by p.id`;
}
