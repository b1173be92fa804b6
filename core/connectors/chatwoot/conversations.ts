import type { Conversation } from "#core/connectors/chatwoot/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** `completeThrough`: every message up to this id is in the same page or stored; 0 when its messages were not read. */
export type RoutedConversation = { conversation: Conversation; projects: readonly string[]; completeThrough: number };
export type Mark = { conversationId: number; projectId: string; completeThrough: number; updatedAt: Date | null };

/** Conversations into their projects, with their transitions as events: created, status, assignee. */
export async function upsert(reading: Reading, routed: readonly RoutedConversation[]): Promise<Written> {
  const byId = new Map(routed.map((one) => [one.conversation.conversationId, one]));
  const pairs = [...byId.values()].flatMap(({ conversation, projects }) =>
    projects.map((project) => ({ id: conversation.conversationId, project })),
  );
  if (pairs.length === 0) return { rows: 0, events: 0 };
  const { id: connectionId, accountScopeId } = reading.connection;
  const rows = [...byId.values()].map(({ conversation, completeThrough }) => ({ ...conversation, completeThrough }));
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, c.*, array(select jsonb_array_elements_text(c.labels)) as label_list
      from jsonb_to_recordset(${rows as never}::jsonb) as c (
        "conversationId" bigint, uuid text, "inboxId" bigint, "contactId" bigint, channel text, status text, priority text, "assigneeId" bigint, "assigneeType" text,
        "teamId" bigint, labels jsonb, "customAttributes" jsonb, "additionalAttributes" jsonb, "snoozedUntil" timestamptz, "waitingSince" timestamptz,
        "firstReplyCreatedAt" timestamptz, "createdAt" timestamptz, "lastActivityAt" timestamptz, "updatedAt" timestamptz, "lastMessageId" bigint,
        "completeThrough" bigint, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.id)}::bigint[], ${pairs.map((pair) => pair.project)}::uuid[]) as r (conversation_id, project_id)
        on r.conversation_id = c."conversationId"),
    before as (
      select t.project_id, t.conversation_id, t.status, t.assignee_id
      from given g join cw_conversations t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.conversation_id = g."conversationId"),
    written as (
      insert into cw_conversations as t (project_id, account_scope_id, connection_id, conversation_id, uuid, inbox_id, contact_id, channel, status, priority,
        assignee_id, assignee_type, team_id, labels, custom_attributes, additional_attributes, snoozed_until, waiting_since, first_reply_created_at, created_at,
        last_activity_at, updated_at, last_message_id, complete_through, sanitized, first_seen_at, changed_at)
      select project_id, ${accountScopeId}, ${connectionId}, "conversationId", uuid, "inboxId", "contactId", channel, status, priority, "assigneeId", "assigneeType",
        "teamId", label_list, "customAttributes", "additionalAttributes", "snoozedUntil", "waitingSince", "firstReplyCreatedAt", "createdAt", "lastActivityAt",
        "updatedAt", "lastMessageId", "completeThrough", sanitized, ${reading.now}, ${reading.now} from given
      on conflict (project_id, connection_id, conversation_id) do update set
        uuid = excluded.uuid, inbox_id = excluded.inbox_id, contact_id = excluded.contact_id, channel = excluded.channel, status = excluded.status,
        priority = excluded.priority, assignee_id = excluded.assignee_id, assignee_type = excluded.assignee_type, team_id = excluded.team_id,
        labels = excluded.labels, custom_attributes = excluded.custom_attributes, additional_attributes = excluded.additional_attributes,
        snoozed_until = excluded.snoozed_until, waiting_since = excluded.waiting_since, first_reply_created_at = excluded.first_reply_created_at,
        created_at = excluded.created_at, last_activity_at = excluded.last_activity_at, updated_at = excluded.updated_at,
        last_message_id = excluded.last_message_id, complete_through = greatest(t.complete_through, excluded.complete_through),
        sanitized = excluded.sanitized, changed_at = excluded.changed_at, absent_passes = 0, deleted_at = null
      where (t.uuid, t.inbox_id, t.contact_id, t.channel, t.status, t.priority, t.assignee_id, t.assignee_type, t.team_id, t.labels, t.custom_attributes,
          t.additional_attributes, t.snoozed_until, t.waiting_since, t.first_reply_created_at, t.created_at, t.last_activity_at, t.updated_at, t.last_message_id,
          t.complete_through, t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.uuid, excluded.inbox_id, excluded.contact_id, excluded.channel, excluded.status, excluded.priority, excluded.assignee_id,
          excluded.assignee_type, excluded.team_id, excluded.labels, excluded.custom_attributes, excluded.additional_attributes, excluded.snoozed_until,
          excluded.waiting_since, excluded.first_reply_created_at, excluded.created_at, excluded.last_activity_at, excluded.updated_at,
          excluded.last_message_id, greatest(t.complete_through, excluded.complete_through), excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    happened as (
      select w.*, e.event_type, e.detail from written w left join before b on b.project_id = w.project_id and b.conversation_id = w.conversation_id
      cross join lateral (values
        ('conversation_created', w.inserted, '{}'::jsonb),
        ('conversation_status_changed', not w.inserted and b.status <> w.status, jsonb_build_object('from', b.status, 'to', w.status)),
        ('conversation_assigned', not w.inserted and b.assignee_id is distinct from w.assignee_id, jsonb_build_object('from', b.assignee_id, 'to', w.assignee_id)))
        as e (event_type, so, detail)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'chatwoot', 'system', 'chatwoot:conversation:' || conversation_id,
        case when event_type = 'conversation_created' then created_at else coalesce(updated_at, ${reading.now}) end, ${reading.now},
        detail || jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id),
        'chatwoot:' || connection_id || ':conversation:' || conversation_id || ':' || event_type
          || case when event_type = 'conversation_created' then '' else ':' || extract(epoch from ${reading.now}::timestamptz) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}

/** What is stored of these conversations, in each project. */
export async function marks(reading: Reading, ids: readonly number[]): Promise<Mark[]> {
  return sql<Mark[]>`
    select conversation_id, project_id, complete_through, updated_at from cw_conversations
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and conversation_id = any (${ids as number[]}::bigint[]) and deleted_at is null`;
}

/** The lowest stored message id not older than `since`, per conversation: where a second look at recent messages begins. */
export async function lowestSince(reading: Reading, ids: readonly number[], since: Date): Promise<Map<number, number>> {
  const rows = await sql<{ conversationId: number; lowest: number }[]>`
    select conversation_id, min(message_id) as lowest from cw_messages
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and conversation_id = any (${ids as number[]}::bigint[]) and created_at >= ${since}
    group by conversation_id`;
  return new Map(rows.map((row) => [row.conversationId, row.lowest]));
}

/** Of the listed conversations, those a project holds but that no longer go there (a label or an inbox changed): out, with their messages. */
export async function dropUnrouted(
  reading: Reading,
  listed: readonly number[],
  pairs: readonly { conversationId: number; projectId: string }[],
): Promise<number> {
  if (listed.length === 0) return 0;
  const gone = await sql`
    delete from cw_conversations c
    where c.project_id = any (${reading.scope.projects as string[]}::uuid[]) and c.connection_id = ${reading.connection.id} and c.conversation_id = any (${listed as number[]}::bigint[])
      and not exists (
        select from unnest(${pairs.map((p) => p.conversationId)}::bigint[], ${pairs.map((p) => p.projectId)}::uuid[]) as r (conversation_id, project_id)
        where r.conversation_id = c.conversation_id and r.project_id = c.project_id)`;
  return gone.count;
}
