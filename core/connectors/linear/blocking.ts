import type { Reading, Written } from "#core/connectors/connector.ts";
import { type Fragment, NOTHING } from "#core/connectors/linear/rows.ts";
import { sql } from "#core/db.ts";

/** What blocks an issue, as read anew. */
export type Blockers = { externalId: string; blockedBy: readonly string[] };

/** Sets what blocks these issues, in every project that holds them. */
export async function set(reading: Reading, blockers: readonly Blockers[]): Promise<Written> {
  if (blockers.length === 0) return NOTHING;
  const rows = blockers.map(({ externalId, blockedBy }) => ({ external_id: externalId, blocked_by: blockedBy }));
  return change(
    reading,
    sql`
    select i.project_id, i.connection_id, i.external_id, i.blocked, g.blocked_by
    from jsonb_to_recordset(${rows as never}::jsonb) as g (external_id text, blocked_by text[])
    join linear_issues_raw i on i.external_id = g.external_id
    where i.project_id = any (${reading.scope.projects as string[]}::uuid[]) and i.connection_id = ${reading.connection.id} and i.deleted_at is null
      and i.blocked_by <> g.blocked_by`,
  );
}

/** Issues that are done or gone hold nothing up any more: whatever they blocked is free of them at once. */
export async function release(reading: Reading, ids: readonly string[]): Promise<Written> {
  if (ids.length === 0) return NOTHING;
  return change(
    reading,
    sql`
    select i.project_id, i.connection_id, i.external_id, i.blocked,
      array(select b from unnest(i.blocked_by) b where not b = any (${ids as string[]}::text[]) order by b) as blocked_by
    from linear_issues_raw i
    where i.project_id = any (${reading.scope.projects as string[]}::uuid[]) and i.connection_id = ${reading.connection.id} and i.deleted_at is null
      and i.blocked and i.blocked_by && ${ids as string[]}::text[]`,
  );
}

async function change(reading: Reading, wanted: Fragment): Promise<Written> {
  const [counts] = await sql<Written[]>`
    with wanted as (${wanted}),
    written as (
      update linear_issues_raw i set blocked_by = w.blocked_by, blocked_by_count = cardinality(w.blocked_by), blocked = w.blocked_by <> '{}', changed_at = ${reading.now}
      from wanted w where i.project_id = w.project_id and i.connection_id = w.connection_id and i.external_id = w.external_id
      returning i.*, w.blocked as old_blocked),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, k.event_type, 'linear', 'system', 'linear:issue:' || external_id, ${reading.now}, ${reading.now},
        jsonb_build_object('connection_id', connection_id, 'issue_id', external_id) || case when blocked then jsonb_build_object('blocked_by', blocked_by) else '{}' end,
        'linear:' || connection_id || ':issue:' || external_id || ':' || k.event_type || ':' || extract(epoch from ${reading.now}::timestamptz)
      from written cross join lateral (select case when blocked then 'issue_blocked' else 'issue_unblocked' end as event_type) k
      where blocked <> old_blocked
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return counts ?? NOTHING;
}

/** Open issues that are held, in order of their ids: whose relations the next page reads. */
export async function open(reading: Reading, after: string, limit: number): Promise<string[]> {
  const rows = await sql<{ externalId: string }[]>`
    select distinct external_id from linear_issues_raw
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and external_id > ${after}
      and deleted_at is null and archived_at is null and not trashed and state_type not in ('completed', 'canceled', 'duplicate')
    order by external_id limit ${limit}`;
  return rows.map((row) => row.externalId);
}
