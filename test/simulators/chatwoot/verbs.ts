import { BEHAVIOUR } from "#test/simulators/chatwoot/behaviour.ts";
import { announceConversation, announceMessage } from "#test/simulators/chatwoot/notices.ts";
import type { Attributes, Conversation, Message } from "#test/simulators/chatwoot/rows.ts";
import { ACTIVITY, INCOMING } from "#test/simulators/chatwoot/rows.ts";
import * as Saying from "#test/simulators/chatwoot/saying.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import { uuid } from "#test/simulators/uuid.ts";

type Account = Store.Store;
export type NewConversation = {
  inboxId: number;
  contactId: number;
  status?: string;
  priority?: string | null;
  assigneeId?: number | null;
  teamId?: number | null;
  labels?: string[];
  customAttributes?: Attributes;
  additionalAttributes?: Attributes;
  snoozedUntil?: number | null;
  createdAt?: number;
};
export function createConversation(store: Account, given: NewConversation): Conversation {
  Store.inbox(store, given.inboxId);
  Store.contact(store, given.contactId);
  const at = given.createdAt ?? store.now();
  const id = store.next.conversation++;
  const row: Conversation = {
    id,
    uuid: uuid(`${store.accountId}:conversation:${id}`),
    inboxId: given.inboxId,
    contactId: given.contactId,
    status: given.status ?? "open",
    priority: given.priority ?? null,
    assigneeId: given.assigneeId ?? null,
    botAssigneeId: null,
    teamId: given.teamId ?? null,
    labels: given.labels ?? [],
    custom_attributes: given.customAttributes ?? {},
    additional_attributes: given.additionalAttributes ?? {},
    snoozed_until: given.snoozedUntil ?? null,
    created_at: at,
    last_activity_at: at,
    updated_at: at,
    first_reply_created_at: null,
    waiting_since: null,
    agent_last_seen_at: null,
    assignee_last_seen_at: null,
    contact_last_seen_at: null,
    muted: false,
    messages: [],
    byTime: undefined,
    json: undefined,
  };
  store.conversations.set(id, row);
  Store.changed(store);
  announceConversation(store, "conversation_created", row);
  return row;
}

/** Message creation moves the conversation: `updated_at` to now, `last_activity_at` to the message's own time (message.rb set_conversation_activity). */
export function addMessage(store: Account, given: Saying.NewMessage): Message {
  const conversation = Store.conversation(store, given.conversationId);
  const row = Saying.append(store, conversation, given);
  if (row.message_type === INCOMING && (conversation.status === "resolved" || conversation.status === "snoozed"))
    conversation.status = "open";
  Saying.settle(store, conversation, row, store.now());
  announceMessage(store, "message_created", row);
  return row;
}

/** Ids are new, times are old: what an import from another help desk leaves behind. It moves `last_activity_at` backwards. */
export function importOldMessages(
  store: Account,
  given: { conversationId: number; messages: readonly Omit<Saying.NewMessage, "conversationId">[] },
): Message[] {
  return given.messages.map((one) => addMessage(store, { ...one, conversationId: given.conversationId }));
}

/** An edit touches the message alone; its conversation's `updated_at` stays. */
export function editMessage(
  store: Account,
  given: { id: number; content?: string | null; contentAttributes?: Attributes; status?: string },
): Message {
  const row = Store.message(store, given.id);
  const before = row.content;
  if (given.content !== undefined) row.content = given.content;
  if (given.contentAttributes !== undefined) row.content_attributes = given.contentAttributes;
  if (given.status !== undefined) row.status = given.status;
  touchMessage(store, row);
  announceMessage(store, "message_updated", row, [{ content: { previous_value: before, current_value: row.content } }]);
  return row;
}

/** Soft: the row stays, its text becomes a localized line, its attachments are destroyed. */
export function deleteMessage(store: Account, given: { id: number }): Message {
  const row = Store.message(store, given.id);
  row.content = BEHAVIOUR.deletedText;
  row.content_type = "text";
  row.content_attributes = { deleted: true };
  row.attachments = [];
  touchMessage(store, row);
  announceMessage(store, "message_updated", row);
  return row;
}

export function setStatus(store: Account, given: { id: number; status: string; by?: number; snoozedUntil?: number }): Conversation {
  const row = Store.conversation(store, given.id);
  const before = row.status;
  row.status = given.status;
  row.snoozed_until = given.status === "snoozed" ? (given.snoozedUntil ?? null) : null;
  save(store, row);
  const by = given.by === undefined ? undefined : store.agents.get(given.by)?.name;
  const said: Record<string, string> = {
    resolved: "was marked resolved",
    open: "was reopened",
    pending: "was marked as pending",
    snoozed: "was snoozed",
  };
  if (before !== given.status)
    activity(store, row, `Conversation ${said[given.status] ?? `was marked ${given.status}`} by ${by ?? "System"}`);
  announceConversation(store, "conversation_status_changed", row, [{ status: { previous_value: before, current_value: row.status } }]);
  return row;
}

export function label(store: Account, given: { id: number; labels: string[]; by?: number }): Conversation {
  const row = Store.conversation(store, given.id);
  const before = row.labels;
  row.labels = given.labels;
  save(store, row);
  const by = (given.by === undefined ? undefined : store.agents.get(given.by)?.name) ?? "System";
  const added = given.labels.filter((one) => !before.includes(one));
  const removed = before.filter((one) => !given.labels.includes(one));
  if (added.length > 0) activity(store, row, `${by} added ${added.join(", ")}`);
  if (removed.length > 0) activity(store, row, `${by} removed ${removed.join(", ")}`);
  announceConversation(store, "conversation_updated", row, [{ label_list: { previous_value: before, current_value: row.labels } }]);
  return row;
}

export function assign(
  store: Account,
  given: { id: number; assigneeId: number | null; teamId?: number | null; by?: number },
): Conversation {
  const row = Store.conversation(store, given.id);
  const before = row.assigneeId;
  row.assigneeId = given.assigneeId;
  row.botAssigneeId = null;
  if (given.teamId !== undefined) row.teamId = given.teamId;
  save(store, row);
  const to = row.assigneeId === null ? undefined : store.agents.get(row.assigneeId)?.name;
  const by = (given.by === undefined ? undefined : store.agents.get(given.by)?.name) ?? "System";
  activity(store, row, to ? `Assigned to ${to} by ${by}` : `Conversation unassigned by ${by}`);
  announceConversation(store, "conversation_updated", row, [{ assignee_id: { previous_value: before, current_value: row.assigneeId } }]);
  return row;
}

/** Any other column of a conversation: a save like every other, so `updated_at` moves. */
export function editConversation(
  store: Account,
  given: { id: number; priority?: string | null; customAttributes?: Attributes; additionalAttributes?: Attributes; inboxId?: number },
): Conversation {
  const row = Store.conversation(store, given.id);
  if (given.priority !== undefined) row.priority = given.priority;
  if (given.customAttributes !== undefined) row.custom_attributes = given.customAttributes;
  if (given.additionalAttributes !== undefined) row.additional_attributes = given.additionalAttributes;
  if (given.inboxId !== undefined) row.inboxId = given.inboxId;
  save(store, row);
  announceConversation(store, "conversation_updated", row);
  return row;
}

/** Hard, and without a webhook of its own: the row and everything said in it are gone. */
export function deleteConversation(store: Account, given: { id: number }): void {
  const row = Store.conversation(store, given.id);
  for (const one of row.messages) store.messages.delete(one.id);
  store.conversations.delete(row.id);
  Store.changed(store);
}

function activity(store: Account, conversation: Conversation, content: string): void {
  addMessage(store, { conversationId: conversation.id, content, type: ACTIVITY, from: null });
}

function save(store: Account, row: Conversation): void {
  row.updated_at = store.now();
  Store.changed(store, row);
}

function touchMessage(store: Account, row: Message): void {
  row.updated_at = store.now();
  row.json = undefined;
  Store.changed(store, Store.conversation(store, row.conversationId));
}
