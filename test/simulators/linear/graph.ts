import type * as Rows from "#test/simulators/linear/rows.ts";
import { grouped, type Store } from "#test/simulators/linear/store.ts";

export type Tables = {
  User: Rows.User;
  Team: Rows.Team;
  WorkflowState: Rows.WorkflowState;
  Cycle: Rows.Cycle;
  ProjectStatus: Rows.ProjectStatus;
  Project: Rows.Project;
  IssueLabel: Rows.Label;
  Issue: Rows.Issue;
  Comment: Rows.Comment;
  IssueRelation: Rows.Relation;
  Document: Rows.Document;
  IssueHistory: Rows.History;
  Webhook: Rows.Webhook;
  Organization: Store["organization"];
};
export type TypeName = keyof Tables;
export type Row = Rows.Base;
type One<T extends TypeName> = readonly [TypeName, (store: Store, row: Tables[T]) => Row | null | undefined];
type Many<T extends TypeName> = readonly [TypeName, (store: Store, row: Tables[T]) => readonly Row[]];

const at = <V>(rows: ReadonlyMap<string, V>, id: string | null): V | undefined => (id === null ? undefined : rows.get(id));
const all = <V>(rows: ReadonlyMap<string, V>, ids: readonly string[]): V[] => ids.flatMap((id) => rows.get(id) ?? []);
const none = () => null;
const organization = (store: Store) => store.organization;
const by = <T extends TypeName, K extends TypeName>(
  table: "issues" | "comments" | "issueRelations" | "documents" | "history" | "workflowStates" | "cycles" | "issueLabels",
  key: string,
) => {
  const group = (store: Store) => grouped(store, `${table}.${key}`, rowsOf<K>(store, table), (row) => (row as never)[key] ?? null);
  return (store: Store, row: Tables[T]): readonly Row[] => group(store).get(row.id) ?? [];
};
const rowsOf = <K extends TypeName>(store: Store, table: string) =>
  (store[table as "issues"] as unknown as Map<string, Tables[K]>).values();
const byType = (store: Store, teamId: string, type: Rows.StateType) =>
  [...store.workflowStates.values()].find((one) => one.teamId === teamId && one.type === type);

/** Where a row leads to. */
export const ONE: { readonly [T in TypeName]?: Readonly<Record<string, One<T>>> } = {
  Issue: {
    team: ["Team", (s, row) => s.teams.get(row.teamId)],
    state: ["WorkflowState", (s, row) => s.workflowStates.get(row.stateId)],
    project: ["Project", (s, row) => at(s.projects, row.projectId)],
    cycle: ["Cycle", (s, row) => at(s.cycles, row.cycleId)],
    assignee: ["User", (s, row) => at(s.users, row.assigneeId)],
    creator: ["User", (s, row) => at(s.users, row.creatorId)],
    parent: ["Issue", (s, row) => at(s.issues, row.parentId)],
  },
  Comment: {
    issue: ["Issue", (s, row) => at(s.issues, row.issueId)],
    project: ["Project", (s, row) => at(s.projects, row.projectId)],
    user: ["User", (s, row) => at(s.users, row.userId)],
    parent: ["Comment", (s, row) => at(s.comments, row.parentId)],
    resolvingUser: ["User", (s, row) => at(s.users, row.resolvingUserId)],
    resolvingComment: ["Comment", (s, row) => at(s.comments, row.resolvingCommentId)],
  },
  IssueRelation: {
    issue: ["Issue", (s, row) => s.issues.get(row.issueId)],
    relatedIssue: ["Issue", (s, row) => s.issues.get(row.relatedIssueId)],
  },
  Project: {
    status: ["ProjectStatus", (s, row) => s.projectStatuses.get(row.statusId)],
    lead: ["User", (s, row) => at(s.users, row.leadId)],
    creator: ["User", (s, row) => at(s.users, row.creatorId)],
  },
  Document: {
    issue: ["Issue", (s, row) => at(s.issues, row.issueId)],
    team: ["Team", (s, row) => at(s.teams, row.teamId)],
    project: ["Project", (s, row) => at(s.projects, row.projectId)],
    creator: ["User", (s, row) => at(s.users, row.creatorId)],
    owner: ["User", (s, row) => at(s.users, row.creatorId)],
    updatedBy: ["User", (s, row) => at(s.users, row.updatedById)],
  },
  Cycle: { team: ["Team", (s, row) => s.teams.get(row.teamId)] },
  WorkflowState: { team: ["Team", (s, row) => s.teams.get(row.teamId)] },
  IssueLabel: {
    team: ["Team", (s, row) => at(s.teams, row.teamId)],
    parent: ["IssueLabel", (s, row) => at(s.issueLabels, row.parentId)],
    creator: ["User", none],
  },
  User: { organization: ["Organization", organization] },
  Team: {
    organization: ["Organization", organization],
    defaultIssueState: ["WorkflowState", (s, row) => byType(s, row.id, "backlog")],
    triageIssueState: ["WorkflowState", (s, row) => byType(s, row.id, "triage")],
    startWorkflowState: ["WorkflowState", (s, row) => byType(s, row.id, "started")],
    markedAsDuplicateWorkflowState: ["WorkflowState", (s, row) => byType(s, row.id, "duplicate")],
  },
  IssueHistory: { issue: ["Issue", (s, row) => s.issues.get(row.issueId)], actor: ["User", (s, row) => at(s.users, row.actorId)] },
  Webhook: { team: ["Team", (s, row) => at(s.teams, row.teamId)], creator: ["User", (s, row) => at(s.users, row.creatorId)] },
};

/** What hangs from a row. */
export const MANY: { readonly [T in TypeName]?: Readonly<Record<string, Many<T>>> } = {
  Issue: {
    children: ["Issue", by("issues", "parentId")],
    comments: ["Comment", by("comments", "issueId")],
    relations: ["IssueRelation", by("issueRelations", "issueId")],
    inverseRelations: ["IssueRelation", by("issueRelations", "relatedIssueId")],
    labels: ["IssueLabel", (s, row) => all(s.issueLabels, row.labelIds)],
    history: ["IssueHistory", by("history", "issueId")],
    documents: ["Document", by("documents", "issueId")],
    subscribers: [
      "User",
      (s, row) =>
        all(
          s.users,
          [row.creatorId, row.assigneeId].filter((id) => id !== null),
        ),
    ],
  },
  Comment: { children: ["Comment", by("comments", "parentId")] },
  Project: {
    issues: ["Issue", by("issues", "projectId")],
    documents: ["Document", by("documents", "projectId")],
    comments: ["Comment", by("comments", "projectId")],
    teams: ["Team", (s, row) => all(s.teams, row.teamIds)],
    accessibleTeams: ["Team", (s, row) => all(s.teams, row.teamIds)],
    members: ["User", (s, row) => all(s.users, row.memberIds)],
  },
  Team: {
    issues: ["Issue", by("issues", "teamId")],
    states: ["WorkflowState", by("workflowStates", "teamId")],
    cycles: ["Cycle", by("cycles", "teamId")],
    labels: ["IssueLabel", by("issueLabels", "teamId")],
    members: ["User", (s, row) => [...s.users.values()].filter((one) => one.teamIds.includes(row.id))],
    projects: ["Project", (s, row) => [...s.projects.values()].filter((one) => one.teamIds.includes(row.id))],
  },
  Cycle: {
    issues: ["Issue", by("issues", "cycleId")],
    uncompletedIssuesUponClose: ["Issue", () => []],
  },
  WorkflowState: { issues: ["Issue", by("issues", "stateId")] },
  IssueLabel: {
    issues: ["Issue", (s, row) => [...s.issues.values()].filter((one) => one.labelIds.includes(row.id))],
    children: ["IssueLabel", by("issueLabels", "parentId")],
  },
  User: {
    assignedIssues: ["Issue", by("issues", "assigneeId")],
    createdIssues: ["Issue", by("issues", "creatorId")],
    teams: ["Team", (s, row) => all(s.teams, row.teamIds)],
  },
  Organization: {
    teams: ["Team", (s) => [...s.teams.values()]],
    users: ["User", (s) => [...s.users.values()]],
    labels: ["IssueLabel", (s) => [...s.issueLabels.values()].filter((one) => one.teamId === null)],
  },
};

export function one(type: string, field: string): One<never> | undefined {
  return (ONE as Readonly<Record<string, Readonly<Record<string, One<never>>>>>)[type]?.[field];
}
export function many(type: string, field: string): Many<never> | undefined {
  return (MANY as Readonly<Record<string, Readonly<Record<string, Many<never>>>>>)[type]?.[field];
}
