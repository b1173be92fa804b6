import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** A contact of a project, whatever connection it came by. `id` is the record's own reference inside the project. */
export const Contact = z.object({
  id: z.string(),
  connectionId: z.uuid(),
  contactId: z.number(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phoneNumber: z.string().nullable(),
  company: z.string().nullable(),
  blocked: z.boolean(),
  lastActivityAt: z.date().nullable(),
  firstSeenAt: z.date(),
});
export type Contact = z.infer<typeof Contact>;

export const Conversation = z.object({
  id: z.string(),
  connectionId: z.uuid(),
  conversationId: z.number(),
  inboxId: z.number().nullable(),
  contactId: z.number().nullable(),
  channel: z.string().nullable(),
  status: z.string(),
  priority: z.string().nullable(),
  assigneeId: z.number().nullable(),
  labels: z.array(z.string()),
  createdAt: z.date(),
  lastActivityAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
});
export type Conversation = z.infer<typeof Conversation>;

export const Message = z.object({
  id: z.string(),
  connectionId: z.uuid(),
  messageId: z.number(),
  conversationId: z.number(),
  content: z.string().nullable(),
  messageType: z.enum(["incoming", "outgoing", "activity", "template"]),
  private: z.boolean(),
  senderType: z.string().nullable(),
  senderId: z.number().nullable(),
  createdAt: z.date(),
  editedAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
  attachments: z.number(),
});
export type Message = z.infer<typeof Message>;

/** Where the page before ended. Two connections may number alike. */
export type Place = { at: Date; n: number; connectionId: string } | undefined;
export type Window = { before: Place; limit: number };

export async function contacts(scope: ProjectScope, { before, limit, q }: Window & { q: string | undefined }): Promise<Contact[]> {
  const pattern = q ? `%${q.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%` : null;
  return transaction(
    scope,
    () =>
      sql<Contact[]>`
      select 'cwc:' || connection_id || ':' || contact_id as id, connection_id, contact_id, name, email, phone_number, company, blocked, last_activity_at, first_seen_at
      from cw_contacts
      where project_id = ${only(scope)} and deleted_at is null
        and (${pattern}::text is null or name ilike ${pattern} or email ilike ${pattern} or phone_number ilike ${pattern})
        and (${before?.at ?? null}::timestamptz is null or (first_seen_at, contact_id, connection_id) < (${before?.at ?? null}, ${before?.n ?? null}::bigint, ${before?.connectionId ?? null}::uuid))
      order by first_seen_at desc, contact_id desc, connection_id desc limit ${limit}`,
  );
}

export async function conversations(
  scope: ProjectScope,
  { before, limit, status }: Window & { status: string | undefined },
): Promise<Conversation[]> {
  return transaction(
    scope,
    () =>
      sql<Conversation[]>`
      select 'cw:' || connection_id || ':' || conversation_id as id, connection_id, conversation_id, inbox_id, contact_id, channel, status, priority, assignee_id, labels,
        created_at, last_activity_at, deleted_at
      from cw_conversations
      where project_id = ${only(scope)} and (${status ?? null}::text is null or status = ${status ?? null})
        and (${before?.at ?? null}::timestamptz is null or (created_at, conversation_id, connection_id) < (${before?.at ?? null}, ${before?.n ?? null}::bigint, ${before?.connectionId ?? null}::uuid))
      order by created_at desc, conversation_id desc, connection_id desc limit ${limit}`,
  );
}

/** Newest first. Private notes are the team's own: they are left out unless they are asked for. */
export async function messages(
  scope: ProjectScope,
  { before, limit, conversationId, notes }: Window & { conversationId: number | undefined; notes: boolean },
): Promise<Message[]> {
  return transaction(
    scope,
    () =>
      sql<Message[]>`
      select 'cwmsg:' || connection_id || ':' || message_id as id, connection_id, message_id, conversation_id, content, message_type, private, sender_type, sender_id,
        created_at, edited_at, deleted_at,
        (select count(*) from cw_attachments_raw a where a.project_id = m.project_id and a.connection_id = m.connection_id and a.message_id = m.message_id) as attachments
      from cw_messages m
      where project_id = ${only(scope)} and (${notes} or not private)
        and (${conversationId ?? null}::bigint is null or conversation_id = ${conversationId ?? null})
        and (${before?.at ?? null}::timestamptz is null or (created_at, message_id, connection_id) < (${before?.at ?? null}, ${before?.n ?? null}::bigint, ${before?.connectionId ?? null}::uuid))
      order by created_at desc, message_id desc, connection_id desc limit ${limit}`,
  );
}
