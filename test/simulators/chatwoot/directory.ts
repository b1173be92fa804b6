import type { Agent, Contact, CustomAttribute, Inbox, Team } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";

/** Key for key what the jbuilder views and `push_event_data` write of people, inboxes and lists (app/views/api/v1/models, app/models). */
type Row = Record<string, unknown>;
type Account = Store;

export const seconds = (at: number | null): number => (at === null ? 0 : Math.trunc(at));

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
export function agentEvent(row: Agent): Row {
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

export function sourceId(row: Contact, inbox: Inbox): string {
  return inbox.channelType === "Channel::Email" ? (row.email ?? `contact-${row.id}`) : `visitor-${row.id}-${inbox.id}`;
}
