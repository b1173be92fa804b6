/**
 * Who sees what, as a value. `projects`: the rows of these projects and of their account scope. `accountScopeId` alone: what belongs to the studio
 * as a whole (connections, cursors). `system`: sign-in, dispatch, the run ledger; it holds no grant on mirrored client data.
 */
export type ProjectScope = { projects: readonly string[]; accountScopeId: string };
export type AccountScope = { accountScopeId: string };
export type SystemScope = { system: true };
export type Scope = ProjectScope | AccountScope | SystemScope;

export const system: SystemScope = { system: true };

/** What the database is told at the start of a transaction; row-level security reads it. */
export function settings(scope: Scope): { role: string; projectIds: string; accountScopeId: string } {
  if ("system" in scope) return { role: "bellwether_system", projectIds: "", accountScopeId: "" };
  const projects = "projects" in scope ? scope.projects : [];
  return { role: "bellwether_app", projectIds: projects.length ? `{${projects.join(",")}}` : "", accountScopeId: scope.accountScopeId };
}
