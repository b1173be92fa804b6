/** What the simulated account holds. Times are epoch seconds with a fraction; how they look on the wire is the business of `render.ts`. */
export type Attributes = Record<string, unknown>;

export type Inbox = { id: number; name: string; channelType: string; email: string | null; timezone: string; domain: string };
export type Agent = { id: number; name: string; email: string; role: "administrator" | "agent"; inboxIds: number[]; teamIds: number[] };
export type Bot = { id: number; name: string };
export type Team = { id: number; name: string; description: string | null };
export type Label = { id: number; title: string; description: string; color: string };
export type CustomAttribute = {
  id: number;
  key: string;
  name: string;
  model: "conversation_attribute" | "contact_attribute";
  type: string;
};
export type Webhook = { id: number; url: string; name: string; subscriptions: string[]; secret: string };

export type Contact = {
  id: number;
  name: string;
  email: string | null;
  phone_number: string | null;
  identifier: string | null;
  blocked: boolean;
  additional_attributes: Attributes;
  custom_attributes: Attributes;
  created_at: number;
  last_activity_at: number | null;
};

export type Attachment = {
  id: number;
  message_id: number;
  file_type: string;
  extension: string | null;
  file_name: string;
  file_size: number;
  width: number | null;
  height: number | null;
};

export type SenderType = "Contact" | "User" | "AgentBot";
export const INCOMING = 0;
export const OUTGOING = 1;
export const ACTIVITY = 2;
export const TEMPLATE = 3;
export type MessageType = typeof INCOMING | typeof OUTGOING | typeof ACTIVITY | typeof TEMPLATE;

export type Message = {
  id: number;
  conversationId: number;
  inboxId: number;
  message_type: MessageType;
  content: string | null;
  content_type: string;
  status: string;
  content_attributes: Attributes;
  created_at: number;
  updated_at: number;
  private: boolean;
  source_id: string | null;
  senderType: SenderType | null;
  senderId: number | null;
  attachments: Attachment[];
  /** The row as the messages endpoint writes it, until something in it changes. */
  json: string | undefined;
};

export type Conversation = {
  /** The display id: the only one that leaves the account. */
  id: number;
  uuid: string;
  inboxId: number;
  contactId: number;
  status: string;
  priority: string | null;
  assigneeId: number | null;
  botAssigneeId: number | null;
  teamId: number | null;
  labels: string[];
  custom_attributes: Attributes;
  additional_attributes: Attributes;
  snoozed_until: number | null;
  created_at: number;
  last_activity_at: number;
  updated_at: number;
  first_reply_created_at: number | null;
  waiting_since: number | null;
  agent_last_seen_at: number | null;
  assignee_last_seen_at: number | null;
  contact_last_seen_at: number | null;
  muted: boolean;
  /** Ascending by id. */
  messages: Message[];
  /** The same rows by (created_at, id), kept only while it differs from `messages`. */
  byTime: Message[] | undefined;
  json: string | undefined;
  jsonActivity?: number | null;
};
