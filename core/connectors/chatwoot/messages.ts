import type { Attachment, Message } from "#core/connectors/chatwoot/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";
import { type Cue, cues } from "#core/events/detect.ts";

export type Route = { conversationId: number; projectId: string };
const ROWS_PER_STATEMENT = 5_000;

/** What a message's text says, where a person wrote it to the other side: no note, no bot, no template, no activity. */
function said({ content, deleted, messageType, private: note, senderType }: Message): Cue[] {
  if (note || deleted) return [];
  if (messageType === "incoming" && senderType === "contact") return cues(content, "client");
  return messageType === "outgoing" && senderType === "user" ? cues(content, "team") : [];
}

/**
 * Messages into every project their conversation goes to, with their events, in one statement a slice. A message that does not differ is not
 * touched; an edit and a deletion are told apart by what changed in the stored row.
 */
export async function upsert(
  reading: Reading,
  messages: readonly Message[],
  attachments: readonly Attachment[],
  routes: readonly Route[],
): Promise<Written> {
  if (messages.length === 0 || routes.length === 0) return { rows: 0, events: 0 };
  const unique = [...new Map(messages.map((message) => [message.messageId, message])).values()];
  const fanOut = Math.max(1, Math.ceil(routes.length / new Set(routes.map((route) => route.conversationId)).size));
  const slice = Math.max(1, Math.floor(ROWS_PER_STATEMENT / fanOut));
  const total = { rows: 0, events: 0 };
  const changed: number[] = [];
  for (let from = 0; from < unique.length; from += slice) {
    const written = await insert(reading, unique.slice(from, from + slice), routes);
    total.rows += written.rows;
    total.events += written.events;
    changed.push(...(written.updated ?? []));
  }
  total.rows += await attach(reading, attachments, routes, unique, changed);
  return total;
}

async function insert(
  reading: Reading,
  rows: readonly Message[],
  routes: readonly Route[],
): Promise<Written & { updated: number[] | null }> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const heard = rows.flatMap((row) => said(row).map((cue) => ({ messageId: row.messageId, cue })));
  const [written] = await sql<(Written & { updated: number[] | null })[]>`
    with written as (
      insert into cw_messages as t (project_id, account_scope_id, connection_id, message_id, conversation_id, content, content_type, message_type, private, status,
        sender_type, sender_id, sender_name, source_id, content_attributes, created_at, deleted_at, sanitized, first_seen_at)
      select r.project_id, ${accountScopeId}, ${connectionId}, m.message_id, m.conversation_id, m.content, m.content_type, m.message_type, m.private::boolean, m.status,
        m.sender_type, m.sender_id, m.sender_name, m.source_id, m.content_attributes::jsonb, m.created_at, case when m.deleted::boolean then ${reading.now}::timestamptz end, m.sanitized::boolean, ${reading.now}
      from unnest(
        ${rows.map((m) => m.messageId)}::bigint[], ${rows.map((m) => m.conversationId)}::bigint[], ${rows.map((m) => m.content)}::text[],
        ${rows.map((m) => m.contentType)}::text[], ${rows.map((m) => m.messageType)}::text[], ${rows.map((m) => String(m.private))}::text[],
        ${rows.map((m) => m.status)}::text[], ${rows.map((m) => m.senderType)}::text[], ${rows.map((m) => m.senderId)}::bigint[],
        ${rows.map((m) => m.senderName)}::text[], ${rows.map((m) => m.sourceId)}::text[], ${rows.map((m) => JSON.stringify(m.contentAttributes))}::text[],
        ${rows.map((m) => m.createdAt.toISOString())}::timestamptz[], ${rows.map((m) => String(m.deleted))}::text[], ${rows.map((m) => String(m.sanitized))}::text[])
        as m (message_id, conversation_id, content, content_type, message_type, private, status, sender_type, sender_id, sender_name, source_id, content_attributes, created_at,
          deleted, sanitized)
      join unnest(${routes.map((r) => r.conversationId)}::bigint[], ${routes.map((r) => r.projectId)}::uuid[]) as r (conversation_id, project_id)
        on r.conversation_id = m.conversation_id
      on conflict (project_id, connection_id, message_id) do update set
        conversation_id = excluded.conversation_id, content = excluded.content, content_type = excluded.content_type, message_type = excluded.message_type,
        private = excluded.private, status = excluded.status, sender_type = excluded.sender_type, sender_id = excluded.sender_id,
        sender_name = excluded.sender_name, source_id = excluded.source_id, content_attributes = excluded.content_attributes, created_at = excluded.created_at, sanitized = excluded.sanitized, absent_passes = 0,
        edited_at = case when excluded.deleted_at is null and t.content is distinct from excluded.content then ${reading.now} else t.edited_at end,
        deleted_at = case when excluded.deleted_at is not null then coalesce(t.deleted_at, excluded.deleted_at) end
      where (t.conversation_id, t.content, t.content_type, t.message_type, t.private, t.status, t.sender_type, t.sender_id, t.sender_name, t.source_id,
          t.content_attributes, t.created_at, t.sanitized, t.deleted_at is null, t.absent_passes)
        is distinct from (excluded.conversation_id, excluded.content, excluded.content_type, excluded.message_type, excluded.private, excluded.status,
          excluded.sender_type, excluded.sender_id, excluded.sender_name, excluded.source_id, excluded.content_attributes, excluded.created_at, excluded.sanitized, excluded.deleted_at is null, 0::smallint)
      returning t.project_id, t.account_scope_id, t.message_id, t.conversation_id, t.message_type, t.sender_type, t.private, t.created_at, t.edited_at, t.deleted_at,
        (xmax = 0) as inserted),
    happened as (
      select w.*, e.event_type, e.at, e.once from written w
      cross join lateral (values
        ('message_sent', w.inserted and w.message_type <> 'activity', w.created_at, true),
        ('message_edited', not w.inserted and w.edited_at = ${reading.now}, ${reading.now}::timestamptz, false),
        ('message_deleted', w.deleted_at = ${reading.now}, ${reading.now}::timestamptz, false)) as e (event_type, so, at, once)
      where e.so
      union all
      -- Told when the text came, or came to say it; a later text that says it again, or no more, tells nothing.
      select w.*, h.event_type, case when w.inserted then w.created_at else ${reading.now}::timestamptz end, true
      from unnest(${heard.map((h) => h.messageId)}::bigint[], ${heard.map((h) => h.cue)}::text[]) as h (message_id, event_type)
      join written w on w.message_id = h.message_id
      where w.inserted or w.edited_at = ${reading.now}),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'chatwoot',
        case when event_type = 'message_deleted' then 'system' when sender_type = 'contact' then 'client' when sender_type = 'user' then 'team' else 'system' end,
        'chatwoot:message:' || message_id, at, ${reading.now},
        jsonb_build_object('connection_id', ${connectionId}::text, 'conversation_id', conversation_id, 'message_id', message_id, 'private', private),
        'chatwoot:' || ${connectionId}::text || ':message:' || message_id || ':' || event_type
          || case when once then '' else ':' || extract(epoch from ${reading.now}::timestamptz) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events,
      (select array_agg(distinct message_id) from written where not inserted) as updated`;
  return written ?? { rows: 0, events: 0, updated: null };
}

/** What is attached; of a changed message, what no longer is goes. */
async function attach(
  reading: Reading,
  attachments: readonly Attachment[],
  routes: readonly Route[],
  messages: readonly Message[],
  changed: readonly number[],
): Promise<number> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const conversationOf = new Map(messages.map((message) => [message.messageId, message.conversationId]));
  const rows = [...new Map(attachments.map((item) => [item.attachmentId, item])).values()];
  let touched = 0;
  if (changed.length > 0) {
    const gone = await sql`
      delete from cw_attachments_raw a
      where a.project_id = any (${routes.map((r) => r.projectId)}::uuid[]) and a.connection_id = ${connectionId} and a.message_id = any (${changed as number[]}::bigint[])
        and not a.attachment_id = any (${rows.map((row) => row.attachmentId)}::bigint[])`;
    touched += gone.count;
  }
  if (rows.length === 0) return touched;
  const written = await sql`
    insert into cw_attachments_raw as t (project_id, account_scope_id, connection_id, attachment_id, message_id, file_type, extension, file_size, file_url, thumb_url, first_seen_at)
    select r.project_id, ${accountScopeId}, ${connectionId}, a.attachment_id, a.message_id, a.file_type, a.extension, a.file_size, a.file_url, a.thumb_url, ${reading.now}
    from unnest(
      ${rows.map((a) => a.attachmentId)}::bigint[], ${rows.map((a) => a.messageId)}::bigint[], ${rows.map((a) => conversationOf.get(a.messageId) ?? 0)}::bigint[],
      ${rows.map((a) => a.fileType)}::text[], ${rows.map((a) => a.extension)}::text[], ${rows.map((a) => a.fileSize)}::bigint[],
      ${rows.map((a) => a.fileUrl)}::text[], ${rows.map((a) => a.thumbUrl)}::text[])
      as a (attachment_id, message_id, conversation_id, file_type, extension, file_size, file_url, thumb_url)
    join unnest(${routes.map((r) => r.conversationId)}::bigint[], ${routes.map((r) => r.projectId)}::uuid[]) as r (conversation_id, project_id)
      on r.conversation_id = a.conversation_id
    on conflict (project_id, connection_id, attachment_id) do update set
      message_id = excluded.message_id, file_type = excluded.file_type, extension = excluded.extension, file_size = excluded.file_size,
      file_url = excluded.file_url, thumb_url = excluded.thumb_url
    where (t.message_id, t.file_type, t.extension, t.file_size, t.file_url, t.thumb_url)
      is distinct from (excluded.message_id, excluded.file_type, excluded.extension, excluded.file_size, excluded.file_url, excluded.thumb_url)`;
  return touched + written.count;
}
