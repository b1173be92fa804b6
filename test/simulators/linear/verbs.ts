import { record } from "#test/simulators/linear/history.ts";
import { announce } from "#test/simulators/linear/notices.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import * as Store from "#test/simulators/linear/store.ts";

type Workspace = Store.Store;
/** `at`: when, in epoch milliseconds or as an instant; now unless told. `by`: whose doing, a user's id. */
export type When = { at?: number | string; by?: string | null };
type Editable = Pick<
  Rows.Issue,
  | "teamId"
  | "title"
  | "description"
  | "priority"
  | "estimate"
  | "dueDate"
  | "stateId"
  | "projectId"
  | "cycleId"
  | "assigneeId"
  | "parentId"
  | "labelIds"
>;
export type NewIssue = { id?: string; teamId: string; title: string } & Partial<Editable> & When;
export type IssueEdit = { id: string; addedLabelIds?: readonly string[]; removedLabelIds?: readonly string[] } & Partial<Editable> & When;

export const timeOf = (store: Workspace, { at }: When): number =>
  at === undefined ? Store.instant(store) : typeof at === "number" ? at : Date.parse(at);

/** The first state of a type in a team, in the order of its board. */
export function stateOf(store: Workspace, teamId: string, type: Rows.StateType): Rows.WorkflowState {
  const found = [...store.workflowStates.values()].filter((one) => one.teamId === teamId && one.type === type);
  const [first] = found.sort((a, b) => a.position - b.position);
  if (!first) throw new Error(`The team ${teamId} has no state of type ${type}.`);
  return first;
}

export function createIssue(store: Workspace, given: NewIssue): Rows.Issue {
  const at = timeOf(store, given);
  const team = Store.team(store, given.teamId);
  const stateId = given.stateId ?? stateOf(store, team.id, "backlog").id;
  Store.must(store.workflowStates, stateId, "workflow state");
  const row: Rows.Issue = {
    id: given.id ?? Store.newId(store, "issue"),
    teamId: team.id,
    number: team.nextNumber++,
    previousIdentifiers: [],
    title: given.title,
    description: given.description ?? null,
    priority: given.priority ?? 0,
    estimate: given.estimate ?? null,
    dueDate: given.dueDate ?? null,
    stateId,
    projectId: given.projectId ?? null,
    cycleId: given.cycleId ?? null,
    assigneeId: given.assigneeId ?? null,
    creatorId: given.by ?? null,
    parentId: given.parentId ?? null,
    labelIds: [...(given.labelIds ?? [])],
    startedAt: null,
    completedAt: null,
    canceledAt: null,
    triagedAt: null,
    autoArchivedAt: null,
    trashed: null,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
  };
  enter(store, row, at);
  store.issues.set(row.id, row);
  Store.changed(store);
  announce(store, "create", "Issue", row, given.by ?? null);
  return row;
}

/** Any change to an issue's own columns. One that changes nothing leaves `updatedAt` alone. */
export function editIssue(store: Workspace, given: IssueEdit): Rows.Issue {
  const row = Store.issue(store, given.id);
  const { id: _, at: __, by, addedLabelIds, removedLabelIds, ...wanted } = given;
  const next: Partial<Rows.Issue> = { ...wanted };
  if (addedLabelIds || removedLabelIds)
    next.labelIds = [...new Set([...row.labelIds, ...(addedLabelIds ?? [])])].filter((id) => !removedLabelIds?.includes(id));
  if (next.teamId !== undefined && next.teamId !== row.teamId) Object.assign(next, moved(store, row, next));
  return save(store, row, next, { at: timeOf(store, given), by: by ?? null });
}

/** In another team an issue has another number, a state of the same type, and no cycle. */
function moved(store: Workspace, row: Rows.Issue, next: Partial<Rows.Issue>): Partial<Rows.Issue> {
  const team = Store.team(store, next.teamId ?? row.teamId);
  const old = `${Store.team(store, row.teamId).key}-${row.number}`;
  const { type } = Store.state(store, row.stateId);
  return {
    number: team.nextNumber++,
    previousIdentifiers: [...row.previousIdentifiers, old],
    stateId: next.stateId ?? stateOf(store, team.id, type).id,
    cycleId: next.cycleId ?? null,
  };
}

export function archiveIssue(store: Workspace, given: { id: string } & When): Rows.Issue {
  const at = timeOf(store, given);
  return save(store, Store.issue(store, given.id), { archivedAt: at }, { at, by: given.by ?? null, marks: { archived: true } });
}

/** What an issue in the trash is: archived, and marked. After thirty days, or when told, it is gone. */
export function trashIssue(store: Workspace, given: { id: string } & When): Rows.Issue {
  const at = timeOf(store, given);
  const row = Store.issue(store, given.id);
  return save(store, row, { archivedAt: at, trashed: true }, { at, by: given.by ?? null, marks: { trashed: true }, action: "remove" });
}

export function unarchiveIssue(store: Workspace, given: { id: string } & When): Rows.Issue {
  const at = timeOf(store, given);
  const row = Store.issue(store, given.id);
  const marks = row.trashed ? { trashed: false } : { archived: false };
  return save(store, row, { archivedAt: null, trashed: null }, { at, by: given.by ?? null, marks });
}

/** For good: the issue, its comments, relations and history are in no list any more. */
export function deleteIssue(store: Workspace, given: { id: string } & When): void {
  const row = Store.issue(store, given.id);
  if (!row.trashed) announce(store, "remove", "Issue", row, given.by ?? null);
  for (const one of [...store.comments.values()]) if (one.issueId === row.id) store.comments.delete(one.id);
  for (const one of [...store.issueRelations.values()])
    if (one.issueId === row.id || one.relatedIssueId === row.id) store.issueRelations.delete(one.id);
  for (const one of [...store.history.values()]) if (one.issueId === row.id) store.history.delete(one.id);
  for (const one of store.issues.values()) if (one.parentId === row.id) one.parentId = null;
  store.issues.delete(row.id);
  Store.changed(store);
}

/** What Linear does by itself: thirty days in the trash, then gone for good. Says how many went. */
export function emptyTrash(store: Workspace, given: { days?: number } & When = {}): number {
  const before = timeOf(store, given) - (given.days ?? 30) * 86_400_000;
  const old = [...store.issues.values()].filter((row) => row.trashed && row.archivedAt !== null && row.archivedAt <= before);
  for (const { id } of old) deleteIssue(store, { id });
  return old.length;
}

/** No webhook tells of it (linear.app/developers/webhooks lists what is told), and neither side's `updatedAt` moves. */
export function addRelation(
  store: Workspace,
  given: { id?: string; issueId: string; relatedIssueId: string; type: string } & When,
): Rows.Relation {
  const at = timeOf(store, given);
  const issueId = Store.issue(store, given.issueId).id;
  const relatedIssueId = Store.issue(store, given.relatedIssueId).id;
  const id = given.id ?? Store.newId(store, "relation");
  const row = { id, issueId, relatedIssueId, type: given.type, createdAt: at, updatedAt: at, archivedAt: null };
  store.issueRelations.set(id, row);
  Store.changed(store);
  return row;
}

export function removeRelation(store: Workspace, given: { id: string }): void {
  store.issueRelations.delete(Store.must(store.issueRelations, given.id, "relation").id);
  Store.changed(store);
}

type Saving = { at: number; by: string | null; marks?: Record<string, unknown>; action?: "remove" };
function save(store: Workspace, row: Rows.Issue, next: Partial<Rows.Issue>, given: Saving): Rows.Issue {
  const keys = (Object.keys(next) as (keyof Rows.Issue)[]).filter((key) => {
    return next[key] !== undefined && JSON.stringify(next[key]) !== JSON.stringify(row[key]);
  });
  if (keys.length === 0) return row;
  const before: Partial<Rows.Issue> = Object.fromEntries(keys.map((key) => [key, row[key]]));
  Object.assign(row, Object.fromEntries(keys.map((key) => [key, next[key]])), { updatedAt: given.at });
  if ("stateId" in before) enter(store, row, given.at);
  record(store, row, before, given);
  Store.changed(store);
  announce(store, given.action ?? "update", "Issue", row, given.by, before);
  return row;
}

/** The stamps that a state sets. */
function enter(store: Workspace, row: Rows.Issue, at: number): void {
  const { type } = Store.state(store, row.stateId);
  const begun = type === "started" || type === "completed";
  row.startedAt = begun ? (row.startedAt ?? at) : type === "canceled" || type === "duplicate" ? row.startedAt : null;
  row.completedAt = type === "completed" ? (row.completedAt ?? at) : null;
  row.canceledAt = type === "canceled" || type === "duplicate" ? (row.canceledAt ?? at) : null;
}
