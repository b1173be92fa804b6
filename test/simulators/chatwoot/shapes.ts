import type { JsonSchema, OpenApi } from "#test/simulators/spec.ts";

/**
 * The rows as the jbuilder views write them: which keys there are comes from the views, what a key holds from the swagger. `defects` are the keys
 * where the swagger is known to be wrong or silent; nothing else may differ from it.
 */
type Shape = {
  from: readonly string[];
  required: readonly string[];
  optional?: readonly string[];
  defects?: Readonly<Record<string, unknown>>;
};

const NULLABLE_TEXT = { type: ["string", "null"] };
const OBJECT = { type: "object" };
const rows = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const words = (text: string): string[] => text.split(" ");

export function shapes(doc: OpenApi) {
  const closed = ({ from, required, optional = [], defects = {} }: Shape): JsonSchema => {
    const properties: JsonSchema = {};
    for (const key of [...required, ...optional]) {
      const described = from.map((name) => (doc.components.schemas[name]?.properties as JsonSchema | undefined)?.[key]).find(Boolean);
      const schema = defects[key] ?? described;
      if (schema === undefined) throw new Error(`The swagger's ${from.join(", ")} say nothing of ${key}, and no defect is noted.`);
      properties[key] = schema;
    }
    return { type: "object", properties, required: [...required], additionalProperties: false };
  };
  const object = (properties: JsonSchema, optional: readonly string[] = []): JsonSchema => {
    const required = Object.keys(properties).filter((key) => !optional.includes(key));
    return { type: "object", properties, required, additionalProperties: false };
  };

  const inboxOfContact = closed({
    from: [],
    required: words("id avatar_url channel_id name channel_type provider"),
    defects: inside(doc, "contact_inbox", "inbox"),
  });
  const contact = closed({
    from: ["contact_list_item"],
    required: words("additional_attributes availability_status email id name phone_number blocked identifier thumbnail custom_attributes"),
    optional: words("last_activity_at created_at company_id contact_inboxes"),
    // company_id comes with the companies feature. additional_attributes is free, the swagger lists four keys as if they were all.
    defects: {
      company_id: { type: ["integer", "null"] },
      additional_attributes: OBJECT,
      contact_inboxes: rows(object({ source_id: { type: "string" }, inbox: inboxOfContact })),
    },
  });
  const agent = closed({
    from: ["agent", "user"],
    required: words("id account_id availability_status auto_offline confirmed email provider available_name name role thumbnail"),
    optional: words("custom_attributes custom_role_id"),
  });
  const team = closed({ from: ["team"], required: words("id name description allow_auto_assign account_id is_member") });

  // push_event_data: senders as they are broadcast. The swagger's message.sender is a bare object.
  const text = { type: "string" };
  const contactSender = object({
    additional_attributes: OBJECT,
    custom_attributes: OBJECT,
    email: NULLABLE_TEXT,
    id: { type: "integer" },
    identifier: NULLABLE_TEXT,
    name: text,
    phone_number: NULLABLE_TEXT,
    thumbnail: text,
    blocked: { type: "boolean" },
    type: { const: "contact" },
  });
  const userSender = object({
    id: { type: "integer" },
    name: text,
    available_name: text,
    avatar_url: text,
    type: { const: "user" },
    availability_status: text,
    thumbnail: text,
  });
  const botSender = object({ id: { type: "integer" }, name: text, avatar_url: text, type: { const: "agent_bot" } });
  const sender = { anyOf: [contactSender, userSender, botSender] };
  const attachment = closed({
    from: [],
    required: words("id message_id file_type account_id extension data_url thumb_url file_size width height"),
    // extension, width and height are in Attachment#file_metadata only.
    defects: {
      ...insideAttachment(doc),
      extension: NULLABLE_TEXT,
      width: { type: ["number", "null"] },
      height: { type: ["number", "null"] },
    },
  });
  // A message with attachments only has no text: content is nullable.
  const message = closed({
    from: ["message_detailed"],
    required: words("id content inbox_id conversation_id message_type content_type status content_attributes created_at private source_id"),
    optional: words("echo_id sender attachments"),
    defects: { content: NULLABLE_TEXT, content_attributes: OBJECT, sender, attachments: rows(attachment) },
  });
  const embedded = closed({
    from: ["message"],
    required: words(
      "id content account_id inbox_id conversation_id message_type created_at updated_at private status source_id content_type content_attributes sender_type sender_id external_source_ids additional_attributes processed_message_content sentiment conversation",
    ),
    optional: words("sender attachments echo_id"),
    defects: { content: NULLABLE_TEXT, sender, attachments: rows(attachment), echo_id: text },
  });
  const conversation = closed({
    from: ["conversation", "generic_id"],
    required: words(
      "meta id messages account_id uuid additional_attributes agent_last_seen_at assignee_last_seen_at can_reply contact_last_seen_at custom_attributes inbox_id labels muted snoozed_until status created_at updated_at timestamp first_reply_created_at unread_count last_non_activity_message last_activity_at priority waiting_since sla_policy_id",
    ),
    defects: {
      // The enum lacks "snoozed".
      status: { enum: ["open", "resolved", "pending", "snoozed"] },
      // The view writes the raw column: a text, where the swagger has a number.
      snoozed_until: NULLABLE_TEXT,
      messages: { type: "array", items: embedded, maxItems: 1 },
      last_non_activity_message: { anyOf: [embedded, { type: "null" }] },
      meta: object(
        {
          sender: contact,
          channel: text,
          assignee: { anyOf: [agent, object({ id: { type: "integer" }, name: text, description: NULLABLE_TEXT, thumbnail: text })] },
          assignee_type: { enum: ["User", "AgentBot"] },
          team,
          hmac_verified: { type: "boolean" },
        },
        ["assignee", "assignee_type", "team"],
      ),
    },
  });
  const inbox = closed({
    from: ["inbox"],
    required: words(
      "id avatar_url channel_id name channel_type provider greeting_enabled greeting_message working_hours_enabled enable_email_collect csat_survey_enabled csat_config enable_auto_assignment auto_assignment_config out_of_office_message working_hours timezone callback_webhook_url allow_messages_after_resolved lock_to_single_conversation sender_name_type business_name allowed_domains widget_color website_url hmac_mandatory welcome_title welcome_tagline web_widget_script website_token selected_feature_flags reply_time messaging_service_sid phone_number",
    ),
    optional: words("email"),
    // What only a web widget has is null elsewhere (`channel.try`); the swagger gives it plain types.
    defects: {
      csat_config: {},
      allowed_domains: NULLABLE_TEXT,
      email: text,
      widget_color: NULLABLE_TEXT,
      website_url: NULLABLE_TEXT,
      hmac_mandatory: { type: ["boolean", "null"] },
      web_widget_script: NULLABLE_TEXT,
      website_token: NULLABLE_TEXT,
      reply_time: NULLABLE_TEXT,
    },
  });
  const customAttribute = closed({
    from: ["custom_attribute"],
    required: words(
      "id attribute_display_name attribute_display_type attribute_description attribute_key regex_pattern regex_cue attribute_values attribute_model default_value created_at updated_at",
    ),
    // attribute_values is a list; three texts may be null.
    defects: { attribute_values: rows({}), regex_pattern: NULLABLE_TEXT, regex_cue: NULLABLE_TEXT, default_value: NULLABLE_TEXT },
  });
  const webhook = closed({
    from: ["webhook"],
    required: words("id url name subscriptions secret account_id"),
    optional: ["inbox"],
    defects: { inbox: OBJECT },
  });
  const label = closed({ from: ["label"], required: words("id title description color show_on_sidebar") });

  const integer = { type: "integer" };
  const counts = object({ mine_count: integer, assigned_count: integer, unassigned_count: integer, all_count: integer });
  const contactsMeta = object({ count: integer, current_page: { type: ["string", "integer"] }, has_more: { type: "boolean" } }, [
    "has_more",
  ]);
  const messagesMeta = object(
    {
      labels: rows(text),
      additional_attributes: OBJECT,
      contact: contactSender,
      assignee: userSender,
      agent_last_seen_at: NULLABLE_TEXT,
      assignee_last_seen_at: NULLABLE_TEXT,
    },
    ["assignee"],
  );
  const contacts = object({ meta: contactsMeta, payload: rows(contact) });
  const oneWebhook = object({ payload: object({ webhook }) });

  const answers: Record<string, JsonSchema> = {
    "GET conversations": object({ data: object({ meta: counts, payload: rows(conversation) }) }),
    // The filter's answer has no `data` around it, unlike the list's and unlike what the swagger says.
    "POST conversations/filter": object({ meta: counts, payload: rows(conversation) }),
    "GET conversations/:id": conversation,
    "GET conversations/:id/messages": object({ meta: messagesMeta, payload: rows(message) }),
    "POST conversations/:id/messages": message,
    "GET contacts": contacts,
    "GET contacts/search": contacts,
    "POST contacts/filter": contacts,
    "GET contacts/:id": object({ payload: contact }),
    "GET inboxes": object({ payload: rows(inbox) }),
    "GET labels": object({ payload: rows(label) }),
    "GET agents": rows(agent),
    "GET teams": rows(team),
    "GET custom_attribute_definitions": rows(customAttribute),
    // Wrapped twice in index.json.jbuilder; the swagger shows a bare array.
    "GET webhooks": object({ payload: object({ webhooks: rows(webhook) }) }),
    "POST webhooks": oneWebhook,
    "PATCH webhooks/:id": oneWebhook,
  };
  const failure: JsonSchema = {
    anyOf: [object({ error: text }), object({ errors: rows(text) }), object({ message: text, attributes: rows(text) })],
  };
  return { answers, failure };
}

function inside(doc: OpenApi, name: string, key: string): JsonSchema {
  const property = (doc.components.schemas[name]?.properties as Record<string, JsonSchema> | undefined)?.[key];
  return (property?.properties ?? {}) as JsonSchema;
}

function insideAttachment(doc: OpenApi): JsonSchema {
  const list = (doc.components.schemas.message_detailed?.properties as Record<string, JsonSchema> | undefined)?.attachments;
  return ((list?.items as JsonSchema | undefined)?.properties ?? {}) as JsonSchema;
}
