import type { Span } from "#core/connectors/chatwoot/page.ts";
import type { Message } from "#core/connectors/chatwoot/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** Consecutive complete crawls without a record before it counts as deleted: one may have been moved past a page's edge while it was read. */
const PASSES = 2;

export async function see(reading: Reading, stream: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into connector_crawl_seen (connection_id, account_scope_id, stream, record_id)
    select ${reading.connection.id}, ${reading.connection.accountScopeId}, ${stream}, id from unnest(${ids.map(String)}::text[]) as seen (id)
    on conflict do nothing`;
}

export async function forget(reading: Reading, stream: string): Promise<void> {
  await sql`delete from connector_crawl_seen where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/** Conversations that the pass which ends here did not see: counted, and at the second time deleted with everything that was said in them. */
export async function conversations(reading: Reading, stream: string): Promise<Written> {
  const projects = reading.scope.projects as string[];
  const gone = await sql<{ conversationId: number }[]>`
    with absent as (
      update cw_conversations c
      set absent_passes = c.absent_passes + 1, deleted_at = case when c.absent_passes + 1 >= ${PASSES} then ${reading.now}::timestamptz end,
        custom_attributes = case when c.absent_passes + 1 >= ${PASSES} then '{}' else c.custom_attributes end,
        additional_attributes = case when c.absent_passes + 1 >= ${PASSES} then '{}' else c.additional_attributes end
      where c.project_id = any (${projects}::uuid[]) and c.connection_id = ${reading.connection.id} and c.deleted_at is null
        and not exists (select from connector_crawl_seen s where s.connection_id = c.connection_id and s.stream = ${stream} and s.record_id = c.conversation_id::text)
      returning c.*),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'conversation_deleted', 'chatwoot', 'system', 'chatwoot:conversation:' || conversation_id, ${reading.now}, ${reading.now},
        jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id),
        'chatwoot:' || connection_id || ':conversation:' || conversation_id || ':deleted:' || extract(epoch from ${reading.now}::timestamptz)
      from absent where deleted_at is not null
      on conflict (project_id, dedupe_key) do nothing)
    select distinct conversation_id from absent where deleted_at is not null`;
  if (gone.length === 0) return { rows: 0, events: 0 };
  const ids = gone.map((row) => row.conversationId);
  await sql`
    delete from cw_attachments_raw a using cw_messages m
    where m.project_id = any (${projects}::uuid[]) and m.connection_id = ${reading.connection.id} and m.conversation_id = any (${ids}::bigint[])
      and a.project_id = m.project_id and a.connection_id = m.connection_id and a.message_id = m.message_id`;
  const emptied = await sql`
    update cw_messages set content = null, content_attributes = '{"deleted": true}', source_id = null, deleted_at = coalesce(deleted_at, ${reading.now})
    where project_id = any (${projects}::uuid[]) and connection_id = ${reading.connection.id} and conversation_id = any (${ids}::bigint[]) and deleted_at is null`;
  return { rows: gone.length + emptied.count, events: gone.length };
}

/** Messages that a conversation, read whole from some id on, did not have; those it was given since are left alone. */
export async function messages(reading: Reading, spans: readonly Span[], seen: readonly Message[]): Promise<Written> {
  if (spans.length === 0) return { rows: 0, events: 0 };
  const gone = await sql`
    with absent as (
      update cw_messages m
      set absent_passes = m.absent_passes + 1, deleted_at = case when m.absent_passes + 1 >= ${PASSES} then ${reading.now}::timestamptz end,
        content = case when m.absent_passes + 1 >= ${PASSES} then null else m.content end,
        content_attributes = case when m.absent_passes + 1 >= ${PASSES} then '{"deleted": true}' else m.content_attributes end
      from unnest(${spans.map((s) => s.conversationId)}::bigint[], ${spans.map((s) => s.from)}::bigint[]) as s (conversation_id, from_id)
      where m.project_id = any (${reading.scope.projects as string[]}::uuid[]) and m.connection_id = ${reading.connection.id} and m.conversation_id = s.conversation_id
        and m.message_id >= s.from_id and m.deleted_at is null
        and not m.message_id = any (${seen.map((message) => message.messageId)}::bigint[])
      returning m.*)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'message_deleted', 'chatwoot', 'system', 'chatwoot:message:' || message_id, ${reading.now}, ${reading.now},
      jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id, 'message_id', message_id, 'private', private),
      'chatwoot:' || connection_id || ':message:' || message_id || ':message_deleted:' || extract(epoch from ${reading.now}::timestamptz)
    from absent where deleted_at is not null
    on conflict (project_id, dedupe_key) do nothing`;
  return { rows: gone.count, events: gone.count };
}

/** Contacts that neither the list nor any living conversation knows: counted, and at the second time emptied. */
export async function contacts(reading: Reading, stream: string): Promise<Written> {
  const gone = await sql`
    with absent as (
      update cw_contacts c
      set absent_passes = c.absent_passes + 1
      where c.project_id = any (${reading.scope.projects as string[]}::uuid[]) and c.connection_id = ${reading.connection.id} and c.deleted_at is null
        and not exists (select from connector_crawl_seen s where s.connection_id = c.connection_id and s.stream = ${stream} and s.record_id = c.contact_id::text)
        and not exists (
          select from cw_conversations v
          where v.project_id = c.project_id and v.connection_id = c.connection_id and v.contact_id = c.contact_id and v.deleted_at is null)
      returning c.project_id, c.account_scope_id, c.connection_id, c.contact_id, c.absent_passes)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'contact_deleted', 'chatwoot', 'system', 'chatwoot:contact:' || contact_id, ${reading.now}, ${reading.now},
      jsonb_build_object('connection_id', connection_id, 'contact_id', contact_id),
      'chatwoot:' || connection_id || ':contact:' || contact_id || ':deleted:' || extract(epoch from ${reading.now}::timestamptz)
    from absent where absent_passes >= ${PASSES}
    on conflict (project_id, dedupe_key) do nothing`;
  await sql`
    update cw_contacts set deleted_at = ${reading.now}, name = null, email = null, phone_number = null, identifier = null, company = null,
      custom_attributes = '{}', additional_attributes = '{}'
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and deleted_at is null and absent_passes >= ${PASSES}`;
  return { rows: gone.count, events: gone.count };
}
