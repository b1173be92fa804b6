/**
 * What the real server does and its published description does not say: each line with the place in Chatwoot's source (4.16) that shows it.
 */
export const BEHAVIOUR = {
  /** app/finders/conversation_finder.rb DEFAULT_STATUS: without `status` only open conversations are listed. */
  status: "open",
  /** conversation_finder.rb: unknown or missing `sort_by` falls back to this, silently. */
  sortBy: "last_activity_at_desc",
  /** conversation_finder.rb, ENV CONVERSATION_RESULTS_PER_PAGE: the server's choice; no parameter changes it. */
  conversationsPerPage: 25,
  /** contacts_controller.rb RESULTS_PER_PAGE. */
  contactsPerPage: 15,
  /** message_finder.rb messages_latest and messages_before. */
  messagesLatest: 20,
  /** message_finder.rb messages_after. */
  messagesAfter: 100,
  /** message_finder.rb messages_between: id >= after and id < before, but cut by created_at. */
  messagesBetween: 1_000,
  /** conversations_controller.rb attachments. */
  attachmentsPerPage: 100,
  /** message.rb validates content length. */
  contentMax: 150_000,
  /** config/initializers/rack_attack.rb RACK_ATTACK_LIMIT, per IP and minute. */
  requestsPerMinute: 3_000,
  /** rack_attack.rb: contact search, per account and minute. */
  searchesPerMinute: 100,
  /** The default responder of rack-attack: text/plain and no Retry-After. */
  throttled: "Retry later\n",
  /** config/locales conversations.messages.deleted, in the account's language. */
  deletedText: "This message was deleted",
  /** Webhooks::Trigger, WEBHOOK_TIMEOUT. */
  webhookTimeoutMs: 5_000,
} as const;

/** request_exception_handler.rb and access_token_auth_helper.rb: the bodies the server really sends, not the swagger's bad_request_error. */
export const ERRORS = {
  noToken: { errors: ["You need to sign in or sign up before continuing."] },
  badToken: { error: "Invalid Access Token" },
  botToken: { error: "Access to this endpoint is not authorized for bots" },
  notAuthorized: { error: "You are not authorized to do this action" },
  notFound: { error: "Resource could not be found" },
} as const;

/** access_token_auth_helper.rb BOT_ACCESSIBLE_ENDPOINTS, as "METHOD pattern". All else is 401 for a bot's token. */
export const BOT_MAY: ReadonlySet<string> = new Set([
  "GET conversations/:id",
  "POST conversations/:id/toggle_status",
  "POST conversations/:id/messages",
  "POST conversations/:id/assignments",
  "GET conversations/:id/labels",
  "POST conversations/:id/labels",
]);

/** webhook_policy.rb, conversation_policy.rb destroy?: administrators only. */
export const ADMIN_ONLY: ReadonlySet<string> = new Set([
  "GET webhooks",
  "POST webhooks",
  "PATCH webhooks/:id",
  "DELETE webhooks/:id",
  "DELETE conversations/:id",
]);

/** Query parameters that the finders and controllers read although the swagger does not list them. Anything else is ignored, as Rails does. */
export const UNDOCUMENTED_QUERY: Readonly<Record<string, readonly string[]>> = {
  "GET conversations": ["sort_by", "updated_within", "conversation_type", "source_id"],
  "GET conversations/:id/messages": ["filter_internal_messages", "before_timestamp"],
  "GET contacts": ["include_contact_inboxes", "labels"],
  "GET contacts/search": ["include_contact_inboxes"],
  "GET contacts/:id": ["include_contact_inboxes"],
  "GET conversations/:id/attachments": ["page"],
};

/** config/routes.rb: routes that the swagger leaves out. */
export const UNDOCUMENTED_ROUTES: ReadonlySet<string> = new Set(["DELETE conversations/:id", "GET conversations/:id/attachments"]);

/** messages_controller.rb and message_builder.rb: parameters of a new message that the swagger leaves out. */
export const UNDOCUMENTED_BODY: Readonly<Record<string, readonly string[]>> = {
  "POST conversations/:id/messages": ["echo_id", "source_id", "cc_emails", "bcc_emails", "to_emails"],
  "POST conversations/:id/labels": ["labels"],
};

/** conversation_finder.rb SORT_OPTIONS. */
export const SORT_KEYS: ReadonlySet<string> = new Set(
  ["last_activity_at", "created_at", "priority", "waiting_since"].flatMap((key) => [`${key}_asc`, `${key}_desc`]).concat("unread"),
);

/** contacts_controller.rb sort_on: the swagger's enum has the first four, each way. */
export const CONTACT_SORTS = [
  "name",
  "email",
  "phone_number",
  "last_activity_at",
  "created_at",
  "company_name",
  "city",
  "country",
] as const;

/** lib/filters/filter_keys.yml: the swagger lists the first four. */
export const FILTER_OPERATORS = [
  "equal_to",
  "not_equal_to",
  "contains",
  "does_not_contain",
  "is_present",
  "is_not_present",
  "is_greater_than",
  "is_less_than",
  "days_before",
  "starts_with",
] as const;

/** app/models/webhook.rb ALLOWED_WEBHOOK_EVENTS. */
export const WEBHOOK_EVENTS = [
  "conversation_status_changed",
  "conversation_updated",
  "conversation_created",
  "contact_created",
  "contact_updated",
  "message_created",
  "message_updated",
  "webwidget_triggered",
  "inbox_created",
  "inbox_updated",
  "conversation_typing_on",
  "conversation_typing_off",
] as const;
