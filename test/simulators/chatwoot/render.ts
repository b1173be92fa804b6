import type { Agent, Attachment, Contact, Conversation, CustomAttribute, Inbox, Message, Team } from "#test/simulators/chatwoot/rows.ts";
import { ACTIVITY, INCOMING } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";

/** Key for key what the jbuilder views and `push_event_data` write (app/views/api/v1, app/models). */
type Row = Record<string, unknown>;
type Account = Store.Store;

const seconds = (at: number | null): number => (at === null ? 0 : Math.trunc(at));
const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1_000).toISOString());

/** models/_contact.json.jbuilder */
export function contact(row: Contact, inboxes?: readonly Inbox[]): Row {
  return {
    additional_attributes: row.additional_attributes,
    availability_status: "offline",
    email: row.email,
    id: row.id,
    name: row.name,
    phone_number: row.phone_number,
    blocked: row.blocked,
    identifier: row.identifier,
    thumbnail: "",
    custom_attributes: row.custom_attributes,
    ...(row.last_activity_at === null ? {} : { last_activity_at: seconds(row.last_activity_at) }),
    created_at: seconds(row.created_at),
    ...(inboxes ? { contact_inboxes: inboxes.map((inbox) => ({ source_id: sourceId(row, inbox), inbox: slimInbox(inbox) })) } : {}),
  };
}

/** Contact#push_event_data */
export function contactEvent(row: Contact): Row {
  return {
    additional_attributes: row.additional_attributes,
    custom_attributes: row.custom_attributes,
    email: row.email,
    id: row.id,
    identifier: row.identifier,
    name: row.name,
    phone_number: row.phone_number,
    thumbnail: "",
    blocked: row.blocked,
    type: "contact",
  };
}

/** User#push_event_data */
function agentEvent(row: Agent): Row {
  return {
    id: row.id,
    name: row.name,
    available_name: row.name,
    avatar_url: "",
    type: "user",
    availability_status: "online",
    thumbnail: "",
  };
}

/** models/_agent.json.jbuilder */
export function agent(account: Account, row: Agent): Row {
  return {
    id: row.id,
    account_id: account.accountId,
    availability_status: "online",
    auto_offline: true,
    confirmed: true,
    email: row.email,
    provider: "email",
    available_name: row.name,
    name: row.name,
    role: row.role,
    thumbnail: "",
  };
}

/** models/_team.json.jbuilder */
export function team(account: Account, row: Team, viewer?: Agent): Row {
  const { id, name, description } = row;
  return {
    id,
    name,
    description,
    allow_auto_assign: true,
    account_id: account.accountId,
    is_member: viewer?.teamIds.includes(id) ?? false,
  };
}

/** models/_inbox.json.jbuilder, for the channels the simulator knows. */
export function inbox(row: Inbox): Row {
  const widget = row.channelType === "Channel::WebWidget";
  return {
    ...slimInbox(row),
    greeting_enabled: false,
    greeting_message: null,
    working_hours_enabled: false,
    enable_email_collect: true,
    csat_survey_enabled: false,
    csat_config: {},
    enable_auto_assignment: true,
    auto_assignment_config: {},
    out_of_office_message: null,
    working_hours: [],
    timezone: row.timezone,
    callback_webhook_url: null,
    allow_messages_after_resolved: true,
    lock_to_single_conversation: false,
    sender_name_type: "friendly",
    business_name: null,
    allowed_domains: widget ? "" : null,
    widget_color: widget ? "#1f93ff" : null,
    website_url: widget ? `https://${row.domain}` : null,
    hmac_mandatory: widget ? false : null,
    welcome_title: null,
    welcome_tagline: null,
    web_widget_script: null,
    website_token: widget ? `site-${row.id}` : null,
    selected_feature_flags: widget ? ["attachments", "emoji_picker"] : null,
    reply_time: widget ? "in_a_few_minutes" : null,
    messaging_service_sid: null,
    phone_number: null,
    ...(row.channelType === "Channel::Email" ? { email: row.email } : {}),
  };
}

function slimInbox(row: Inbox): Row {
  return { id: row.id, avatar_url: "", channel_id: row.id, name: row.name, channel_type: row.channelType, provider: null };
}

/** models/_custom_attribute_definition.json.jbuilder */
export function customAttribute(row: CustomAttribute): Row {
  return {
    id: row.id,
    attribute_display_name: row.name,
    attribute_display_type: row.type,
    attribute_description: "",
    attribute_key: row.key,
    regex_pattern: null,
    regex_cue: null,
    attribute_values: [],
    attribute_model: row.model,
    default_value: null,
    created_at: "2024-01-01T00:00:00.000Z",
    updated_at: "2024-01-01T00:00:00.000Z",
  };
}

/** Attachment#push_event_data. On cloud storage `data_url` is signed and expires, so its query differs with every reading. */
export function attachment(account: Account, row: Attachment): Row {
  const url = `https://files.example.test/${row.id}/${encodeURIComponent(row.file_name)}`;
  return {
    id: row.id,
    message_id: row.message_id,
    file_type: row.file_type,
    account_id: account.accountId,
    extension: row.extension,
    data_url: `${url}?X-Amz-Expires=300&X-Amz-Signature=${Math.trunc(account.now()).toString(16)}`,
    thumb_url: row.file_type === "image" ? `${url}?thumb=1` : "",
    file_size: row.file_size,
    width: row.width,
    height: row.height,
  };
}

/** models/_message.json.jbuilder: no sender_type, sender_id, updated_at or account_id here. */
export function message(account: Account, row: Message): Row {
  const from = sender(account, row);
  return {
    id: row.id,
    content: row.content,
    inbox_id: row.inboxId,
    conversation_id: row.conversationId,
    message_type: row.message_type,
    content_type: row.content_type,
    status: row.status,
    content_attributes: row.content_attributes,
    created_at: seconds(row.created_at),
    private: row.private,
    source_id: row.source_id,
    ...(from ? { sender: from } : {}),
    ...(row.attachments.length > 0 ? { attachments: row.attachments.map((one) => attachment(account, one)) } : {}),
  };
}

export function messageJson(account: Account, row: Message): string {
  if (row.attachments.length > 0) return JSON.stringify(message(account, row));
  row.json ??= JSON.stringify(message(account, row));
  return row.json;
}

/** Message#push_event_data, embedded in a conversation's row: the raw attributes and a word on the conversation. */
export function messageEvent(account: Account, row: Message): Row {
  const conversation = Store.conversation(account, row.conversationId);
  const from = sender(account, row);
  return {
    id: row.id,
    content: row.content,
    account_id: account.accountId,
    inbox_id: row.inboxId,
    conversation_id: row.conversationId,
    message_type: row.message_type,
    created_at: seconds(row.created_at),
    updated_at: iso(row.updated_at),
    private: row.private,
    status: row.status,
    source_id: row.source_id,
    content_type: row.content_type,
    content_attributes: row.content_attributes,
    sender_type: row.senderType,
    sender_id: row.senderId,
    external_source_ids: {},
    additional_attributes: {},
    processed_message_content: row.content,
    sentiment: {},
    conversation: {
      assignee_id: conversation.assigneeId,
      unread_count: unread(conversation),
      last_activity_at: seconds(conversation.last_activity_at),
      contact_inbox: { source_id: sourceId(Store.contact(account, conversation.contactId), Store.inbox(account, conversation.inboxId)) },
    },
    ...(row.attachments.length > 0 ? { attachments: row.attachments.map((one) => attachment(account, one)) } : {}),
    ...(from ? { sender: from } : {}),
  };
}

export function sender(account: Account, row: Message): Row | undefined {
  if (row.senderId === null) return undefined;
  if (row.senderType === "Contact") {
    const found = account.contacts.get(row.senderId);
    return found && contactEvent(found);
  }
  if (row.senderType === "User") {
    const found = account.agents.get(row.senderId);
    return found && agentEvent(found);
  }
  const bot = account.bots.get(row.senderId);
  return bot && { id: bot.id, name: bot.name, avatar_url: "", type: "agent_bot" };
}

function sourceId(row: Contact, inbox: Inbox): string {
  return inbox.channelType === "Channel::Email" ? (row.email ?? `contact-${row.id}`) : `visitor-${row.id}-${inbox.id}`;
}

const unread = (row: Conversation): number =>
  row.messages.filter((one) => one.message_type === INCOMING && one.created_at > (row.agent_last_seen_at ?? 0)).length;

/** conversations/partials/_conversation.json.jbuilder. The embedded message is the last by created_at, which after an import is not the highest id. */
export function conversation(account: Account, row: Conversation): Row {
  const ordered = Store.byTime(row);
  const last = ordered.at(-1);
  const said = ordered.findLast((one) => one.message_type !== ACTIVITY);
  const assignee = row.assigneeId === null ? undefined : account.agents.get(row.assigneeId);
  const bot = row.botAssigneeId === null ? undefined : account.bots.get(row.botAssigneeId);
  const its = row.teamId === null ? undefined : account.teams.get(row.teamId);
  return {
    meta: {
      sender: contact(Store.contact(account, row.contactId)),
      channel: Store.inbox(account, row.inboxId).channelType,
      ...(bot ? { assignee: { id: bot.id, name: bot.name, description: null, thumbnail: "" }, assignee_type: "AgentBot" } : {}),
      ...(assignee && !bot ? { assignee: agent(account, assignee), assignee_type: "User" } : {}),
      ...(its ? { team: team(account, its) } : {}),
      hmac_verified: false,
    },
    id: row.id,
    messages: last ? [messageEvent(account, last)] : [],
    account_id: account.accountId,
    uuid: row.uuid,
    additional_attributes: row.additional_attributes,
    agent_last_seen_at: seconds(row.agent_last_seen_at),
    assignee_last_seen_at: seconds(row.assignee_last_seen_at),
    can_reply: true,
    contact_last_seen_at: seconds(row.contact_last_seen_at),
    custom_attributes: row.custom_attributes,
    inbox_id: row.inboxId,
    labels: row.labels,
    muted: row.muted,
    // The view writes the raw column, so unlike its neighbours this is a text.
    snoozed_until: iso(row.snoozed_until),
    status: row.status,
    created_at: seconds(row.created_at),
    updated_at: Math.round(row.updated_at * 1_000) / 1_000,
    timestamp: seconds(row.last_activity_at),
    first_reply_created_at: seconds(row.first_reply_created_at),
    unread_count: unread(row),
    last_non_activity_message: said ? messageEvent(account, said) : null,
    last_activity_at: seconds(row.last_activity_at),
    priority: row.priority,
    waiting_since: seconds(row.waiting_since),
    sla_policy_id: null,
  };
}

export function conversationJson(account: Account, row: Conversation): string {
  row.json ??= JSON.stringify(conversation(account, row));
  return row.json;
}

/** messages/index.json.jbuilder */
export function messagesMeta(account: Account, row: Conversation): Row {
  const assignee = row.assigneeId === null ? undefined : account.agents.get(row.assigneeId);
  return {
    labels: row.labels,
    additional_attributes: row.additional_attributes,
    contact: contactEvent(Store.contact(account, row.contactId)),
    ...(assignee ? { assignee: agentEvent(assignee) } : {}),
    agent_last_seen_at: iso(row.agent_last_seen_at),
    assignee_last_seen_at: iso(row.assignee_last_seen_at),
  };
}
