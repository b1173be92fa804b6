import type { Attachment, Attributes, Conversation, Message, MessageType, SenderType } from "#test/simulators/chatwoot/rows.ts";
import { INCOMING, OUTGOING } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";

type Account = Store.Store;
export type NewAttachment = { fileType: string; fileName: string; fileSize: number; extension?: string };
export type NewMessage = {
  conversationId: number;
  content: string | null;
  type?: MessageType;
  from?: { type: SenderType; id: number } | null;
  private?: boolean;
  contentType?: string;
  contentAttributes?: Attributes;
  sourceId?: string | null;
  attachments?: readonly NewAttachment[];
  createdAt?: number;
  status?: string;
};

export function append(store: Account, conversation: Conversation, given: NewMessage): Message {
  const at = given.createdAt ?? store.now();
  const id = store.next.message++;
  const type = given.type ?? INCOMING;
  const from =
    given.from === undefined && type === INCOMING ? { type: "Contact" as const, id: conversation.contactId } : (given.from ?? null);
  const row: Message = {
    id,
    conversationId: conversation.id,
    inboxId: conversation.inboxId,
    message_type: type,
    content: given.content,
    content_type: given.contentType ?? "text",
    status: given.status ?? "sent",
    content_attributes: given.contentAttributes ?? {},
    created_at: at,
    updated_at: at,
    private: given.private ?? false,
    source_id: given.sourceId ?? null,
    senderType: from?.type ?? null,
    senderId: from?.id ?? null,
    attachments: (given.attachments ?? []).map((one) => newAttachment(store, id, one)),
    json: undefined,
  };
  conversation.messages.push(row);
  conversation.byTime = undefined;
  store.messages.set(id, row);
  return row;
}

export function settle(store: Account, conversation: Conversation, row: Message, updatedAt: number): void {
  conversation.last_activity_at = row.created_at;
  conversation.updated_at = updatedAt;
  if (row.message_type === INCOMING) {
    conversation.waiting_since ??= row.created_at;
    if (row.senderType === "Contact" && row.senderId !== null) {
      const contact = Store.contact(store, row.senderId);
      contact.last_activity_at = Math.max(contact.last_activity_at ?? 0, updatedAt);
    }
  }
  if (row.message_type === OUTGOING && !row.private) {
    conversation.first_reply_created_at ??= row.created_at;
    conversation.waiting_since = null;
    conversation.agent_last_seen_at = row.created_at;
  }
  Store.changed(store, conversation);
}

/** History as it happened: every stamp is the message's own. For filling a store, not for changing one that is being read. */
export function record(store: Account, given: NewMessage & { createdAt: number }): Message {
  const conversation = Store.conversation(store, given.conversationId);
  const row = append(store, conversation, given);
  settle(store, conversation, row, given.createdAt);
  return row;
}

function newAttachment(store: Account, messageId: number, given: NewAttachment): Attachment {
  return {
    id: store.next.attachment++,
    message_id: messageId,
    file_type: given.fileType,
    extension: given.extension ?? null,
    file_name: given.fileName,
    file_size: given.fileSize,
    width: given.fileType === "image" ? 1280 : null,
    height: given.fileType === "image" ? 720 : null,
  };
}
