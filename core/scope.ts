/**
 * Who sees what, as a value. `projects`: the rows of these projects and of their account scope. `accountScopeId` alone: what belongs to the studio
 * as a whole (connections, cursors). `system`: sign-in, dispatch, the run ledger; it holds no grant on mirrored client data.
 */
export type ProjectScope = { projects: readonly string[]; accountScopeId: string };
export type AccountScope = { accountScopeId: string };
export type SystemScope = { system: true };
export type Scope = ProjectScope | AccountScope | SystemScope;

export const system: SystemScope = { system: true };

/**
 * The project of a scope that has exactly one. Lists compare with it: behind `=` an index is followed in its order, behind `= any` all of a project's rows
 * are read and sorted first.
 */
export function only({ projects }: ProjectScope): string {
  const [projectId] = projects;
  if (!projectId || projects.length !== 1) throw new Error("a scope of exactly one project is needed");
  return projectId;
}

/** What the database is told at the start of a transaction; row-level security reads it. */
export function settings(scope: Scope): { role: string; projectIds: string; accountScopeId: string } {
  if ("system" in scope) return { role: "bellwether_system", projectIds: "", accountScopeId: "" };
  const projects = "projects" in scope ? scope.projects : [];
  return { role: "bellwether_app", projectIds: projects.length ? `{${projects.join(",")}}` : "", accountScopeId: scope.accountScopeId };
}
