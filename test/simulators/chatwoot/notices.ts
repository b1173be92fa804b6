import * as Directory from "#test/simulators/chatwoot/directory.ts";
import * as Render from "#test/simulators/chatwoot/render.ts";
import type { Contact, Conversation, Message } from "#test/simulators/chatwoot/rows.ts";
import { ACTIVITY } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";

/** What a webhook says differs from what the API says: `webhook_data`, with message_type as a word and created_at as a text. */
type Row = Record<string, unknown>;
export type Change = Record<string, { previous_value: unknown; current_value: unknown }>;
const TYPES = ["incoming", "outgoing", "activity", "template"] as const;

/** Activity messages are not announced (message_created is for incoming, outgoing and template only). */
export function announceMessage(
  store: Store.Store,
  event: "message_created" | "message_updated",
  row: Message,
  changed?: readonly Change[],
): void {
  if (nobodyListens(store) || row.message_type === ACTIVITY) return;
  const conversation = Store.conversation(store, row.conversationId);
  const rendered = Render.message(store, row);
  tell(store, event, {
    account: account(store),
    additional_attributes: {},
    content_attributes: row.content_attributes,
    content_type: row.content_type,
    content: row.content,
    conversation: conversationData(store, conversation),
    created_at: new Date(row.created_at * 1_000).toISOString(),
    id: row.id,
    inbox: { id: row.inboxId, name: Store.inbox(store, row.inboxId).name },
    message_type: TYPES[row.message_type],
    private: row.private,
    sender: sender(store, row),
    source_id: row.source_id,
    ...(rendered.attachments ? { attachments: rendered.attachments } : {}),
    ...(changed ? { changed_attributes: changed } : {}),
  });
}

export function announceConversation(
  store: Store.Store,
  event: "conversation_created" | "conversation_updated" | "conversation_status_changed",
  row: Conversation,
  changed?: readonly Change[],
): void {
  if (nobodyListens(store)) return;
  tell(store, event, { ...conversationData(store, row), account: account(store), ...(changed ? { changed_attributes: changed } : {}) });
}

export function announceContact(store: Store.Store, event: "contact_created" | "contact_updated", row: Contact): void {
  if (nobodyListens(store)) return;
  const { type: _, ...rest } = Directory.contactEvent(row);
  tell(store, event, { ...rest, avatar: "", account: account(store) });
}

function tell(store: Store.Store, event: string, payload: Row): void {
  for (const listener of store.listeners) listener({ event, payload: { ...payload, event } });
}

/** Then nothing is rendered: filling a big store must not cost what its webhooks would. */
const nobodyListens = (store: Store.Store): boolean => store.webhooks.size === 0;

const account = (store: Store.Store): Row => ({ id: store.accountId, name: store.accountName });

function sender(store: Store.Store, row: Message): Row | null {
  if (row.senderId === null) return null;
  if (row.senderType === "User") {
    const agent = store.agents.get(row.senderId);
    return agent ? { id: agent.id, name: agent.name, email: agent.email, type: "user" } : null;
  }
  const contact = store.contacts.get(row.senderId);
  if (row.senderType !== "Contact" || !contact) return null;
  const { type: _, ...rest } = Directory.contactEvent(contact);
  return { ...rest, avatar: "", account: account(store) };
}

function conversationData(store: Store.Store, row: Conversation): Row {
  const rendered = Render.conversation(store, row);
  const meta = rendered.meta as Row;
  return {
    additional_attributes: row.additional_attributes,
    can_reply: true,
    channel: meta.channel,
    contact_inbox: { contact_id: row.contactId, inbox_id: row.inboxId },
    id: row.id,
    inbox_id: row.inboxId,
    messages: rendered.messages,
    labels: row.labels,
    meta: { sender: Directory.contactEvent(Store.contact(store, row.contactId)), assignee: meta.assignee ?? null, hmac_verified: false },
    status: row.status,
    custom_attributes: row.custom_attributes,
    snoozed_until: rendered.snoozed_until,
    unread_count: rendered.unread_count,
    first_reply_created_at: rendered.first_reply_created_at,
    priority: row.priority,
    waiting_since: rendered.waiting_since,
    agent_last_seen_at: rendered.agent_last_seen_at,
    contact_last_seen_at: rendered.contact_last_seen_at,
    last_activity_at: rendered.last_activity_at,
    timestamp: rendered.timestamp,
    created_at: rendered.created_at,
    updated_at: rendered.updated_at,
  };
}
