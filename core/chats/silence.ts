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

// Under row-level security an index serves only a comparison of columns with columns, so what is computed is computed in a materialized step before it.

async function end(scope: ProjectScope, now: Date): Promise<number> {
  const { count } = await sql`
    with told as materialized (
      select project_id, account_scope_id, source_ref, occurred_at, payload, replace(dedupe_key, ':client_silent_started', ':client_silent_ended') as dedupe_key,
        (payload ->> 'connection_id')::uuid as connection_id, (payload ->> 'conversation_id')::bigint as conversation_id, (payload ->> 'message_id')::bigint as message_id
      from kag_event_log where project_id = any (${scope.projects as string[]}::uuid[]) and event_type = 'client_silent_started'),
    judged as (
      select o.*, said.client_message_id,
        case when said.client_message_id is not null then 'reply' when c.conversation_id is null or c.deleted_at is not null then 'deleted'
          when c.status = 'resolved' then 'resolved' when not said.waits then 'withdrawn' end as by,
        coalesce(said.client_at, c.deleted_at, case when c.status = 'resolved' then c.updated_at end, ${now}) as at
      from told o
      left join cw_conversations c on c.project_id = o.project_id and c.connection_id = o.connection_id and c.conversation_id = o.conversation_id
      left join cw_messages t on t.project_id = o.project_id and t.connection_id = o.connection_id and t.message_id = o.message_id
      cross join lateral (
        select min(m.created_at) filter (where m.sender_type = 'contact' and (m.created_at, m.message_id) > (t.created_at, t.message_id)) as client_at,
          (array_agg(m.message_id order by m.created_at, m.message_id)
            filter (where m.sender_type = 'contact' and (m.created_at, m.message_id) > (t.created_at, t.message_id)))[1] as client_message_id,
          coalesce((array_agg(m.sender_type order by m.created_at desc, m.message_id desc))[1] = 'user', false) as waits
        from cw_messages m
        where m.conversation_id = o.conversation_id and m.connection_id = o.connection_id and m.project_id = o.project_id and not m.private and m.deleted_at is null
          and (m.sender_type = 'contact' or m.sender_type = 'user' and m.status is distinct from 'failed')) said
      where not exists (select from kag_event_log e where e.project_id = o.project_id and e.dedupe_key = o.dedupe_key))
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'client_silent_ended', 'chatwoot', case by when 'reply' then 'client' else 'system' end, source_ref,
      greatest(at, occurred_at), ${now}, payload || jsonb_build_object('by', by, 'client_message_id', client_message_id), dedupe_key
    from judged where by is not null
    on conflict (project_id, dedupe_key) do nothing`;
  return count;
}

async function start(scope: ProjectScope, now: Date, days: number): Promise<number> {
  const { count } = await sql`
    with told as materialized (
      select project_id, replace(dedupe_key, ':client_silent_started', ':client_silent_ended') as ended_key,
        (payload ->> 'connection_id')::uuid as connection_id, (payload ->> 'conversation_id')::bigint as conversation_id
      from kag_event_log where project_id = any (${scope.projects as string[]}::uuid[]) and event_type = 'client_silent_started'),
    open as materialized (
      select project_id, connection_id, conversation_id from told o
      where not exists (select from kag_event_log e where e.project_id = o.project_id and e.dedupe_key = o.ended_key)),
    waiting as (
      select c.project_id, c.account_scope_id, c.connection_id, c.conversation_id, last.message_id as client_message_id, t.message_id, t.created_at, t.dedupe_key
      from cw_conversations c
      cross join lateral (
        select max(m.created_at) as created_at, (array_agg(m.message_id order by m.created_at desc, m.message_id desc))[1] as message_id
        from cw_messages m
        where m.conversation_id = c.conversation_id and m.connection_id = c.connection_id and m.project_id = c.project_id
          and m.sender_type = 'contact' and not m.private and m.deleted_at is null) last
      cross join lateral (
        select w.message_id, w.created_at, w.dedupe_key from (
          select m.message_id, m.created_at, lead(m.created_at, 1, ${now}) over (order by m.created_at, m.message_id) as next_at,
            'chatwoot:' || m.connection_id || ':message:' || m.message_id || ':client_silent_started' as dedupe_key
          from cw_messages m
          where m.conversation_id = c.conversation_id and m.connection_id = c.connection_id and m.project_id = c.project_id
            and m.sender_type = 'user' and not m.private and m.deleted_at is null and m.status is distinct from 'failed'
            and (last.message_id is null or (m.created_at, m.message_id) > (last.created_at, last.message_id))) w
        where w.next_at - w.created_at >= make_interval(hours => ${days * 24}::int)
          and not exists (select from kag_event_log s where s.project_id = c.project_id and s.dedupe_key = w.dedupe_key)
        order by w.created_at, w.message_id limit 1) t
      where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.deleted_at is null and c.status <> 'resolved'
        -- "not in" is hashed however few open silences the planner expects.
        and (c.project_id, c.connection_id, c.conversation_id) not in (select project_id, connection_id, conversation_id from open))
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'client_silent_started', 'chatwoot', 'system', 'chatwoot:conversation:' || conversation_id,
      created_at + make_interval(hours => ${days * 24}::int), ${now},
      jsonb_build_object('connection_id', connection_id, 'conversation_id', conversation_id, 'message_id', message_id, 'client_message_id', client_message_id),
      dedupe_key
    from waiting
    on conflict (project_id, dedupe_key) do nothing`;
  return count;
}
