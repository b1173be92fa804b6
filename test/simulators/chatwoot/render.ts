import * as Directory from "#test/simulators/chatwoot/directory.ts";
import type { Attachment, Conversation, Message } from "#test/simulators/chatwoot/rows.ts";
import { ACTIVITY, INCOMING } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";

/** Key for key what the jbuilder views and `push_event_data` write of what is said (app/views/api/v1, app/models). */
type Row = Record<string, unknown>;
type Account = Store.Store;

const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1_000).toISOString());

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
    created_at: Directory.seconds(row.created_at),
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
    created_at: Directory.seconds(row.created_at),
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
      last_activity_at: Directory.seconds(conversation.last_activity_at),
      contact_inbox: {
        source_id: Directory.sourceId(Store.contact(account, conversation.contactId), Store.inbox(account, conversation.inboxId)),
      },
    },
    ...(row.attachments.length > 0 ? { attachments: row.attachments.map((one) => attachment(account, one)) } : {}),
    ...(from ? { sender: from } : {}),
  };
}

export function sender(account: Account, row: Message): Row | undefined {
  if (row.senderId === null) return undefined;
  if (row.senderType === "Contact") {
    const found = account.contacts.get(row.senderId);
    return found && Directory.contactEvent(found);
  }
  if (row.senderType === "User") {
    const found = account.agents.get(row.senderId);
    return found && Directory.agentEvent(found);
  }
  const bot = account.bots.get(row.senderId);
  return bot && { id: bot.id, name: bot.name, avatar_url: "", type: "agent_bot" };
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
      sender: Directory.contact(Store.contact(account, row.contactId)),
      channel: Store.inbox(account, row.inboxId).channelType,
      ...(bot ? { assignee: { id: bot.id, name: bot.name, description: null, thumbnail: "" }, assignee_type: "AgentBot" } : {}),
      ...(assignee && !bot ? { assignee: Directory.agent(account, assignee), assignee_type: "User" } : {}),
      ...(its ? { team: Directory.team(account, its) } : {}),
      hmac_verified: false,
    },
    id: row.id,
    messages: last ? [messageEvent(account, last)] : [],
    account_id: account.accountId,
    uuid: row.uuid,
    additional_attributes: row.additional_attributes,
    agent_last_seen_at: Directory.seconds(row.agent_last_seen_at),
    assignee_last_seen_at: Directory.seconds(row.assignee_last_seen_at),
    can_reply: true,
    contact_last_seen_at: Directory.seconds(row.contact_last_seen_at),
    custom_attributes: row.custom_attributes,
    inbox_id: row.inboxId,
    labels: row.labels,
    muted: row.muted,
    // The view writes the raw column, so unlike its neighbours this is a text.
    snoozed_until: iso(row.snoozed_until),
    status: row.status,
    created_at: Directory.seconds(row.created_at),
    updated_at: Math.round(row.updated_at * 1_000) / 1_000,
    timestamp: Directory.seconds(row.last_activity_at),
    first_reply_created_at: Directory.seconds(row.first_reply_created_at),
    unread_count: unread(row),
    last_non_activity_message: said ? messageEvent(account, said) : null,
    last_activity_at: Directory.seconds(row.last_activity_at),
    priority: row.priority,
    waiting_since: Directory.seconds(row.waiting_since),
    sla_policy_id: null,
  };
}

export function conversationJson(account: Account, row: Conversation): string {
  // The person's last activity is in it, and moves with any conversation of theirs.
  const activity = Store.contact(account, row.contactId).last_activity_at;
  if (row.json === undefined || row.jsonActivity !== activity) row.json = JSON.stringify(conversation(account, row));
  row.jsonActivity = activity;
  return row.json;
}

/** messages/index.json.jbuilder */
export function messagesMeta(account: Account, row: Conversation): Row {
  const assignee = row.assigneeId === null ? undefined : account.agents.get(row.assigneeId);
  return {
    labels: row.labels,
    additional_attributes: row.additional_attributes,
    contact: Directory.contactEvent(Store.contact(account, row.contactId)),
    ...(assignee ? { assignee: Directory.agentEvent(assignee) } : {}),
    agent_last_seen_at: iso(row.agent_last_seen_at),
    assignee_last_seen_at: iso(row.assignee_last_seen_at),
  };
}
