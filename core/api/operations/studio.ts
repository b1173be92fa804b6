import { type Operation, op } from "#core/api/operation.ts";

/** The service itself, its people, keys, projects and connections. */
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

  audit_list: op("GET", "/audit", "audit", "Lists what was done, by whom.", "owner", "project"),
} satisfies Record<string, Operation>;
