/** Every event the product knows, in one place: what a reader of the log can meet, and which source can produce it. */
export const vocabulary = {
  process_started: { source: "system", does: "A run's attempt began." },
  process_finished: { source: "system", does: "A run ended well; payload: duration_ms and counters." },
  process_failed: { source: "system", does: "A run's attempt failed; payload: duration_ms and the reason." },
  process_warning: { source: "system", does: "Something a person should know; payload: the reason." },

  conversation_created: { source: "chatwoot", does: "A conversation was seen for the first time." },
  conversation_status_changed: { source: "chatwoot", does: "Opened, resolved, snoozed or put to pending; payload: from, to." },
  conversation_assigned: { source: "chatwoot", does: "Handed to somebody, or to nobody; payload: from, to (ids)." },
  conversation_deleted: { source: "chatwoot", does: "Gone upstream: absent from two complete crawls." },
  message_sent: { source: "chatwoot", does: "A client, the team or a bot wrote; payload: conversation_id, private." },
  message_edited: { source: "chatwoot", does: "The text of a known message changed." },
  message_deleted: { source: "chatwoot", does: "A message was deleted; its text is gone here too." },
  contact_created: { source: "chatwoot", does: "A contact was seen for the first time." },
  contact_updated: { source: "chatwoot", does: "A contact's name, address, company or block changed." },
  contact_deleted: { source: "chatwoot", does: "A contact is gone upstream: deleted, or merged into another." },
} as const satisfies Record<string, { source: "system" | "chatwoot"; does: string }>;

export type EventType = keyof typeof vocabulary;
export type EventActor = "client" | "team" | "system";
