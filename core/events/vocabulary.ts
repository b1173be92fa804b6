export type EventSource = "system" | "chatwoot" | "linear" | "attio";
export type Kind = { source: EventSource; when: string; payload: readonly string[] };

const from =
  (source: EventSource) =>
  (when: string, ...payload: string[]): Kind => ({ source, when, payload });
const [system, chatwoot, linear, attio] = [from("system"), from("chatwoot"), from("linear"), from("attio")];

/**
 * Every event the product knows, in one place: which source produces it, when, and the keys of its payload besides the `connection_id` that every event of
 * a source carries. Payloads hold ids, states, dates and amounts, never text. One name for one thing, one event for one transition; what was already so
 * when a record is first seen is told only where upstream dates it.
 */
export const vocabulary = {
  process_started: system("A run's attempt began.", "job", "run_id", "attempt", "trigger"),
  process_finished: system("A run ended well.", "job", "run_id", "attempt", "counters", "reason", "duration_ms"),
  process_failed: system("A run's attempt failed.", "job", "run_id", "attempt", "reason", "retry_at"),
  process_warning: system("Something a person should know; once a day and reason.", "reason"),

  conversation_created: chatwoot("A conversation was seen for the first time.", "conversation_id"),
  conversation_status_changed: chatwoot("Opened, resolved, snoozed or put to pending.", "conversation_id", "from", "to"),
  conversation_assigned: chatwoot("Handed to somebody, or to nobody; from and to are ids.", "conversation_id", "from", "to"),
  conversation_deleted: chatwoot("Gone upstream: absent from two complete crawls.", "conversation_id"),
  message_sent: chatwoot("A client, the team or a bot wrote.", "conversation_id", "message_id", "private"),
  message_edited: chatwoot("The text of a known message changed.", "conversation_id", "message_id", "private"),
  message_deleted: chatwoot("A message was deleted; its text is gone here too.", "conversation_id", "message_id", "private"),
  approval_requested: chatwoot(
    "The team or the client asked the other side to approve something; once a message.",
    "conversation_id",
    "message_id",
    "private",
  ),
  approval_approved: chatwoot("The client approved something; once a message.", "conversation_id", "message_id", "private"),
  scope_change_requested: chatwoot(
    "The client asked for more than was agreed; once a message, never for what the team writes.",
    "conversation_id",
    "message_id",
    "private",
  ),
  client_silent_started: chatwoot(
    "The team has waited CLIENT_SILENT_DAYS for the client; once for the message that waited first.",
    "conversation_id",
    "message_id",
    "client_message_id",
  ),
  client_silent_ended: chatwoot(
    "The client wrote again; or it was resolved, deleted or withdrawn, as `by` says.",
    "conversation_id",
    "message_id",
    "by",
    "client_message_id",
  ),
  contact_created: chatwoot("A contact was seen for the first time.", "contact_id"),
  contact_updated: chatwoot("A contact's name, address, company or block changed.", "contact_id"),
  contact_deleted: chatwoot("A contact is gone upstream: deleted, or merged into another.", "contact_id"),

  issue_created: linear("An issue was seen for the first time; dated when it was created.", "issue_id"),
  issue_state_changed: linear("Moved to another workflow state.", "issue_id", "from", "to", "from_type", "to_type"),
  issue_blocked: linear("The first open blocker appeared; blocked_by are issue ids.", "issue_id", "blocked_by"),
  issue_unblocked: linear("The last open blocker went: done, canceled, deleted or unlinked.", "issue_id"),
  issue_completed: linear("Completed; of an issue seen for the first time too, when Linear dates it.", "issue_id"),
  issue_reopened: linear("Neither completed nor canceled any more.", "issue_id", "from_type", "to_type"),
  issue_canceled: linear("Canceled or a duplicate; of an issue seen for the first time too, when Linear dates it.", "issue_id"),
  issue_assigned: linear("Handed to somebody, or to nobody; from and to are ids.", "issue_id", "from", "to"),
  issue_due_changed: linear("The due date was set, moved or taken away.", "issue_id", "from", "to"),
  issue_cycle_changed: linear("Put into a cycle, carried over to another or taken out; from and to are ids.", "issue_id", "from", "to"),
  issue_archived: linear("Archived, not trashed.", "issue_id"),
  issue_deleted: linear("Trashed, or gone from two complete crawls.", "issue_id"),
  issue_restored: linear("Back from the archive or the trash.", "issue_id"),
  comment_added: linear("A comment was seen for the first time; dated when it was written.", "issue_id", "comment_id"),
  comment_edited: linear("The text of a known comment changed.", "issue_id", "comment_id"),
  comment_deleted: linear("A comment is gone; its text is gone here too.", "issue_id", "comment_id"),
  document_created: linear("A document was seen for the first time; dated when it was created.", "document_id"),
  document_updated: linear("The title or text of a known document changed.", "document_id"),
  document_deleted: linear("Trashed, or gone; its text is gone here too.", "document_id"),
  cycle_started: linear("A cycle's first day came; dated by its plan.", "cycle_id", "team_id"),
  cycle_completed: linear("Linear closed a cycle; dated by it.", "cycle_id", "team_id"),
  project_created: linear("A Linear project was seen for the first time; dated when it was created.", "linear_project_id"),
  project_state_changed: linear("A Linear project moved to another status.", "linear_project_id", "from", "to", "from_type", "to_type"),
  project_health_changed: linear("A Linear project's health was set anew: onTrack, atRisk or offTrack.", "linear_project_id", "from", "to"),
  project_due_changed: linear("A Linear project's target date was set, moved or taken away.", "linear_project_id", "from", "to"),
  project_deleted: linear("A Linear project was trashed, or is gone from two complete crawls.", "linear_project_id"),

  deal_created: attio("A deal was seen for the first time; dated when it was created.", "deal_id"),
  deal_stage_changed: attio("Moved to another stage, won and lost included; from and to are the stages' titles.", "deal_id", "from", "to"),
  deal_amount_changed: attio(
    "The value was set, changed or taken away, or its currency changed.",
    "deal_id",
    "from",
    "to",
    "from_currency",
    "to_currency",
  ),
  deal_close_date_changed: attio("The expected close date was set, moved or taken away.", "deal_id", "from", "to"),
  deal_owner_changed: attio("Handed to another owner, or to nobody; from and to are ids.", "deal_id", "from", "to"),
  deal_deleted: attio("A deal is gone: deleted, or merged into another.", "deal_id"),
  note_logged: attio("A note was seen for the first time; dated when it was written.", "note_id", "record_object", "record_id"),
  note_edited: attio("The title or text of a known note changed.", "note_id", "record_object", "record_id"),
  note_deleted: attio("A note is gone; its text is gone here too.", "note_id", "record_object", "record_id"),
  task_created: attio("A task was seen for the first time; dated when it was created.", "task_id", "record_object", "record_id"),
  task_completed: attio("Completed; of a task seen for the first time too, when Attio dates it.", "task_id", "record_object", "record_id"),
  task_reopened: attio("Not completed any more.", "task_id", "record_object", "record_id"),
  task_due_changed: attio("The deadline was set, moved or taken away.", "task_id", "record_object", "record_id", "from", "to"),
  task_deleted: attio("A task is gone; its text is gone here too.", "task_id", "record_object", "record_id"),
  company_created: attio("A company was seen for the first time; dated when it was created.", "company_id"),
  company_updated: attio("A known company's values changed.", "company_id"),
  company_deleted: attio("A company is gone: deleted, or merged into another.", "company_id"),
  person_created: attio("A person was seen for the first time; dated when it was created.", "person_id"),
  person_updated: attio("A known person's values changed.", "person_id"),
  person_deleted: attio("A person is gone: deleted, or merged into another.", "person_id"),
} satisfies Record<string, Kind>;

export type EventType = keyof typeof vocabulary;
export type EventActor = "client" | "team" | "system";
