import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { announce } from "#test/simulators/attio/notices.ts";
import { recordOf, shapeOf } from "#test/simulators/attio/records.ts";
import { notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import type { Actor, Note, Task } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";

type Account = Store.Store;
export type NewNote = { object: string; recordId: string; title: string; content: string; createdAt?: number; by?: Actor };

export function addNote(store: Account, given: NewNote): Note {
  const shape = shapeOf(store, given.object);
  const { id: recordId } = recordOf(store, shape, given.recordId);
  const note: Note = {
    id: Store.newId(store, "note"),
    object: shape.slug,
    recordId,
    title: given.title,
    markdown: given.content,
    created_at: given.createdAt === undefined ? Store.stampNow(store) : Store.stamp(given.createdAt),
    created_by: given.by ?? Store.API,
  };
  store.notes.set(note.id, note);
  tell(store, "note.created", note, note.created_by);
  return note;
}

/** In the app, for the API has no such call. Nothing in the note says that it was edited. */
export function editNote(store: Account, given: { id: string; title?: string; content?: string; by?: Actor }): Note {
  const note = noteOf(store, given.id);
  if (given.title !== undefined) note.title = given.title;
  if (given.content !== undefined) note.markdown = given.content;
  tell(store, given.content === undefined ? "note.updated" : "note-content.updated", note, given.by ?? Store.API);
  return note;
}

export function deleteNote(store: Account, given: { id: string; by?: Actor }): void {
  const note = noteOf(store, given.id);
  store.notes.delete(note.id);
  tell(store, "note.deleted", note, given.by ?? Store.API);
}

export function noteOf(store: Account, id: string): Note {
  const note = store.notes.get(id);
  if (!note) throw new Refusal(404, "not_found", `Note with ID "${id}" was not found.`);
  return note;
}

type TaskFields = {
  content: string;
  deadlineAt: string | null;
  completed: boolean;
  linked: readonly { object: string; recordId: string }[];
  /** Members, by id or e-mail address. */
  assignees: readonly string[];
};
export type NewTask = Pick<TaskFields, "content"> & Partial<TaskFields> & { createdAt?: number; completedAt?: number; by?: Actor };

export function addTask(store: Account, given: NewTask): Task {
  const at = given.createdAt === undefined ? Store.stampNow(store) : Store.stamp(given.createdAt);
  const task: Task = {
    id: Store.newId(store, "task"),
    content: "",
    deadline_at: null,
    completed_at: null,
    linked: [],
    assignees: [],
    created_at: at,
    created_by: given.by ?? Store.API,
  };
  apply(store, task, given);
  if (given.completedAt !== undefined) task.completed_at = Store.stamp(given.completedAt);
  store.tasks.set(task.id, task);
  announce(store, "task.created", taskId(store, task), task.created_by);
  return task;
}

export function editTask(store: Account, given: { id: string; by?: Actor } & Partial<TaskFields>): Task {
  const task = taskOf(store, given.id);
  apply(store, task, given);
  announce(store, "task.updated", taskId(store, task), given.by ?? Store.API);
  return task;
}

export const completeTask = (store: Account, given: { id: string; by?: Actor }): Task => editTask(store, { ...given, completed: true });

export function deleteTask(store: Account, given: { id: string; by?: Actor }): void {
  const task = taskOf(store, given.id);
  store.tasks.delete(task.id);
  announce(store, "task.deleted", taskId(store, task), given.by ?? Store.API);
}

export function taskOf(store: Account, id: string): Task {
  const task = store.tasks.get(id);
  if (!task) throw new Refusal(404, "not_found", `Could not find Task with ID "${id}".`);
  return task;
}

function apply(store: Account, task: Task, given: Partial<TaskFields>): void {
  if (given.content !== undefined && given.content.length > BEHAVIOUR.taskMax)
    throw new Refusal(400, "validation_type", `content is longer than ${BEHAVIOUR.taskMax} characters.`);
  const linked = given.linked?.map(({ object, recordId }) => {
    const shape = shapeOf(store, object);
    return { object: shape.slug, recordId: recordOf(store, shape, recordId).id };
  });
  const assignees = given.assignees?.map((one) => {
    const member = [...store.members.values()].find(({ id, email }) => id === one || email === one);
    if (!member) throw notFound(`Workspace member "${one}"`);
    return member.id;
  });
  if (given.content !== undefined) task.content = given.content;
  if (given.deadlineAt !== undefined) task.deadline_at = given.deadlineAt;
  if (given.completed !== undefined) task.completed_at = given.completed ? (task.completed_at ?? Store.stampNow(store)) : null;
  if (linked) task.linked = linked;
  if (assignees) task.assignees = assignees;
}

function tell(store: Account, event: string, note: Note, actor: Actor): void {
  const parent = store.objects.get(note.object)?.id ?? "";
  announce(store, event, { workspace_id: store.workspaceId, note_id: note.id }, actor, {
    parent_object_id: parent,
    parent_record_id: note.recordId,
  });
}

const taskId = (store: Account, task: Task) => ({ workspace_id: store.workspaceId, task_id: task.id });
