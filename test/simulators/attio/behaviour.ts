/** What the real service does and its published description does not say, each line with where it is known from. */
export const BEHAVIOUR = {
  /** Description, in words: "Defaults to 500"; that it is also the most is an assumption. */
  queryLimit: 500,
  /** Description, in words: "The default is `10` and the maximum is `50`". */
  notesLimit: 10,
  notesMax: 50,
  /** No order of notes is published: the newest first is an assumption, and the harder one to page through. */
  notesOrder: -1,
  /** Description, in words. */
  tasksLimit: 500,
  entriesOfRecordLimit: 100,
  entriesOfRecordMax: 1_000,
  webhooksLimit: 10,
  webhooksMax: 100,
  taskMax: 2_000,
  /** docs.attio.com/rest-api/guides/rate-limiting: 100 reads and 25 writes a second; a query is a read. */
  readsPerSecond: 100,
  writesPerRead: 0.25,
  /** Same guide: queries have a score that counts over a sliding 10 s. How it is computed and where it ends is not published: these numbers are ours. */
  complexitySeconds: 10,
  complexityLimit: 2_000,
  /** attio-ts-sdk 2.3.0 requires `completed_at` of tasks; the description of 2026-03 does not know it. */
  laterTaskKeys: ["completed_at"],
  /** docs.attio.com/rest-api/guides/webhooks and public receivers: an answer other than 2xx within 5 s is tried again. The waits are ours, for tests. */
  webhookTimeoutMs: 5_000,
  webhookAttempts: 4,
  webhookRetryMs: 50,
} as const;

type Type = "invalid_request_error" | "auth_error" | "rate_limit_error";
/** Codes of the description, and those that only newer clients or a limit tell of. */
export const CODES: Readonly<Record<string, Type>> = {
  not_found: "invalid_request_error",
  validation_type: "invalid_request_error",
  value_not_found: "invalid_request_error",
  missing_value: "invalid_request_error",
  slug_conflict: "invalid_request_error",
  filter_error: "invalid_request_error",
  immutable_value: "invalid_request_error",
  system_edit_unauthorized: "invalid_request_error",
  multiple_match_results: "invalid_request_error",
  billing_error: "auth_error",
  // The rest from attio-ts-sdk 2.3.0, not from the description.
  merge_in_progress: "invalid_request_error",
  unauthorized: "auth_error",
  forbidden: "auth_error",
  rate_limit_exceeded: "rate_limit_error",
};

/** Events that may be subscribed to: the description's enum. */
export const EVENTS = [
  "call-recording.created",
  "comment.created",
  "comment.resolved",
  "comment.unresolved",
  "comment.deleted",
  "list.created",
  "list.updated",
  "list.deleted",
  "list-attribute.created",
  "list-attribute.updated",
  "list-entry.created",
  "list-entry.updated",
  "list-entry.deleted",
  "object-attribute.created",
  "object-attribute.updated",
  "note.created",
  "note-content.updated",
  "note.updated",
  "note.deleted",
  "record.created",
  "record.merged",
  "record.updated",
  "record.deleted",
  "task.created",
  "task.updated",
  "task.deleted",
  "workspace-member.created",
] as const;

export const SCOPES = [
  "record_permission:read-write",
  "object_configuration:read",
  "list_configuration:read",
  "list_entry:read-write",
  "note:read-write",
  "task:read-write",
  "user_management:read",
  "webhook:read-write",
].join(" ");
