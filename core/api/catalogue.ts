/**
 * Every operation of the HTTP API and who may call it. Plain data: the doors bind the code, `stacks/` makes the gateway's routes of it, the OpenAPI
 * document and the access tests read it. What is not listed here cannot be reached.
 *
 * `who`: the least role (`nobody` = without signing in). An API key needs `read` for GET and `write` for anything else, and acts as a pm of the
 * projects it is bound to; with `admin`, which holds both, as an owner of them, never of the studio.
 * `question`: a POST only because what is asked is too long for an address; it changes nothing, so `read` is enough, and its answer is kept for no replay.
 * `reach`: what the call touches: one `project`, the whole `studio` (people only, never a key), or the caller's own `self`.
 * `peopleOnly`: never a key, though it touches one project: it names what belongs to the studio, such as a connection, and so would open that to the key.
 */
export type Who = "nobody" | "viewer" | "pm" | "owner";
export type Reach = "self" | "project" | "studio";
export type Operation = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  resource: string;
  does: string;
  who: Who;
  reach: Reach;
  peopleOnly?: boolean;
  question?: boolean;
};

/** Keeps every word a literal, so that the doors' types can be told from the list. */
function op<
  const M extends Operation["method"],
  const P extends Operation["path"],
  const R extends string,
  const W extends Who,
  const A extends Reach,
>(method: M, path: P, resource: R, does: string, who: W, reach: A, peopleOnly = false) {
  return { method, path, resource, does, who, reach, peopleOnly };
}

const question = <const O extends Operation>(operation: O) => ({ ...operation, question: true as const });

export const operations = {
  health: op("GET", "/health", "health", "Says whether the service and its database answer.", "nobody", "self"),
  metrics: op("GET", "/metrics", "health", "Prometheus metrics; by token or from loopback only.", "nobody", "self"),
  openapi: op("GET", "/openapi.json", "docs", "This description.", "nobody", "self"),
  docs: op("GET", "/docs", "docs", "This description, to read.", "nobody", "self"),

  auth_login: op("POST", "/auth/login", "auth", "Signs in with a name and a password.", "nobody", "self"),
  auth_logout: op("POST", "/auth/logout", "auth", "Ends the session.", "viewer", "self"),
  auth_me: op("GET", "/auth/me", "auth", "Says who is calling.", "viewer", "self"),

  users_list: op("GET", "/users", "users", "Lists the studio's people.", "owner", "studio"),
  users_create: op("POST", "/users", "users", "Adds a person.", "owner", "studio"),
  users_change: op("PATCH", "/users/:id", "users", "Changes a person's role, password or access.", "owner", "studio"),
  users_remove: op("DELETE", "/users/:id", "users", "Removes a person and their sessions.", "owner", "studio"),
  assignments_list: op("GET", "/projects/:id/assignments", "projects", "Lists who works on a project.", "owner", "project"),
  assignments_add: op("PUT", "/projects/:id/assignments/:user_id", "projects", "Assigns a person to a project.", "owner", "project"),
  assignments_remove: op("DELETE", "/projects/:id/assignments/:user_id", "projects", "Takes a person off a project.", "owner", "project"),

  api_keys_list: op("GET", "/api-keys", "api_keys", "Lists API keys, without their secrets.", "owner", "studio"),
  api_keys_create: op("POST", "/api-keys", "api_keys", "Makes a key; its secret is shown once.", "owner", "studio"),
  api_keys_revoke: op("DELETE", "/api-keys/:id", "api_keys", "Revokes a key.", "owner", "studio"),

  projects_list: op("GET", "/projects", "projects", "Lists the projects the caller may see.", "viewer", "self"),
  projects_create: op("POST", "/projects", "projects", "Creates a project.", "owner", "studio"),
  projects_change: op(
    "PATCH",
    "/projects/:id",
    "projects",
    "Renames, pauses, archives a project; sets time zone, language and economy mode.",
    "owner",
    "project",
  ),
  projects_select: op("POST", "/projects/:id/select", "projects", "Makes a project the session's active one.", "viewer", "project"),
  sources_list: op("GET", "/projects/:id/sources", "projects", "Lists what feeds a project.", "viewer", "project"),
  sources_replace: op(
    "PUT",
    "/projects/:id/sources",
    "projects",
    "Sets what feeds a project; what it no longer covers is removed.",
    "owner",
    "project",
    true,
  ),
  sources_remove: op(
    "DELETE",
    "/projects/:id/sources",
    "projects",
    "Unbinds a project from all sources and removes what they brought.",
    "owner",
    "project",
  ),

  connections_list: op("GET", "/connections", "connections", "Lists the studio's connections, without credentials.", "owner", "studio"),
  connections_create: op(
    "POST",
    "/connections",
    "connections",
    "Connects an upstream account, or replaces the credentials or the webhook secret of one.",
    "owner",
    "studio",
  ),
  connections_remove: op("DELETE", "/connections/:id", "connections", "Removes a connection that feeds no project.", "owner", "studio"),

  jobs_scheduler: op("GET", "/jobs/scheduler", "jobs", "Every job of a project: status, reason, when it runs next.", "viewer", "project"),
  jobs_tick: op("POST", "/jobs/scheduler/tick", "jobs", "Queues what is due in a project now.", "pm", "project"),
  jobs_status: op("GET", "/jobs/status", "jobs", "The latest run of each job, and what is stored.", "viewer", "project"),
  runs_list: op("GET", "/jobs/runs", "jobs", "Lists runs, newest first.", "viewer", "project"),
  runs_get: op("GET", "/jobs/runs/:id", "jobs", "A run with its attempts.", "viewer", "project"),
  runs_cancel: op(
    "POST",
    "/jobs/runs/:id/cancel",
    "jobs",
    "Cancels a queued run; asks a running one to stop at its next checkpoint.",
    "pm",
    "project",
  ),
  runs_redrive: op("POST", "/jobs/runs/:id/redrive", "jobs", "Runs a dead-lettered run again.", "pm", "project"),
  jobs_embeddings_run: op("POST", "/jobs/embeddings/run", "jobs", "Embeds new texts now (earlier name).", "pm", "project"),
  jobs_run: op("POST", "/jobs/:name/run", "jobs", "Runs a job now.", "pm", "project"),
  jobs_pause: op("POST", "/jobs/:name/pause", "jobs", "Pauses a job for a project.", "pm", "project"),
  jobs_resume: op("POST", "/jobs/:name/resume", "jobs", "Resumes a paused job.", "pm", "project"),
  jobs_chatwoot_sync: op("POST", "/jobs/chatwoot/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),
  jobs_linear_sync: op("POST", "/jobs/linear/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),
  jobs_attio_sync: op("POST", "/jobs/attio/sync", "jobs", "Runs the sync cycle now (earlier name).", "pm", "project"),

  connectors_state: op(
    "GET",
    "/connectors/state",
    "connectors",
    "Every stream of every source: status, reason, known until when.",
    "viewer",
    "project",
  ),
  connectors_errors: op("GET", "/connectors/errors", "connectors", "Lists the connectors' errors.", "viewer", "project"),
  connectors_dead_letters: op(
    "GET",
    "/connectors/errors/dead-letter",
    "connectors",
    "Lists errors that ran out of attempts.",
    "viewer",
    "project",
  ),
  connectors_errors_retry: op(
    "POST",
    "/connectors/errors/retry",
    "connectors",
    "Retries the errors of a project's sources now.",
    "pm",
    "project",
  ),
  connectors_dead_letter_retry: op(
    "POST",
    "/connectors/errors/dead-letter/:id/retry",
    "connectors",
    "Puts one dead letter back to be retried.",
    "pm",
    "project",
  ),
  connectors_reconciliation: op(
    "GET",
    "/connectors/reconciliation",
    "connectors",
    "How complete the mirror was at each reconciliation.",
    "viewer",
    "project",
  ),
  connectors_reconciliation_diff: op(
    "GET",
    "/connectors/reconciliation/diff",
    "connectors",
    "Lists the records that the crawls found missing, stale, extra or doubled, and mended.",
    "viewer",
    "project",
  ),
  connectors_reconciliation_run: op(
    "POST",
    "/connectors/reconciliation/run",
    "connectors",
    "Compares the mirror with its sources now.",
    "pm",
    "project",
  ),
  connectors_deletions_approve: op(
    "POST",
    "/connectors/deletions/approve",
    "connectors",
    "Approves deletions that were withheld because they were many; the next pass looks again and deletes no more than the count.",
    "owner",
    "studio",
  ),
  connectors_sync: op("POST", "/connectors/sync", "connectors", "Runs the sync cycle now.", "pm", "project"),
  connectors_sync_one: op(
    "POST",
    "/connectors/:name/sync",
    "connectors",
    "Runs the sync cycle now, where such a source feeds the project.",
    "pm",
    "project",
  ),

  webhooks_chatwoot: op(
    "POST",
    "/webhooks/chatwoot/:connection",
    "webhooks",
    "Takes a webhook of Chatwoot; its signature is the credential.",
    "nobody",
    "self",
  ),
  webhooks_linear: op(
    "POST",
    "/webhooks/linear/:connection",
    "webhooks",
    "Takes a webhook of Linear; its signature is the credential.",
    "nobody",
    "self",
  ),
  webhooks_attio: op(
    "POST",
    "/webhooks/attio/:connection",
    "webhooks",
    "Takes a webhook of Attio; its signature is the credential.",
    "nobody",
    "self",
  ),

  webhooks_loops: op(
    "POST",
    "/webhooks/loops/:account",
    "webhooks",
    "Takes a webhook of Loops for a studio: who has left there is opted out here.",
    "nobody",
    "self",
  ),

  loops_preview: op("GET", "/loops/preview", "loops", "Who would be sent to Loops, with which properties; sends nothing.", "pm", "project"),
  loops_settings: op("PUT", "/loops/settings", "loops", "Switches sending to Loops on or off for a project.", "owner", "project"),
  loops_sync: op("POST", "/loops/sync", "loops", "Sends a project's clients to Loops now.", "pm", "project"),

  kag_events: op("GET", "/kag/events", "kag", "Lists events, newest first.", "viewer", "project"),
  kag_nodes: op(
    "GET",
    "/kag/nodes",
    "kag",
    "Lists people, clients, deals, tasks and agreements, or those a name means.",
    "viewer",
    "project",
  ),
  kag_node: op("GET", "/kag/nodes/:id", "kag", "What is known of one: facts with their evidence, names, mentions.", "viewer", "project"),
  contacts_list: op("GET", "/contacts", "chats", "Lists contacts.", "viewer", "project"),
  conversations_list: op("GET", "/conversations", "chats", "Lists conversations.", "viewer", "project"),
  messages_list: op("GET", "/messages", "chats", "Lists messages.", "viewer", "project"),

  crm_accounts_list: op("GET", "/crm/accounts", "crm", "Lists accounts, newest first.", "viewer", "project"),
  crm_accounts_create: op("POST", "/crm/accounts", "crm", "Makes an account by hand.", "pm", "project"),
  crm_accounts_change: op(
    "PATCH",
    "/crm/accounts/:id",
    "crm",
    "Sets an account's fields; the source no longer changes those.",
    "pm",
    "project",
  ),
  crm_accounts_follow: op("POST", "/crm/accounts/:id/follow", "crm", "Gives fields of an account back to its source.", "pm", "project"),
  crm_opportunities_list: op("GET", "/crm/opportunities", "crm", "Lists deals, newest first.", "viewer", "project"),
  crm_opportunities_create: op("POST", "/crm/opportunities", "crm", "Makes a deal by hand.", "pm", "project"),
  crm_opportunities_change: op(
    "PATCH",
    "/crm/opportunities/:id",
    "crm",
    "Sets a deal's fields; the source no longer changes those.",
    "pm",
    "project",
  ),
  crm_opportunities_stage: op("POST", "/crm/opportunities/:id/stage", "crm", "Moves a deal to a stage, with the reason.", "pm", "project"),
  crm_opportunities_follow: op(
    "POST",
    "/crm/opportunities/:id/follow",
    "crm",
    "Gives fields of a deal back to its source.",
    "pm",
    "project",
  ),
  crm_stage_events: op(
    "GET",
    "/crm/opportunities/:id/stage-events",
    "crm",
    "A deal's changes of stage, newest first.",
    "viewer",
    "project",
  ),
  crm_overview: op("GET", "/crm/overview", "crm", "Counts of accounts and deals, and the pipeline per currency.", "viewer", "project"),
  crm_coverage: op("GET", "/crm/coverage", "crm", "How much of what was read is mirrored, and what is left out.", "viewer", "project"),

  identity_suggestions_list: op(
    "GET",
    "/identity/suggestions",
    "identity",
    "Lists who may be whom, most confident first.",
    "viewer",
    "project",
  ),
  identity_suggestions_preview: op("POST", "/identity/suggestions/preview", "identity", "Matches everybody again now.", "pm", "project"),
  identity_suggestions_apply: op(
    "POST",
    "/identity/suggestions/:id/apply",
    "identity",
    "Takes the two of a suggestion as one.",
    "pm",
    "project",
  ),
  identity_suggestions_dismiss: op(
    "POST",
    "/identity/suggestions/:id/dismiss",
    "identity",
    "Says that the two of a suggestion are not one; it does not return.",
    "pm",
    "project",
  ),
  identity_links_list: op("GET", "/identity/links", "identity", "Lists who was taken as whom, newest first.", "viewer", "project"),
  identity_links_remove: op("DELETE", "/identity/links/:id", "identity", "Takes a link back.", "pm", "project"),
  bindings_propose: op(
    "POST",
    "/identity/bindings/propose",
    "identity",
    "Looks for what of the sources belongs to one client.",
    "owner",
    "studio",
  ),
  bindings_proposed: op("GET", "/identity/bindings", "identity", "Lists proposed bindings, most confident first.", "owner", "studio"),
  bindings_accept: op(
    "POST",
    "/identity/bindings/:id/accept",
    "identity",
    "Binds what was proposed to a project, beside what feeds it.",
    "owner",
    "studio",
  ),
  bindings_dismiss: op(
    "POST",
    "/identity/bindings/:id/dismiss",
    "identity",
    "Dismisses a proposed binding; it does not return.",
    "owner",
    "studio",
  ),
  costs_project: op("GET", "/costs", "costs", "What models cost a project, and its budget.", "pm", "project"),
  costs_studio: op("GET", "/costs/studio", "costs", "What models cost all of the studio's projects, and its budget.", "owner", "studio"),
  budget_project: op("PUT", "/projects/:id/budget", "costs", "Sets what a project may spend on models.", "owner", "project"),
  budget_studio: op("PUT", "/costs/budget", "costs", "Sets what the studio may spend on models in a day.", "owner", "studio"),

  lightrag_query: question(
    op("POST", "/lightrag/query", "lightrag", "Answers a question out of what was said and written, with citations.", "viewer", "project"),
  ),
  search: question(
    op("POST", "/search", "lightrag", "The same, page by page, with suggestions for what was not found.", "viewer", "project"),
  ),
  lightrag_feedback: op("POST", "/lightrag/feedback", "lightrag", "Rates an answer that the caller was given.", "viewer", "project"),
  lightrag_status: op("GET", "/lightrag/status", "lightrag", "What memory holds, how far it is, and why not further.", "viewer", "project"),
  lightrag_refresh: op("POST", "/lightrag/refresh", "lightrag", "Indexes and embeds what is new now.", "pm", "project"),
  mcp: question(op("POST", "/mcp", "mcp", "The Model Context Protocol: search, ask and a project's status as tools.", "viewer", "self")),
  mcp_listen: op("GET", "/mcp", "mcp", "Refuses: this server starts no conversation of its own.", "viewer", "self"),

  audit_list: op("GET", "/audit", "audit", "Lists what was done, by whom.", "owner", "project"),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
