import * as Clock from "#core/clock.ts";
import type { Raw } from "#core/connectors/chatwoot/api.ts";
import type { Coverable } from "#core/connectors/chatwoot/coverage.ts";
import { clean, isVouched, vouch } from "#core/connectors/clean.ts";

export type Contact = {
  contactId: number;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  identifier: string | null;
  company: string | null;
  blocked: boolean;
  customAttributes: object;
  additionalAttributes: object;
  createdAt: Date | null;
  lastActivityAt: Date | null;
  sanitized: boolean;
};
export type Conversation = {
  conversationId: number;
  uuid: string | null;
  inboxId: number | null;
  contactId: number | null;
  channel: string | null;
  status: string;
  priority: string | null;
  assigneeId: number | null;
  assigneeType: string | null;
  teamId: number | null;
  labels: string[];
  customAttributes: object;
  additionalAttributes: object;
  snoozedUntil: Date | null;
  waitingSince: Date | null;
  firstReplyCreatedAt: Date | null;
  createdAt: Date;
  lastActivityAt: Date | null;
  updatedAt: Date | null;
  lastMessageId: number;
  sanitized: boolean;
};
export type Message = {
  messageId: number;
  conversationId: number;
  content: string | null;
  contentType: string | null;
  messageType: "incoming" | "outgoing" | "activity" | "template";
  private: boolean;
  status: string | null;
  senderType: string | null;
  senderId: number | null;
  /** Of an agent or a bot. A contact's name is the contact's own, and goes when the contact does. */
  senderName: string | null;
  sourceId: string | null;
  contentAttributes: object;
  createdAt: Date;
  deleted: boolean;
  sanitized: boolean;
};
export type Attachment = {
  attachmentId: number;
  messageId: number;
  fileType: string | null;
  extension: string | null;
  fileSize: number | null;
  fileUrl: string | null;
  thumbUrl: string | null;
};
export type Inbox = { inboxId: number; name: string | null; channelType: string | null };

/** A record that does not have what its kind must have. */
export class Unreadable extends Error {}

const MESSAGE_TYPES = ["incoming", "outgoing", "activity", "template"] as const;
const MILLISECONDS_FROM = 100_000_000_000;

export function contact(raw: Raw): Contact {
  const { value, sanitized } = clean(raw);
  const additional = object(value.additional_attributes);
  return {
    contactId: id(value.id, "contact.id"),
    name: text(value.name),
    email: text(value.email),
    phoneNumber: text(value.phone_number),
    identifier: text(value.identifier),
    company: companyOf(value),
    blocked: value.blocked === true,
    customAttributes: object(value.custom_attributes),
    additionalAttributes: additional,
    createdAt: instant(value.created_at),
    lastActivityAt: instant(value.last_activity_at),
    sanitized,
  };
}

export function conversation(raw: Raw): Conversation {
  // The embedded messages are read on their own; cleaning them here would be work done twice.
  const { messages, last_non_activity_message: lastSaid, ...own } = raw;
  if (isVouched(raw)) vouch([own]);
  const { value, sanitized } = clean(own as Raw);
  const meta = object(value.meta) as Raw;
  const assignee = object(meta.assignee) as Raw;
  const createdAt = instant(value.created_at);
  if (!createdAt) throw new Unreadable(`conversation.created_at is ${kind(value.created_at)}`);
  const embedded = [...(Array.isArray(messages) ? messages : []), lastSaid].map((message) => Number((object(message) as Raw).id ?? 0));
  return {
    conversationId: id(value.id, "conversation.id"),
    uuid: text(value.uuid),
    inboxId: optionalId(value.inbox_id),
    contactId: optionalId((object(meta.sender) as Raw).id),
    channel: text(meta.channel),
    status: text(value.status) ?? "open",
    priority: text(value.priority),
    assigneeId: optionalId(assignee.id),
    assigneeType: optionalId(assignee.id) === null ? null : (text(meta.assignee_type) ?? "User"),
    teamId: optionalId((object(meta.team) as Raw).id),
    labels: labelsOf(value),
    customAttributes: object(value.custom_attributes),
    additionalAttributes: object(value.additional_attributes),
    snoozedUntil: instant(value.snoozed_until),
    waitingSince: instant(value.waiting_since),
    firstReplyCreatedAt: instant(value.first_reply_created_at),
    createdAt,
    lastActivityAt: instant(value.last_activity_at),
    updatedAt: instant(value.updated_at),
    lastMessageId: Math.max(0, ...embedded.filter(Number.isSafeInteger)),
    sanitized,
  };
}

/** What routes a conversation, of one that cannot be read as far as it is legible. */
export function coverable(raw: Raw): Coverable {
  return { inboxId: optionalId(raw.inbox_id), labels: labelsOf(raw), company: companyOf(object((object(raw.meta) as Raw).sender) as Raw) };
}

/** The company of a contact as it was sent. */
export const companyOf = (contact: Raw): string | null => text((object(contact.additional_attributes) as Raw).company_name);

const labelsOf = ({ labels }: Raw): string[] =>
  Array.isArray(labels) ? labels.filter((label) => typeof label === "string").toSorted() : [];

/** The person a conversation is with. Anonymous visitors are found nowhere else: the contact list leaves them out. */
export function senderOf(raw: Raw): Contact | undefined {
  const sender = object((object(raw.meta) as Raw).sender) as Raw;
  return sender.id === undefined ? undefined : contact(sender);
}

export function message(raw: Raw, conversationId: number): { message: Message; attachments: Attachment[] } {
  const { value, sanitized } = clean(raw);
  const messageId = id(value.id, "message.id");
  const messageType = typeof value.message_type === "number" ? MESSAGE_TYPES[value.message_type] : undefined;
  if (messageType === undefined) throw new Unreadable(`message.message_type is ${kind(value.message_type)}`);
  const createdAt = instant(value.created_at);
  if (!createdAt) throw new Unreadable(`message.created_at is ${kind(value.created_at)}`);
  const attributes = object(value.content_attributes);
  // A deleted message keeps its row upstream, with a localized line for a text: here nothing of its text stays.
  const deleted = (attributes as Raw).deleted === true;
  const sender = object(value.sender) as Raw;
  return {
    message: {
      messageId,
      conversationId,
      content: deleted ? null : text(value.content),
      contentType: text(value.content_type),
      messageType,
      private: value.private === true,
      status: text(value.status),
      senderType: text(sender.type),
      senderId: optionalId(sender.id),
      senderName: sender.type === "contact" ? null : text(sender.name),
      sourceId: text(value.source_id),
      contentAttributes: deleted ? { deleted: true } : attributes,
      createdAt,
      deleted,
      sanitized,
    },
    attachments:
      deleted || !Array.isArray(value.attachments) ? [] : value.attachments.map((item) => attachment(object(item) as Raw, messageId)),
  };
}

export function attachment(raw: Raw, messageId: number): Attachment {
  return {
    attachmentId: id(raw.id, "attachment.id"),
    messageId,
    fileType: text(raw.file_type),
    extension: text(raw.extension),
    fileSize: typeof raw.file_size === "number" && Number.isSafeInteger(raw.file_size) ? raw.file_size : null,
    fileUrl: unsigned(raw.data_url),
    thumbUrl: unsigned(raw.thumb_url),
  };
}

export function inbox(raw: Raw): Inbox {
  const { value } = clean(raw);
  return { inboxId: id(value.id, "inbox.id"), name: text(value.name), channelType: text(value.channel_type) };
}

/** Seconds (Chatwoot's own), milliseconds or an ISO text; 0 means "never", as its views write it. Null outside of `Clock.storable`. */
export function instant(value: unknown): Date | null {
  if (value === null || value === undefined || value === 0 || value === "") return null;
  const number = typeof value === "number" ? value : typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  const at = Number.isNaN(number) ? Date.parse(String(value)) : Math.round(number < MILLISECONDS_FROM ? number * 1_000 : number);
  return Clock.storable(at) ? new Date(at) : null;
}

function id(value: unknown, where: string): number {
  const found = optionalId(value);
  if (found === null) throw new Unreadable(`${where} is ${kind(value)}`);
  return found;
}

function optionalId(value: unknown): number | null {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : null;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const object = (value: unknown): object => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const kind = (value: unknown): string =>
  value === undefined ? "missing" : value === null ? "null" : `a ${typeof value} that cannot be read`;
/** A URL without its query: the signature in it expires and says nothing of the file. */
const unsigned = (value: unknown): string | null => text(value)?.split("?")[0] ?? null;
