/**
 * Every operation of the HTTP API and who may call it. Plain data: the doors bind the code, `stacks/` makes the gateway's routes of it, the OpenAPI
 * document and the access tests read it. What is not listed here cannot be reached.
 *
 * `who`: the least role (`nobody` = without signing in). An API key needs `read` for GET and `write` for anything else, and acts as a pm of the
 * projects it is bound to; with `admin`, which holds both, as an owner of them, never of the studio.
 * `reach`: what the call touches: one `project`, the whole `studio` (people only, never a key), or the caller's own `self`.
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
};

export const operations = {
  health: {
    method: "GET",
    path: "/health",
    resource: "health",
    does: "Says whether the service and its database answer.",
    who: "nobody",
    reach: "self",
  },
  metrics: {
    method: "GET",
    path: "/metrics",
    resource: "health",
    does: "Prometheus metrics; by token or from loopback only.",
    who: "nobody",
    reach: "self",
  },
  openapi: { method: "GET", path: "/openapi.json", resource: "docs", does: "This description.", who: "nobody", reach: "self" },
  docs: { method: "GET", path: "/docs", resource: "docs", does: "This description, to read.", who: "nobody", reach: "self" },

  auth_login: {
    method: "POST",
    path: "/auth/login",
    resource: "auth",
    does: "Signs in with a name and a password.",
    who: "nobody",
    reach: "self",
  },
  auth_logout: { method: "POST", path: "/auth/logout", resource: "auth", does: "Ends the session.", who: "viewer", reach: "self" },
  auth_me: { method: "GET", path: "/auth/me", resource: "auth", does: "Says who is calling.", who: "viewer", reach: "self" },

  users_list: { method: "GET", path: "/users", resource: "users", does: "Lists the studio's people.", who: "owner", reach: "studio" },
  users_create: { method: "POST", path: "/users", resource: "users", does: "Adds a person.", who: "owner", reach: "studio" },
  users_change: {
    method: "PATCH",
    path: "/users/:id",
    resource: "users",
    does: "Changes a person's role, password or access.",
    who: "owner",
    reach: "studio",
  },
  users_remove: {
    method: "DELETE",
    path: "/users/:id",
    resource: "users",
    does: "Removes a person and their sessions.",
    who: "owner",
    reach: "studio",
  },
  assignments_list: {
    method: "GET",
    path: "/projects/:id/assignments",
    resource: "projects",
    does: "Lists who works on a project.",
    who: "owner",
    reach: "project",
  },
  assignments_add: {
    method: "PUT",
    path: "/projects/:id/assignments/:user_id",
    resource: "projects",
    does: "Assigns a person to a project.",
    who: "owner",
    reach: "project",
  },
  assignments_remove: {
    method: "DELETE",
    path: "/projects/:id/assignments/:user_id",
    resource: "projects",
    does: "Takes a person off a project.",
    who: "owner",
    reach: "project",
  },

  api_keys_list: {
    method: "GET",
    path: "/api-keys",
    resource: "api_keys",
    does: "Lists API keys, without their secrets.",
    who: "owner",
    reach: "studio",
  },
  api_keys_create: {
    method: "POST",
    path: "/api-keys",
    resource: "api_keys",
    does: "Makes a key; its secret is shown once.",
    who: "owner",
    reach: "studio",
  },
  api_keys_revoke: { method: "DELETE", path: "/api-keys/:id", resource: "api_keys", does: "Revokes a key.", who: "owner", reach: "studio" },

  projects_list: {
    method: "GET",
    path: "/projects",
    resource: "projects",
    does: "Lists the projects the caller may see.",
    who: "viewer",
    reach: "self",
  },
  projects_create: { method: "POST", path: "/projects", resource: "projects", does: "Creates a project.", who: "owner", reach: "studio" },
  projects_change: {
    method: "PATCH",
    path: "/projects/:id",
    resource: "projects",
    does: "Renames, pauses, archives a project; sets time zone and language.",
    who: "owner",
    reach: "project",
  },
  projects_select: {
    method: "POST",
    path: "/projects/:id/select",
    resource: "projects",
    does: "Makes a project the session's active one.",
    who: "viewer",
    reach: "project",
  },
  sources_list: {
    method: "GET",
    path: "/projects/:id/sources",
    resource: "projects",
    does: "Lists what feeds a project.",
    who: "viewer",
    reach: "project",
  },
  sources_replace: {
    method: "PUT",
    path: "/projects/:id/sources",
    resource: "projects",
    does: "Sets what feeds a project; what it no longer covers is removed.",
    who: "owner",
    reach: "project",
  },
  sources_remove: {
    method: "DELETE",
    path: "/projects/:id/sources",
    resource: "projects",
    does: "Unbinds a project from all sources and removes what they brought.",
    who: "owner",
    reach: "project",
  },

  connections_list: {
    method: "GET",
    path: "/connections",
    resource: "connections",
    does: "Lists the studio's connections, without credentials.",
    who: "owner",
    reach: "studio",
  },
  connections_create: {
    method: "POST",
    path: "/connections",
    resource: "connections",
    does: "Connects an upstream account, or replaces the credentials of one.",
    who: "owner",
    reach: "studio",
  },
  connections_remove: {
    method: "DELETE",
    path: "/connections/:id",
    resource: "connections",
    does: "Removes a connection that feeds no project.",
    who: "owner",
    reach: "studio",
  },

  jobs_scheduler: {
    method: "GET",
    path: "/jobs/scheduler",
    resource: "jobs",
    does: "Every job of a project: status, reason, when it runs next.",
    who: "viewer",
    reach: "project",
  },
  jobs_tick: {
    method: "POST",
    path: "/jobs/scheduler/tick",
    resource: "jobs",
    does: "Queues what is due in a project now.",
    who: "pm",
    reach: "project",
  },
  jobs_status: {
    method: "GET",
    path: "/jobs/status",
    resource: "jobs",
    does: "The latest run of each job, and what is stored.",
    who: "viewer",
    reach: "project",
  },
  runs_list: { method: "GET", path: "/jobs/runs", resource: "jobs", does: "Lists runs, newest first.", who: "viewer", reach: "project" },
  runs_get: { method: "GET", path: "/jobs/runs/:id", resource: "jobs", does: "A run with its attempts.", who: "viewer", reach: "project" },
  runs_cancel: {
    method: "POST",
    path: "/jobs/runs/:id/cancel",
    resource: "jobs",
    does: "Cancels a queued run; asks a running one to stop at its next checkpoint.",
    who: "pm",
    reach: "project",
  },
  runs_redrive: {
    method: "POST",
    path: "/jobs/runs/:id/redrive",
    resource: "jobs",
    does: "Runs a dead-lettered run again.",
    who: "pm",
    reach: "project",
  },
  jobs_run: { method: "POST", path: "/jobs/:name/run", resource: "jobs", does: "Runs a job now.", who: "pm", reach: "project" },
  jobs_pause: {
    method: "POST",
    path: "/jobs/:name/pause",
    resource: "jobs",
    does: "Pauses a job for a project.",
    who: "pm",
    reach: "project",
  },
  jobs_resume: { method: "POST", path: "/jobs/:name/resume", resource: "jobs", does: "Resumes a paused job.", who: "pm", reach: "project" },
  jobs_chatwoot_sync: {
    method: "POST",
    path: "/jobs/chatwoot/sync",
    resource: "jobs",
    does: "Runs the sync cycle now (earlier name).",
    who: "pm",
    reach: "project",
  },

  connectors_state: {
    method: "GET",
    path: "/connectors/state",
    resource: "connectors",
    does: "Every stream of every source: status, reason, known until when.",
    who: "viewer",
    reach: "project",
  },
  connectors_errors: {
    method: "GET",
    path: "/connectors/errors",
    resource: "connectors",
    does: "Lists the connectors' errors.",
    who: "viewer",
    reach: "project",
  },
  connectors_dead_letters: {
    method: "GET",
    path: "/connectors/errors/dead-letter",
    resource: "connectors",
    does: "Lists errors that ran out of attempts.",
    who: "viewer",
    reach: "project",
  },
  connectors_errors_retry: {
    method: "POST",
    path: "/connectors/errors/retry",
    resource: "connectors",
    does: "Retries the errors of a project's sources now.",
    who: "pm",
    reach: "project",
  },
  connectors_dead_letter_retry: {
    method: "POST",
    path: "/connectors/errors/dead-letter/:id/retry",
    resource: "connectors",
    does: "Puts one dead letter back to be retried.",
    who: "pm",
    reach: "project",
  },
  connectors_reconciliation: {
    method: "GET",
    path: "/connectors/reconciliation",
    resource: "connectors",
    does: "How complete the mirror was at each reconciliation.",
    who: "viewer",
    reach: "project",
  },
  connectors_sync: {
    method: "POST",
    path: "/connectors/sync",
    resource: "connectors",
    does: "Runs the sync cycle now.",
    who: "pm",
    reach: "project",
  },
  connectors_sync_one: {
    method: "POST",
    path: "/connectors/:name/sync",
    resource: "connectors",
    does: "Runs the sync cycle for one source now.",
    who: "pm",
    reach: "project",
  },

  kag_events: { method: "GET", path: "/kag/events", resource: "kag", does: "Lists events, newest first.", who: "viewer", reach: "project" },
  contacts_list: { method: "GET", path: "/contacts", resource: "chats", does: "Lists contacts.", who: "viewer", reach: "project" },
  conversations_list: {
    method: "GET",
    path: "/conversations",
    resource: "chats",
    does: "Lists conversations.",
    who: "viewer",
    reach: "project",
  },
  messages_list: { method: "GET", path: "/messages", resource: "chats", does: "Lists messages.", who: "viewer", reach: "project" },
  audit_list: { method: "GET", path: "/audit", resource: "audit", does: "Lists what was done, by whom.", who: "owner", reach: "project" },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
