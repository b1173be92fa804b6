import { coversContact, routes } from "#core/connectors/chatwoot/coverage.ts";
import type { Contact, Inbox } from "#core/connectors/chatwoot/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql, transaction } from "#core/db.ts";

export type RoutedContact = { contact: Contact; projects: readonly string[] };

/** Contacts into their projects; a row that does not differ is not touched. Events: seen first, changed in what a person would call a change. */
export async function upsert(reading: Reading, routed: readonly RoutedContact[]): Promise<Written> {
  // One person may talk in several conversations of a page, each of another project: they go to all of these.
  const byId = Map.groupBy(routed, (one) => one.contact.contactId);
  const pairs = [...byId].flatMap(([id, same]) => [...new Set(same.flatMap((one) => one.projects))].map((project) => ({ id, project })));
  const contacts = [...byId.values()].flatMap((same) => same.at(-1)?.contact ?? []);
  if (pairs.length === 0) return { rows: 0, events: 0 };
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, c.*
      from jsonb_to_recordset(${contacts as never}::jsonb) as c (
        "contactId" bigint, name text, email text, "phoneNumber" text, identifier text, company text, blocked boolean, "customAttributes" jsonb,
        "additionalAttributes" jsonb, "createdAt" timestamptz, "lastActivityAt" timestamptz, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.id)}::bigint[], ${pairs.map((pair) => pair.project)}::uuid[]) as r (contact_id, project_id) on r.contact_id = c."contactId"),
    before as (
      select t.project_id, t.contact_id, t.name, t.email, t.phone_number, t.company, t.blocked, t.deleted_at
      from given g join cw_contacts t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.contact_id = g."contactId"),
    written as (
      insert into cw_contacts as t (project_id, account_scope_id, connection_id, contact_id, name, email, phone_number, identifier, company, blocked,
        custom_attributes, additional_attributes, created_at, last_activity_at, sanitized, first_seen_at, changed_at)
      select project_id, ${accountScopeId}, ${connectionId}, "contactId", name, email, "phoneNumber", identifier, company, blocked, "customAttributes",
        "additionalAttributes", "createdAt", "lastActivityAt", sanitized, ${reading.now}, ${reading.now} from given
      on conflict (project_id, connection_id, contact_id) do update set
        name = excluded.name, email = excluded.email, phone_number = excluded.phone_number, identifier = excluded.identifier, company = excluded.company,
        blocked = excluded.blocked, custom_attributes = excluded.custom_attributes, additional_attributes = excluded.additional_attributes,
        created_at = excluded.created_at, last_activity_at = excluded.last_activity_at, sanitized = excluded.sanitized, changed_at = excluded.changed_at,
        absent_passes = 0, deleted_at = null
      where (t.name, t.email, t.phone_number, t.identifier, t.company, t.blocked, t.custom_attributes, t.additional_attributes, t.created_at, t.last_activity_at,
          t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.name, excluded.email, excluded.phone_number, excluded.identifier, excluded.company, excluded.blocked,
          excluded.custom_attributes, excluded.additional_attributes, excluded.created_at, excluded.last_activity_at, excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select w.project_id, w.account_scope_id, case when w.inserted or b.deleted_at is not null then 'contact_created' else 'contact_updated' end, 'chatwoot', 'system',
        'chatwoot:contact:' || w.contact_id, case when w.inserted then coalesce(w.created_at, ${reading.now}) else ${reading.now} end, ${reading.now},
        jsonb_build_object('connection_id', w.connection_id, 'contact_id', w.contact_id),
        'chatwoot:' || w.connection_id || ':contact:' || w.contact_id || case when w.inserted then ':created' else ':updated:' || extract(epoch from ${reading.now}::timestamptz) end
      from written w left join before b on b.project_id = w.project_id and b.contact_id = w.contact_id
      where w.inserted or (b.name, b.email, b.phone_number, b.company, b.blocked, b.deleted_at) is distinct from (w.name, w.email, w.phone_number, w.company, w.blocked, w.deleted_at)
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}

/** Contacts go where a binding covers them on their own, and where they are known from a conversation. */
export async function route(reading: Reading, contacts: readonly Contact[]): Promise<RoutedContact[]> {
  if (contacts.length === 0) return [];
  const ids = contacts.map((contact) => contact.contactId);
  const held = await transaction(reading.scope, () => known(reading, ids));
  return contacts
    .map((contact) => ({
      contact,
      projects: [
        ...new Set([
          ...routes(reading.bindings, (binding) => coversContact(binding, contact.company)),
          ...(held.get(contact.contactId) ?? []),
        ]),
      ],
    }))
    .filter((one) => one.projects.length > 0);
}

/** Which of these contacts a project already holds: those are kept up to date even when no binding covers them on their own. */
export async function known(reading: Reading, ids: readonly number[]): Promise<Map<number, string[]>> {
  const rows = await sql<{ contactId: number; projects: string[] }[]>`
    select contact_id, array_agg(project_id::text) as projects from cw_contacts
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and contact_id = any (${ids as number[]}::bigint[])
    group by contact_id`;
  return new Map(rows.map((row) => [row.contactId, row.projects]));
}

/** The whole list of inboxes, into the projects whose bindings let them through; one that is gone is marked deleted. */
export async function upsertInboxes(reading: Reading, inboxes: readonly Inbox[]): Promise<Written> {
  const rows = reading.scope.projects.flatMap((project) => {
    const bindings = reading.bindings.filter((binding) => binding.projectId === project);
    return inboxes
      .filter((inbox) => bindings.some((binding) => binding.inboxIds.length === 0 || binding.inboxIds.includes(inbox.inboxId)))
      .map((inbox) => ({ ...inbox, project }));
  });
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<{ rows: number }[]>`
    with given as (select * from jsonb_to_recordset(${rows as never}::jsonb) as i (project uuid, "inboxId" bigint, name text, "channelType" text)),
    written as (
      insert into cw_inboxes_raw as t (project_id, account_scope_id, connection_id, inbox_id, name, channel_type, first_seen_at, changed_at)
      select project, ${accountScopeId}, ${connectionId}, "inboxId", name, "channelType", ${reading.now}, ${reading.now} from given
      on conflict (project_id, connection_id, inbox_id) do update set
        name = excluded.name, channel_type = excluded.channel_type, changed_at = excluded.changed_at, deleted_at = null
      where (t.name, t.channel_type, t.deleted_at) is distinct from (excluded.name, excluded.channel_type, null::timestamptz)
      returning 1),
    gone as (
      update cw_inboxes_raw t set deleted_at = ${reading.now}, changed_at = ${reading.now}
      where t.project_id = any (${reading.scope.projects as string[]}::uuid[]) and t.connection_id = ${connectionId} and t.deleted_at is null
        and not exists (select from given g where g.project = t.project_id and g."inboxId" = t.inbox_id)
      returning 1)
    select (select count(*) from written) + (select count(*) from gone) as rows`;
  return { rows: written?.rows ?? 0, events: 0 };
}
