import type { Pair } from "#core/connectors/attio/coverage.ts";
import type { Activity } from "#core/connectors/attio/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/**
 * Notes and tasks into their projects; a row that does not differ is not touched. Events: a note logged, edited; a task created, completed, reopened, its
 * deadline moved. Where Attio does not date a completion, it is when it was first seen.
 */
export async function upsert(reading: Reading, rows: readonly Activity[], pairs: readonly Pair[]): Promise<Written> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, a.*, m.name as "actorName"
      from jsonb_to_recordset(${rows as never}::jsonb) as a ("externalId" text, "activityType" text, "recordObject" text, "recordExternalId" text,
        "linkedExternalIds" text[], title text, note text, "actorExternalId" text, "occurredAt" timestamptz, "dueAt" timestamptz, "completedAt" timestamptz,
        "isCompleted" boolean, "assigneeExternalIds" text[], data jsonb, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.externalId)}::text[], ${pairs.map((pair) => pair.projectId)}::uuid[]) as r (external_id, project_id)
        on r.external_id = a."externalId"
      left join attio_members_raw m on m.project_id = r.project_id and m.connection_id = ${connectionId} and m.external_id = a."actorExternalId"),
    before as (
      select t.* from given g join attio_activities_raw t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.external_id = g."externalId"),
    judged as (
      select g.*, case when g."isCompleted" then coalesce(g."completedAt", b.completed_at, case when not b.is_completed then ${reading.now}::timestamptz end) end as "doneAt"
      from given g left join before b on b.project_id = g.project_id and b.external_id = g."externalId"),
    written as (
      insert into attio_activities_raw as t (project_id, account_scope_id, connection_id, external_id, activity_type, record_object, record_external_id,
        linked_external_ids, title, note, actor_external_id, actor_name, occurred_at, due_at, completed_at, is_completed, assignee_external_ids, data, first_seen_at, changed_at,
        sanitized)
      select project_id, ${accountScopeId}, ${connectionId}, "externalId", "activityType", "recordObject", "recordExternalId", "linkedExternalIds", title, note,
        "actorExternalId", "actorName", "occurredAt", "dueAt", "doneAt", "isCompleted", "assigneeExternalIds", data, ${reading.now}, ${reading.now}, sanitized from judged
      on conflict (project_id, connection_id, external_id) do update set
        activity_type = excluded.activity_type, record_object = excluded.record_object, record_external_id = excluded.record_external_id,
        linked_external_ids = excluded.linked_external_ids, title = excluded.title, note = excluded.note, actor_external_id = excluded.actor_external_id,
        actor_name = excluded.actor_name, occurred_at = excluded.occurred_at, due_at = excluded.due_at, completed_at = excluded.completed_at,
        is_completed = excluded.is_completed, assignee_external_ids = excluded.assignee_external_ids, data = excluded.data, changed_at = excluded.changed_at,
        sanitized = excluded.sanitized, absent_passes = 0, deleted_at = null
      where (t.activity_type, t.record_object, t.record_external_id, t.linked_external_ids, t.title, t.note, t.actor_external_id, t.actor_name, t.occurred_at, t.due_at,
          t.completed_at, t.is_completed, t.assignee_external_ids, t.data, t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.activity_type, excluded.record_object, excluded.record_external_id, excluded.linked_external_ids, excluded.title, excluded.note,
          excluded.actor_external_id, excluded.actor_name, excluded.occurred_at, excluded.due_at, excluded.completed_at, excluded.is_completed,
          excluded.assignee_external_ids, excluded.data, excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    happened as (
      select w.*, e.event_type, e.once, e.at, e.detail
      from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id and b.deleted_at is null
      cross join lateral (values
        ('note_logged', w.activity_type = 'note' and w.inserted, true, w.occurred_at, '{}'::jsonb),
        ('note_edited', w.activity_type = 'note' and b.external_id is not null and (b.title, b.note) is distinct from (w.title, w.note), false, null::timestamptz, '{}'::jsonb),
        ('task_created', w.activity_type = 'task' and w.inserted, true, w.occurred_at, '{}'::jsonb),
        ('task_completed', w.is_completed and (not b.is_completed or (w.inserted and w.completed_at is not null)), false, w.completed_at, '{}'::jsonb),
        ('task_reopened', b.is_completed and not w.is_completed, false, null::timestamptz, '{}'::jsonb),
        ('task_due_changed', w.activity_type = 'task' and b.external_id is not null and b.due_at is distinct from w.due_at, false, null::timestamptz,
          jsonb_build_object('from', b.due_at, 'to', w.due_at))) as e (event_type, so, once, at, detail)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'attio', 'team', 'attio:' || activity_type || ':' || external_id, coalesce(at, ${reading.now}), ${reading.now},
        detail || jsonb_build_object('connection_id', connection_id, activity_type || '_id', external_id, 'record_object', record_object, 'record_id', record_external_id),
        'attio:' || connection_id || ':' || activity_type || ':' || external_id || ':' || event_type
          || case when once then '' when event_type = 'task_completed' then ':' || extract(epoch from completed_at) else ':' || extract(epoch from ${reading.now}::timestamptz) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}
