import type { Row, Tables, TypeName } from "#test/simulators/linear/graph.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import type { Store } from "#test/simulators/linear/store.ts";

export type Viewer = { user: Rows.User; access: Rows.Access; sees: (teamId: string) => boolean };

/** An administrator sees every team, others theirs; a narrowed token sees less than its user. */
export function viewerOf(store: Store, access: Rows.Access): Viewer | undefined {
  const user = store.users.get(access.userId);
  if (!user) return undefined;
  const sees = (teamId: string) =>
    (user.admin || user.teamIds.includes(teamId)) && (access.teamIds === null || access.teamIds.includes(teamId));
  return { user, access, sees };
}

const project = (store: Store, viewer: Viewer, id: string | null) => {
  const found = id === null ? undefined : store.projects.get(id);
  return found?.teamIds.some(viewer.sees) ?? false;
};
const issue = (store: Store, viewer: Viewer, id: string | null) => {
  const found = id === null ? undefined : store.issues.get(id);
  return found !== undefined && viewer.sees(found.teamId);
};

type Sees = { readonly [T in TypeName]?: (store: Store, viewer: Viewer, row: Tables[T]) => boolean };
const SEES: Sees = {
  Team: (_, viewer, row) => viewer.sees(row.id),
  WorkflowState: (_, viewer, row) => viewer.sees(row.teamId),
  Cycle: (_, viewer, row) => viewer.sees(row.teamId),
  IssueLabel: (_, viewer, row) => row.teamId === null || viewer.sees(row.teamId),
  Issue: (_, viewer, row) => viewer.sees(row.teamId),
  Project: (_, viewer, row) => row.teamIds.some(viewer.sees),
  Comment: (store, viewer, row) => issue(store, viewer, row.issueId) || project(store, viewer, row.projectId),
  Document: (store, viewer, row) =>
    project(store, viewer, row.projectId) || issue(store, viewer, row.issueId) || (row.teamId !== null && viewer.sees(row.teamId)),
  IssueRelation: (store, viewer, row) => issue(store, viewer, row.issueId) && issue(store, viewer, row.relatedIssueId),
  Webhook: (_, viewer) => viewer.user.admin,
};

export function visible(store: Store, viewer: Viewer, type: TypeName, row: Row): boolean {
  const sees = SEES[type] as ((store: Store, viewer: Viewer, row: Row) => boolean) | undefined;
  return sees?.(store, viewer, row) ?? true;
}
