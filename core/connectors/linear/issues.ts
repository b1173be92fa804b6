import type { Reading, Written } from "#core/connectors/connector.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import { NOTHING, written } from "#core/connectors/linear/rows.ts";
import { CLOSED, type Issue } from "#core/connectors/linear/transform.ts";
import { sql } from "#core/db.ts";

const COLUMNS = [
  "identifier",
  "number",
  "title",
  "description",
  "teamExternalId",
  "teamKey",
  "linearProjectExternalId",
  "cycleExternalId",
  "cycleName",
  "parentExternalId",
  "state",
  "stateExternalId",
  "stateType",
  "priority",
  "estimate",
  "dueDate",
  "labels",
  "assigneeExternalId",
  "assigneeName",
  "creatorExternalId",
  "creatorName",
  "url",
  "createdAt",
  "updatedAt",
  "startedAt",
  "completedAt",
  "canceledAt",
  "archivedAt",
  "trashed",
  "blockedBy",
  "blockedByCount",
  "blocked",
  "sanitized",
] as const satisfies readonly (keyof Issue)[];

/** What is stored of an issue in one project. `closed`: nothing remained to be done, or it was out of sight. */
export type Mark = { externalId: string; projectId: string; updatedAt: Date | null; labels: string[]; closed: boolean; absent: boolean };

/** Issues into their projects, each real transition as one event; of an issue first seen, what Linear dates. */
export async function upsert(reading: Reading, routed: readonly Routed<Issue>[]): Promise<Written> {
  if (!routed.some((one) => one.projects.length > 0)) return NOTHING;
  const [counts] = await sql<Written[]>`
    with ${written(reading, "linear_issues_raw", COLUMNS, routed)},
    compared as (
      select w.*, coalesce(g.actor, 'team') as creator, not w.inserted and b.deleted_at is null as known, b.deleted_at is not null as reappeared,
        b.state as old_state, b.state_external_id as old_state_id, b.state_type as old_type, b.assignee_external_id as old_assignee, b.due_date as old_due,
        b.cycle_external_id as old_cycle, b.archived_at as old_archived, b.trashed as old_trashed, b.blocked as old_blocked
      from written w join given g on g.to_project = w.project_id and g.external_id = w.external_id
      left join before b on b.project_id = w.project_id and b.external_id = w.external_id),
    happened as (
      select c.*, e.* from compared c cross join lateral (values
        ('issue_created', c.inserted, c.created_at, c.created_at, c.creator, '{}'::jsonb),
        ('issue_state_changed', c.known and c.old_state_id is distinct from c.state_external_id, c.updated_at, null, 'team',
          jsonb_build_object('from', c.old_state, 'to', c.state, 'from_type', c.old_type, 'to_type', c.state_type)),
        ('issue_completed', c.state_type = 'completed' and case when c.known then c.old_type <> 'completed' else c.completed_at is not null end,
          coalesce(c.completed_at, c.updated_at), c.completed_at, 'team', '{}'),
        ('issue_canceled', c.state_type in ('canceled', 'duplicate')
          and case when c.known then c.old_type not in ('canceled', 'duplicate') else c.canceled_at is not null end, coalesce(c.canceled_at, c.updated_at), c.canceled_at, 'team', '{}'),
        ('issue_reopened', c.known and c.old_type = any (${CLOSED}::text[]) and not c.state_type = any (${CLOSED}::text[]), c.updated_at, null, 'team',
          jsonb_build_object('from_type', c.old_type, 'to_type', c.state_type)),
        ('issue_assigned', c.known and c.old_assignee is distinct from c.assignee_external_id, c.updated_at, null, 'team',
          jsonb_build_object('from', c.old_assignee, 'to', c.assignee_external_id)),
        ('issue_due_changed', c.known and c.old_due is distinct from c.due_date, c.updated_at, null, 'team', jsonb_build_object('from', c.old_due, 'to', c.due_date)),
        ('issue_cycle_changed', c.known and c.old_cycle is distinct from c.cycle_external_id, c.updated_at, null, 'team',
          jsonb_build_object('from', c.old_cycle, 'to', c.cycle_external_id)),
        ('issue_archived', c.known and c.old_archived is null and c.archived_at is not null and not c.trashed, c.archived_at, null, 'team', '{}'),
        ('issue_deleted', c.known and not c.old_trashed and c.trashed, coalesce(c.archived_at, c.updated_at), null, 'team', '{}'),
        ('issue_restored', c.archived_at is null and not c.trashed and (c.reappeared or c.known and (c.old_archived is not null or c.old_trashed)), c.updated_at, null,
          'team', '{}'),
        ('issue_blocked', c.known and not c.old_blocked and c.blocked, ${reading.now}, null, 'system', jsonb_build_object('blocked_by', c.blocked_by)),
        ('issue_unblocked', c.known and c.old_blocked and not c.blocked, ${reading.now}, null, 'system', '{}'))
        as e (event_type, so, occurred_at, dated, event_actor, detail)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'linear', event_actor, 'linear:issue:' || external_id, occurred_at, ${reading.now},
        detail || jsonb_build_object('connection_id', connection_id, 'issue_id', external_id),
        'linear:' || connection_id || ':issue:' || external_id || ':' || event_type
          || case when event_type = 'issue_created' then '' else ':' || extract(epoch from coalesce(dated, ${reading.now}::timestamptz)) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return counts ?? NOTHING;
}

/** What is stored of these issues, in each project; deleted ones are not. */
export async function marks(reading: Reading, ids: readonly string[]): Promise<Mark[]> {
  if (ids.length === 0) return [];
  return sql<Mark[]>`
    select external_id, project_id, updated_at, labels, state_type = any (${CLOSED}::text[]) or archived_at is not null or trashed as closed, absent_passes > 0 as absent
    from linear_issues_raw
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and external_id = any (${ids as string[]}::text[]) and deleted_at is null`;
}

/**
 * Of the listed issues, those a project holds but that no longer go there (a team, a project or a label changed): out, with their comments and
 * documents.
 */
export async function dropUnrouted(reading: Reading, listed: readonly string[], routed: readonly Routed<Issue>[]): Promise<number> {
  if (listed.length === 0) return 0;
  const pairs = routed.flatMap(({ row, projects }) => projects.map((project) => ({ id: row.externalId, project })));
  const [gone] = await sql<{ count: number }[]>`
    with gone as (
      delete from linear_issues_raw i
      where i.project_id = any (${reading.scope.projects as string[]}::uuid[]) and i.connection_id = ${reading.connection.id} and i.external_id = any (${listed as string[]}::text[])
        and not exists (
          select from unnest(${pairs.map((pair) => pair.id)}::text[], ${pairs.map((pair) => pair.project)}::uuid[]) as r (external_id, project_id)
          where r.external_id = i.external_id and r.project_id = i.project_id)
      returning i.project_id, i.connection_id, i.external_id),
    papers as (
      delete from linear_documents_raw d using gone g
      where d.project_id = g.project_id and d.connection_id = g.connection_id and d.issue_external_id = g.external_id
      returning 1)
    select (select count(*) from gone) + (select count(*) from papers) as count`;
  return gone?.count ?? 0;
}
