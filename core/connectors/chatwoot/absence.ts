import * as Absence from "#core/connectors/absence.ts";
import type { Span } from "#core/connectors/chatwoot/page.ts";
import type { Message } from "#core/connectors/chatwoot/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

const { PASSES } = Absence;
const NOTHING: Written = { rows: 0, events: 0 };
const mine = (reading: Reading) =>
  sql`project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and deleted_at is null`;

/** Counts against the messages that a conversation, read whole from some id on, did not have. */
export async function markMessages(reading: Reading, spans: readonly Span[], seen: readonly Message[]): Promise<number> {
  if (spans.length === 0) return 0;
  const marked = await sql`
    update cw_messages m set absent_passes = m.absent_passes + 1
    from unnest(${spans.map((s) => s.conversationId)}::bigint[], ${spans.map((s) => s.from)}::bigint[]) as s (conversation_id, from_id)
    where ${mine(reading)} and m.conversation_id = s.conversation_id and m.message_id >= s.from_id and m.absent_passes < ${PASSES}
      and not m.message_id = any (${seen.map((message) => message.messageId)}::bigint[])`;
  return marked.count;
}

/** Ends a pass over the conversations: those it did not see are counted, and what two passes missed is deleted, with everything that was said in it. */
export async function conversations(reading: Reading, stream: string): Promise<Written> {
  const marked = await sql`
    update cw_conversations c set absent_passes = c.absent_passes + 1
    where ${mine(reading)} and c.absent_passes < ${PASSES}
      and not exists (select from connector_crawl_seen s where s.connection_id = c.connection_id and s.stream = ${stream} and s.record_id = c.conversation_id::text)`;
  const counts = await sql<[Absence.Count, Absence.Count]>`
    with rows as (
      select 1 as kind, conversation_id as id, project_id, absent_passes >= ${PASSES} as gone from cw_conversations where ${mine(reading)}
      union all
      select 2, message_id, project_id, absent_passes >= ${PASSES} from cw_messages where ${mine(reading)})
    select count(distinct id) filter (where gone) as gone, count(distinct id) as live,
      coalesce(array_agg(distinct project_id::text) filter (where gone), '{}') as projects
    from (values (1), (2)) k (kind) left join rows using (kind) group by kind order by kind`;
  if (!(await Absence.allows(reading, stream, ...counts))) return { rows: marked.count, events: 0 };
  const messages = counts[1].gone > 0 ? await deleteMessages(reading) : NOTHING;
  const gone = counts[0].gone > 0 ? await deleteConversations(reading) : NOTHING;
  return { rows: marked.count + messages.rows + gone.rows, events: messages.events + gone.events };
}

async function deleteMessages(reading: Reading): Promise<Written> {
  const gone = await sql`
    with absent as (
      update cw_messages set deleted_at = ${reading.now}, content = null, content_attributes = '{"deleted": true}'
      where ${mine(reading)} and absent_passes >= ${PASSES} returning *)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'message_deleted', 'chatwoot', 'system', 'chatwoot:message:' || message_id, ${reading.now}, ${reading.now},
      jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id, 'message_id', message_id, 'private', private),
      'chatwoot:' || connection_id || ':message:' || message_id || ':message_deleted:' || extract(epoch from ${reading.now}::timestamptz)
    from absent
    on conflict (project_id, dedupe_key) do nothing`;
  return { rows: gone.count, events: gone.count };
}

async function deleteConversations(reading: Reading): Promise<Written> {
  const projects = reading.scope.projects as string[];
  const gone = await sql<{ conversationId: number }[]>`
    with absent as (
      update cw_conversations set deleted_at = ${reading.now}, custom_attributes = '{}', additional_attributes = '{}'
      where ${mine(reading)} and absent_passes >= ${PASSES} returning *),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'conversation_deleted', 'chatwoot', 'system', 'chatwoot:conversation:' || conversation_id, ${reading.now}, ${reading.now},
        jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id),
        'chatwoot:' || connection_id || ':conversation:' || conversation_id || ':deleted:' || extract(epoch from ${reading.now}::timestamptz)
      from absent
      on conflict (project_id, dedupe_key) do nothing)
    select conversation_id from absent`;
  const ids = [...new Set(gone.map((row) => row.conversationId))];
  await sql`
    delete from cw_attachments_raw a using cw_messages m
    where m.project_id = any (${projects}::uuid[]) and m.connection_id = ${reading.connection.id} and m.conversation_id = any (${ids}::bigint[])
      and a.project_id = m.project_id and a.connection_id = m.connection_id and a.message_id = m.message_id`;
  const emptied = await sql`
    update cw_messages set content = null, content_attributes = '{"deleted": true}', source_id = null, deleted_at = ${reading.now}
    where ${mine(reading)} and conversation_id = any (${ids}::bigint[])`;
  return { rows: gone.length + emptied.count, events: gone.length };
}

/** Ends a pass over the contacts: those that neither the list nor any living conversation knows are counted, and at the second time emptied. */
export async function contacts(reading: Reading, stream: string): Promise<Written> {
  const marked = await sql`
    update cw_contacts c set absent_passes = c.absent_passes + 1
    where ${mine(reading)} and c.absent_passes < ${PASSES}
      and not exists (select from connector_crawl_seen s where s.connection_id = c.connection_id and s.stream = ${stream} and s.record_id = c.contact_id::text)
      and not exists (
        select from cw_conversations v
        where v.project_id = c.project_id and v.connection_id = c.connection_id and v.contact_id = c.contact_id and v.deleted_at is null)`;
  const [count] = await sql<Absence.Count[]>`
    select count(distinct contact_id) filter (where absent_passes >= ${PASSES}) as gone, count(distinct contact_id) as live,
      coalesce(array_agg(distinct project_id::text) filter (where absent_passes >= ${PASSES}), '{}') as projects
    from cw_contacts where ${mine(reading)}`;
  if (!count || !(await Absence.allows(reading, stream, count)) || count.gone === 0) return { rows: marked.count, events: 0 };
  const gone = await sql`
    with absent as (
      update cw_contacts set deleted_at = ${reading.now}, name = null, email = null, phone_number = null, identifier = null, company = null,
        custom_attributes = '{}', additional_attributes = '{}'
      where ${mine(reading)} and absent_passes >= ${PASSES} returning *)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'contact_deleted', 'chatwoot', 'system', 'chatwoot:contact:' || contact_id, ${reading.now}, ${reading.now},
      jsonb_build_object('connection_id', connection_id, 'contact_id', contact_id),
      'chatwoot:' || connection_id || ':contact:' || contact_id || ':deleted:' || extract(epoch from ${reading.now}::timestamptz)
    from absent
    on conflict (project_id, dedupe_key) do nothing`;
  return { rows: marked.count + gone.count, events: gone.count };
}
