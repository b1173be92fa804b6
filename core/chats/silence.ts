import { config } from "#core/config.ts";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How many silences began and ended. */
export type Noted = { started: number; ended: number };

/**
 * Notes which clients fell silent and which wrote again, for every living conversation of the projects. A silence begins `days` (of 24 hours) after the
 * first message of the team that waited so long since the client's last word, and lasts until the client writes, whatever the team adds; it ends too when
 * the conversation is resolved or gone, or when the team took back all it had said. Private notes, bots and messages that failed to send are not heard.
 * Snoozed and pending conversations wait like open ones. Each silence is told once for the team's message it hangs on, so it may be called at any time,
 * but after a read that failed it would call silent who could not be heard.
 */
export async function note(scope: ProjectScope, now: Date, days: number = config.CLIENT_SILENT_DAYS): Promise<Noted> {
  return transaction(scope, async () => {
    const ended = await end(scope, now);
    return { started: await start(scope, now, days), ended };
  });
}

async function end(scope: ProjectScope, now: Date): Promise<number> {
  const { count } = await sql`
    with open as (
      select s.project_id, s.account_scope_id, s.source_ref, s.occurred_at, s.payload, replace(s.dedupe_key, ':client_silent_started', ':client_silent_ended') as dedupe_key,
        (s.payload ->> 'connection_id')::uuid as connection_id, (s.payload ->> 'conversation_id')::bigint as conversation_id, (s.payload ->> 'message_id')::bigint as message_id
      from kag_event_log s
      where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.event_type = 'client_silent_started'
        and not exists (
          select from kag_event_log e
          where e.project_id = s.project_id and e.dedupe_key = replace(s.dedupe_key, ':client_silent_started', ':client_silent_ended'))),
    judged as (
      select o.*, reply.message_id as client_message_id,
        case when reply.message_id is not null then 'reply' when c.conversation_id is null or c.deleted_at is not null then 'deleted'
          when c.status = 'resolved' then 'resolved' when not waits.so then 'withdrawn' end as by,
        coalesce(reply.created_at, case when c.deleted_at is null and c.status = 'resolved' then c.updated_at end, c.deleted_at, ${now}) as at
      from open o
      left join cw_conversations c on c.project_id = o.project_id and c.connection_id = o.connection_id and c.conversation_id = o.conversation_id
      left join cw_messages t on t.project_id = o.project_id and t.connection_id = o.connection_id and t.message_id = o.message_id
      left join lateral (
        select m.message_id, m.created_at from cw_messages m
        where m.conversation_id = o.conversation_id and m.connection_id = o.connection_id and m.project_id = o.project_id
          and m.sender_type = 'contact' and not m.private and m.deleted_at is null and (m.created_at, m.message_id) > (t.created_at, t.message_id)
        order by m.created_at, m.message_id limit 1) reply on true
      cross join lateral (
        select exists (
          select from cw_messages m
          where m.conversation_id = o.conversation_id and m.connection_id = o.connection_id and m.project_id = o.project_id
            and m.sender_type = 'user' and not m.private and m.deleted_at is null and m.status is distinct from 'failed'
            and not exists (
              select from cw_messages r
              where r.conversation_id = m.conversation_id and r.connection_id = m.connection_id and r.project_id = m.project_id
                and r.sender_type = 'contact' and not r.private and r.deleted_at is null and (r.created_at, r.message_id) > (m.created_at, m.message_id))) as so) waits)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'client_silent_ended', 'chatwoot', case by when 'reply' then 'client' else 'system' end, source_ref,
      greatest(at, occurred_at), ${now}, payload || jsonb_build_object('by', by, 'client_message_id', client_message_id), dedupe_key
    from judged where by is not null
    on conflict (project_id, dedupe_key) do nothing`;
  return count;
}

async function start(scope: ProjectScope, now: Date, days: number): Promise<number> {
  const { count } = await sql`
    with open as (
      select s.project_id, (s.payload ->> 'connection_id')::uuid as connection_id, (s.payload ->> 'conversation_id')::bigint as conversation_id
      from kag_event_log s
      where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.event_type = 'client_silent_started'
        and not exists (
          select from kag_event_log e
          where e.project_id = s.project_id and e.dedupe_key = replace(s.dedupe_key, ':client_silent_started', ':client_silent_ended'))),
    waiting as (
      select c.project_id, c.account_scope_id, c.connection_id, c.conversation_id, last.message_id as client_message_id, t.message_id, t.created_at
      from cw_conversations c
      left join lateral (
        select m.message_id, m.created_at from cw_messages m
        where m.conversation_id = c.conversation_id and m.connection_id = c.connection_id and m.project_id = c.project_id
          and m.sender_type = 'contact' and not m.private and m.deleted_at is null
        order by m.created_at desc, m.message_id desc limit 1) last on true
      cross join lateral (
        select w.message_id, w.created_at from (
          select m.message_id, m.created_at, lead(m.created_at, 1, ${now}) over (order by m.created_at, m.message_id) as next_at from cw_messages m
          where m.conversation_id = c.conversation_id and m.connection_id = c.connection_id and m.project_id = c.project_id
            and m.sender_type = 'user' and not m.private and m.deleted_at is null and m.status is distinct from 'failed'
            and (last.message_id is null or (m.created_at, m.message_id) > (last.created_at, last.message_id))) w
        where w.next_at - w.created_at >= make_interval(hours => ${days * 24}::int)
          and not exists (
            select from kag_event_log s
            where s.project_id = c.project_id and s.dedupe_key = 'chatwoot:' || c.connection_id || ':message:' || w.message_id || ':client_silent_started')
        order by w.created_at, w.message_id limit 1) t
      where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.deleted_at is null and c.status <> 'resolved'
        and not exists (
          select from open o where o.project_id = c.project_id and o.connection_id = c.connection_id and o.conversation_id = c.conversation_id))
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'client_silent_started', 'chatwoot', 'system', 'chatwoot:conversation:' || conversation_id,
      created_at + make_interval(hours => ${days * 24}::int), ${now},
      jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id, 'message_id', message_id, 'client_message_id', client_message_id),
      'chatwoot:' || connection_id || ':message:' || message_id || ':client_silent_started'
    from waiting
    on conflict (project_id, dedupe_key) do nothing`;
  return count;
}
