import type { Route } from "#test/simulators/attio/app.ts";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { fields } from "#test/simulators/attio/doorway.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Query from "#test/simulators/attio/query.ts";
import * as Records from "#test/simulators/attio/records.ts";
import { Refusal } from "#test/simulators/attio/refusal.ts";
import * as Render from "#test/simulators/attio/render.ts";
import type { Note, Task } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { json } from "#test/simulators/gate.ts";

const text = (found: unknown): string => (typeof found === "string" ? found : "");

export function paperRoutes(store: Store.Store, route: Route): void {
  const note = (one: Note) => json({ data: Render.note(store, one) });
  const task = (one: Task) => json({ data: Render.task(store, one) });

  const shown = (one: Task, narrow: boolean) => one.linked.every((link) => Store.sees(store, narrow, link.recordId));

  route("GET notes", ({ query, narrow }) => {
    const object = query.parent_object === undefined ? undefined : Records.shapeOf(store, query.parent_object).slug;
    const id = query.parent_record_id;
    const { limit, offset } = Query.span(query.limit, query.offset, BEHAVIOUR.notesLimit, BEHAVIOUR.notesMax);
    const found = [...store.notes.values()].filter(
      (one) =>
        (object === undefined || one.object === object) &&
        (id === undefined || one.recordId === id) &&
        !store.objects.get(one.object)?.off &&
        Store.sees(store, narrow, one.recordId),
    );
    const sorted = found.sort((a, b) => BEHAVIOUR.notesOrder * byTime(store, a, b));
    return json({ data: sorted.slice(offset, offset + limit).map((one) => Render.note(store, one)) });
  });
  route("GET notes/:note", ({ at, narrow }) => {
    const found = Papers.noteOf(store, at("note"));
    if (!Store.sees(store, narrow, found.recordId)) throw new Refusal(404, "not_found", `Note with ID "${found.id}" was not found.`);
    return note(found);
  });
  route("POST notes", ({ data }) => {
    const createdAt = typeof data.created_at === "string" ? { createdAt: Date.parse(data.created_at) / 1_000 } : {};
    const [object, recordId] = [text(data.parent_object), text(data.parent_record_id)];
    return note(Papers.addNote(store, { object, recordId, title: text(data.title), content: text(data.content), ...createdAt }));
  });
  route("DELETE notes/:note", ({ at }) => {
    Papers.deleteNote(store, { id: at("note") });
    return json({});
  });

  route("GET tasks", ({ query, narrow }) => {
    const { linked_object, linked_record_id, assignee, is_completed, sort } = query;
    if ((linked_object === undefined) !== (linked_record_id === undefined))
      throw new Refusal(400, "validation_type", "linked_object and linked_record_id go together.");
    const object = linked_object === undefined ? undefined : Records.shapeOf(store, linked_object).slug;
    const { limit, offset } = Query.span(query.limit, query.offset, BEHAVIOUR.tasksLimit, BEHAVIOUR.tasksLimit);
    const member = [...store.members.values()].find((one) => one.id === assignee || one.email === assignee);
    const found = [...store.tasks.values()].filter(
      (one) =>
        (object === undefined || one.linked.some((link) => link.object === object && link.recordId === linked_record_id)) &&
        (is_completed === undefined || (one.completed_at !== null) === (is_completed === "true")) &&
        (assignee === undefined || (member ? one.assignees.includes(member.id) : one.assignees.length === 0)) &&
        shown(one, narrow),
    );
    const sorted = found.sort((a, b) => (sort === "created_at:desc" ? byTime(store, b, a) : byTime(store, a, b)));
    return json({ data: sorted.slice(offset, offset + limit).map((one) => Render.task(store, one)) });
  });
  route("GET tasks/:task", ({ at, narrow }) => {
    const found = Papers.taskOf(store, at("task"));
    if (!shown(found, narrow)) throw new Refusal(404, "not_found", `Could not find Task with ID "${found.id}".`);
    return task(found);
  });
  route("POST tasks", ({ data }) => task(Papers.addTask(store, { content: text(data.content), ...taskFields(data) })));
  route("PATCH tasks/:task", ({ at, data }) => task(Papers.editTask(store, { id: at("task"), ...taskFields(data) })));
  route("DELETE tasks/:task", ({ at }) => {
    Papers.deleteTask(store, { id: at("task") });
    return json({});
  });
}

function taskFields(data: Readonly<Record<string, unknown>>): Partial<Papers.NewTask> {
  const list = (found: unknown) => (Array.isArray(found) ? found.map(fields) : undefined);
  const linked = list(data.linked_records)?.map((one) => ({ object: text(one.target_object), recordId: text(one.target_record_id) }));
  const assignees = list(data.assignees)?.map((one) => text(one.referenced_actor_id ?? one.workspace_member_email_address));
  return {
    ...(data.deadline_at === undefined ? {} : { deadlineAt: data.deadline_at === null ? null : text(data.deadline_at) }),
    ...(data.is_completed === undefined ? {} : { completed: data.is_completed === true }),
    ...(linked ? { linked } : {}),
    ...(assignees ? { assignees } : {}),
  };
}

function byTime(store: Store.Store, a: Note | Task, b: Note | Task): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return Store.place(store, a.id) - Store.place(store, b.id);
}
