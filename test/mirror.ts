import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";
import * as Query from "#test/simulators/chatwoot/query.ts";
import type { Contact, Conversation, Message } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";

type Rows = Record<string, unknown>[];
export type Mirror = { conversations: Rows; messages: Rows; contacts: Rows; attachments: Rows };

const TYPES = ["incoming", "outgoing", "activity", "template"];
/** What Postgres cannot hold becomes U+FFFD here as there: written once more, independently of the product. */
const storable = (text: string | null): string | null =>
  text === null || text === "" ? null : text.replaceAll("\0", "\ufffd").toWellFormed();
const byId = (rows: Rows): Rows => rows.toSorted((a, b) => Number(a.id) - Number(b.id));

/** What the simulated account holds of the conversations that are `wanted`, as the mirror should show it. */
export function upstream(store: Store, wanted: (row: Conversation) => boolean = () => true, everyContact = true): Mirror {
  const conversations = [...store.conversations.values()].filter(wanted);
  const senders = new Set(conversations.map((row) => row.contactId));
  const contacts = [...store.contacts.values()].filter((row) => senders.has(row.id) || (everyContact && Query.resolved(row)));
  const messages = conversations.flatMap((row) => row.messages);
  return {
    conversations: byId(conversations.map(conversation)),
    messages: byId(messages.map(message)),
    contacts: byId(contacts.map(contact)),
    attachments: byId(
      messages
        .filter((row) => !gone(row))
        .flatMap((row) => row.attachments.map((one) => ({ id: one.id, message: row.id, size: one.file_size }))),
    ),
  };
}

/** What one project's mirror holds and shows. */
export async function mirror(scope: ProjectScope): Promise<Mirror> {
  return transaction(scope, async () => ({
    conversations: await sql<Rows>`
      select conversation_id as id, inbox_id as inbox, contact_id as contact, status, priority, assignee_id as assignee, labels,
        extract(epoch from created_at)::bigint as created, extract(epoch from last_activity_at)::bigint as active
      from cw_conversations where deleted_at is null order by conversation_id`.then(plain),
    messages: await sql<Rows>`
      select m.message_id as id, m.conversation_id as conversation, m.content, m.message_type as type, m.private, m.deleted_at is not null as deleted,
        extract(epoch from m.created_at)::bigint as created
      from cw_messages m join cw_conversations c using (project_id, connection_id, conversation_id) where c.deleted_at is null order by m.message_id`.then(
      plain,
    ),
    contacts: await sql<Rows>`
      select contact_id as id, name, email, phone_number as phone, blocked from cw_contacts where deleted_at is null order by contact_id`.then(
      plain,
    ),
    attachments: await sql<Rows>`
      select attachment_id as id, message_id as message, file_size as size from cw_attachments_raw order by attachment_id`.then(plain),
  }));
}

const plain = (rows: Rows): Rows => rows.map((row) => ({ ...row }));
const gone = (row: Message): boolean => row.content_attributes.deleted === true;

function conversation(row: Conversation): Record<string, unknown> {
  return {
    id: row.id,
    inbox: row.inboxId,
    contact: row.contactId,
    status: row.status,
    priority: row.priority,
    assignee: row.assigneeId ?? row.botAssigneeId,
    labels: row.labels.toSorted(),
    created: Math.floor(row.created_at),
    active: Math.floor(row.last_activity_at),
  };
}

function message(row: Message): Record<string, unknown> {
  return {
    id: row.id,
    conversation: row.conversationId,
    content: gone(row) ? null : storable(row.content),
    type: TYPES[row.message_type],
    private: row.private,
    deleted: gone(row),
    created: Math.floor(row.created_at),
  };
}

function contact(row: Contact): Record<string, unknown> {
  return { id: row.id, name: storable(row.name), email: storable(row.email), phone: storable(row.phone_number), blocked: row.blocked };
}
