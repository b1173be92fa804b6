import { announce } from "#test/simulators/linear/notices.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import * as Store from "#test/simulators/linear/store.ts";
import { timeOf, type When } from "#test/simulators/linear/verbs.ts";

type Workspace = Store.Store;
export type NewComment = { id?: string; body: string; issueId?: string | null; projectId?: string | null; parentId?: string | null } & {
  quotedText?: string | null;
} & When;

/** A comment touches neither its issue's `updatedAt` nor its project's: they are read each by their own. */
export function addComment(store: Workspace, given: NewComment): Rows.Comment {
  const at = timeOf(store, given);
  if (given.issueId) Store.issue(store, given.issueId);
  const row: Rows.Comment = {
    id: given.id ?? Store.newId(store, "comment"),
    body: given.body,
    issueId: given.issueId ?? null,
    projectId: given.projectId ?? null,
    userId: given.by ?? null,
    parentId: given.parentId ?? null,
    editedAt: null,
    resolvedAt: null,
    resolvingUserId: null,
    resolvingCommentId: null,
    quotedText: given.quotedText ?? null,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
  };
  store.comments.set(row.id, row);
  Store.changed(store);
  announce(store, "create", "Comment", row, row.userId);
  return row;
}

export function editComment(store: Workspace, given: { id: string; body?: string; quotedText?: string } & When): Rows.Comment {
  const at = timeOf(store, given);
  const row = Store.must(store.comments, given.id, "comment");
  const before = { body: row.body, editedAt: row.editedAt };
  Object.assign(row, { body: given.body ?? row.body, quotedText: given.quotedText ?? row.quotedText, editedAt: at, updatedAt: at });
  Store.changed(store);
  announce(store, "update", "Comment", row, given.by ?? null, before);
  return row;
}

/** For good, and its answers with it. */
export function deleteComment(store: Workspace, given: { id: string } & When): void {
  const row = Store.must(store.comments, given.id, "comment");
  for (const one of [...store.comments.values()]) if (one.id === row.id || one.parentId === row.id) store.comments.delete(one.id);
  Store.changed(store);
  announce(store, "remove", "Comment", row, given.by ?? null);
}

type NewProject = { id?: string; name: string; teamIds: readonly string[] } & Partial<
  Pick<Rows.Project, "description" | "content" | "color" | "icon" | "statusId" | "leadId" | "memberIds" | "startDate" | "targetDate">
> &
  Partial<Pick<Rows.Project, "priority" | "health" | "startedAt" | "completedAt">> &
  When;
export function addProject(store: Workspace, given: NewProject): Rows.Project {
  const at = timeOf(store, given);
  const id = given.id ?? Store.newId(store, "project");
  const row: Rows.Project = {
    id,
    name: given.name,
    description: given.description ?? "",
    content: given.content ?? null,
    color: given.color ?? "#5e6ad2",
    icon: given.icon ?? null,
    slugId: id.slice(0, 8),
    statusId: given.statusId ?? [...store.projectStatuses.values()].find((one) => one.type === "started")?.id ?? "",
    leadId: given.leadId ?? null,
    creatorId: given.by ?? null,
    memberIds: [...(given.memberIds ?? [])],
    teamIds: [...given.teamIds],
    startDate: given.startDate ?? null,
    targetDate: given.targetDate ?? null,
    priority: given.priority ?? 0,
    health: given.health ?? null,
    startedAt: given.startedAt ?? null,
    completedAt: given.completedAt ?? null,
    canceledAt: null,
    trashed: null,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
  };
  store.projects.set(id, row);
  Store.changed(store);
  announce(store, "create", "Project", row, given.by ?? null);
  return row;
}

type ProjectEdit = { id: string } & Partial<Omit<Rows.Project, keyof Rows.Base | "slugId" | "creatorId">> & When;
export function editProject(store: Workspace, given: ProjectEdit): Rows.Project {
  return edit(store, "Project", Store.must(store.projects, given.id, "project"), given);
}
export function trashProject(store: Workspace, given: { id: string } & When): Rows.Project {
  const row = Store.must(store.projects, given.id, "project");
  return edit(store, "Project", row, { ...given, archivedAt: timeOf(store, given), trashed: true }, "remove");
}

type NewDocument = { id?: string; title: string } & Partial<Pick<Rows.Document, "content" | "icon" | "projectId" | "issueId" | "teamId">> &
  When;
export function addDocument(store: Workspace, given: NewDocument): Rows.Document {
  const at = timeOf(store, given);
  const id = given.id ?? Store.newId(store, "document");
  const row: Rows.Document = {
    id,
    title: given.title,
    content: given.content ?? null,
    color: null,
    icon: given.icon ?? null,
    slugId: id.slice(0, 12).replace("-", ""),
    projectId: given.projectId ?? null,
    issueId: given.issueId ?? null,
    teamId: given.teamId ?? null,
    creatorId: given.by ?? null,
    updatedById: given.by ?? null,
    trashed: null,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
  };
  store.documents.set(id, row);
  Store.changed(store);
  announce(store, "create", "Document", row, given.by ?? null);
  return row;
}

type DocumentEdit = { id: string } & Partial<
  Pick<Rows.Document, "title" | "content" | "icon" | "color" | "projectId" | "issueId" | "teamId">
> &
  When;
export function editDocument(store: Workspace, given: DocumentEdit): Rows.Document {
  const row = Store.must(store.documents, given.id, "document");
  return edit(store, "Document", row, { ...given, ...(given.by ? { updatedById: given.by } : {}) });
}
export function trashDocument(store: Workspace, given: { id: string } & When): Rows.Document {
  const row = Store.must(store.documents, given.id, "document");
  return edit(store, "Document", row, { ...given, archivedAt: timeOf(store, given), trashed: true }, "remove");
}
export function deleteDocument(store: Workspace, given: { id: string }): void {
  store.documents.delete(Store.must(store.documents, given.id, "document").id);
  Store.changed(store);
}

function edit<R extends Rows.Base>(store: Workspace, type: string, row: R, given: Partial<R> & When, action?: "remove"): R {
  const { id: _, at: __, by, ...next } = given;
  const keys = Object.keys(next).filter((key) => next[key as never] !== undefined && next[key as never] !== row[key as keyof R]);
  if (keys.length === 0) return row;
  const before = Object.fromEntries(keys.map((key) => [key, row[key as keyof R]]));
  Object.assign(row, Object.fromEntries(keys.map((key) => [key, next[key as never]])), { updatedAt: timeOf(store, given) });
  Store.changed(store);
  announce(store, action ?? "update", type, row, by ?? null, before);
  return row;
}
