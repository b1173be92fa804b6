import { announce, announceChange } from "#test/simulators/attio/notices.ts";
import { notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import type { Actor, Holder, ObjectShape, Row, Value } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import * as Values from "#test/simulators/attio/values.ts";

type Account = Store.Store;
type Given = Readonly<Record<string, unknown>>;
export type NewRecord = {
  object: string;
  values: Given;
  createdAt?: number;
  by?: Actor;
  /** No look for another record with the same unique value: for data that is made without duplicates. */
  unchecked?: true;
};

/** `createdAt` in epoch seconds. Two records of the same instant are as usual here as in a real import. */
export function createRecord(store: Account, given: NewRecord): Row {
  const shape = shapeOf(store, given.object);
  const at = given.createdAt === undefined ? Store.stampNow(store) : Store.stamp(given.createdAt);
  const actor = given.by ?? Store.API;
  const id = Store.newId(store, shape.slug);
  const row: Row = { object: shape.slug, mergingUntil: 0, ...holder(id, at, actor) };
  row.values.record_id = [Values.value("text", { value: id }, at, actor)];
  Values.write(store, shape, row, given.values, { at, actor });
  for (const attribute of shape.attributes)
    if (attribute.required && (row.values[attribute.slug] ?? []).length === 0)
      throw new Refusal(400, "missing_value", `Required value for attribute with ID "${attribute.id}" was not provided.`);
  if (!given.unchecked) refuseDuplicates(store, shape, row);
  store.records.set(id, row);
  announce(store, "record.created", recordId(store, row), actor);
  return row;
}

/** What a record and a list's entry begin with. */
export function holder(id: string, at: string, actor: Actor): Holder {
  const values: Record<string, Value[]> = {
    created_at: [Values.value("timestamp", { value: at }, at, actor)],
    created_by: [Values.value("actor-reference", { referenced_actor_type: actor.type, referenced_actor_id: actor.id }, at, actor)],
  };
  return { id, created_at: at, created_by: actor, values, past: {}, json: undefined };
}

/** Each value that changes gets a new `active_from`; nothing else tells of the edit. `add`: keep what a multiselect holds. */
export function editRecord(
  store: Account,
  given: { object: string; id: string; values: Given; at?: number; add?: boolean; by?: Actor },
): Row {
  const shape = shapeOf(store, given.object);
  const row = recordOf(store, shape, given.id);
  const at = given.at === undefined ? Store.stampNow(store) : Store.stamp(given.at);
  const actor = given.by ?? Store.API;
  // Written on a copy first: a refused edit must leave nothing behind.
  const copy = { ...row, values: { ...row.values }, past: { ...row.past } };
  const changed = Values.write(store, shape, copy, given.values, { at, actor, add: given.add ?? false });
  refuseDuplicates(store, shape, copy);
  Object.assign(row, copy);
  announceChange(store, "record.updated", shape, changed, recordId(store, row), actor);
  return row;
}

/** Edits the one record that has the same value of `matching`, or makes a new one. */
export function assertRecord(store: Account, given: { object: string; matching: string; values: Given; by?: Actor }): Row {
  const shape = shapeOf(store, given.object);
  const attribute = Store.attribute(shape, given.matching);
  if (!attribute) throw new Refusal(400, "value_not_found", `No attribute was found for matching_attribute slug/ID "${given.matching}".`);
  if (!attribute.unique) throw new Refusal(400, "validation_type", `Attribute "${attribute.slug}" is not unique.`);
  const probe = holder("probe", Store.stampNow(store), Store.API);
  const key = given.values[attribute.slug] ?? given.values[attribute.id];
  if (key === undefined)
    throw new Refusal(400, "missing_value", `Required value for attribute with ID "${attribute.id}" was not provided.`);
  Values.write(store, shape, probe, { [attribute.slug]: key }, { at: probe.created_at, actor: Store.API });
  const [found, ...others] = match(store, shape, attribute.slug, probe.values[attribute.slug] ?? []);
  if (others.length > 0) throw new Refusal(400, "multiple_match_results", "Multiple records were found for the matching attribute.");
  if (!found) return createRecord(store, given);
  // New values of the matching attribute are added to the old ones; all others are written over.
  const { [attribute.slug]: _, [attribute.id]: __, ...rest } = given.values;
  editRecord(store, { object: shape.slug, id: found.id, values: { [attribute.slug]: key }, add: true });
  return editRecord(store, { object: shape.slug, id: found.id, values: rest });
}

export function moveStage(store: Account, given: { id: string; stage: string; at?: number; by?: Actor }): Row {
  const { stage, ...rest } = given;
  return editRecord(store, { object: "deals", values: { stage: [{ status: stage }] }, ...rest });
}

/** What hangs on it goes with it: its notes and entries; tasks and references lose the link. */
export function deleteRecord(store: Account, given: { object: string; id: string; by?: Actor }): void {
  const row = recordOf(store, shapeOf(store, given.object), given.id);
  store.records.delete(row.id);
  for (const note of store.notes.values()) if (note.recordId === row.id) store.notes.delete(note.id);
  for (const entry of store.entries.values()) if (entry.recordId === row.id) store.entries.delete(entry.id);
  for (const task of store.tasks.values()) task.linked = task.linked.filter((one) => one.recordId !== row.id);
  repoint(store, row.id, undefined);
  announce(store, "record.deleted", recordId(store, row), given.by ?? Store.API);
}

/** `from` disappears into `into`, and what pointed at it points there. For `seconds` both answer that the merge is not over. */
export function mergeRecords(store: Account, given: { object: string; into: string; from: string; seconds?: number; by?: Actor }): Row {
  const shape = shapeOf(store, given.object);
  const [into, from] = [recordOf(store, shape, given.into), recordOf(store, shape, given.from)];
  const actor = given.by ?? Store.API;
  const at = Store.stampNow(store);
  store.records.delete(from.id);
  for (const attribute of shape.attributes) {
    if (!attribute.writable) continue;
    const held = into.values[attribute.slug] ?? [];
    const known = new Set(held.map(Values.fingerprint));
    const other = (from.values[attribute.slug] ?? []).filter((one) => !known.has(Values.fingerprint(one)));
    const gained = attribute.multiple ? other : held.length === 0 ? other.slice(0, 1) : [];
    into.values[attribute.slug] = [...held, ...gained.map((one) => ({ ...one, active_from: at, created_by_actor: actor }))];
  }
  into.json = undefined;
  for (const note of store.notes.values()) if (note.recordId === from.id) note.recordId = into.id;
  for (const entry of store.entries.values()) {
    if (entry.recordId !== from.id) continue;
    entry.recordId = into.id;
    entry.json = undefined;
  }
  for (const task of store.tasks.values()) for (const link of task.linked) if (link.recordId === from.id) link.recordId = into.id;
  repoint(store, from.id, into.id);
  if (given.seconds) into.mergingUntil = store.now() + given.seconds;
  announce(store, "record.merged", recordId(store, into), actor, { duplicate_object_id: shape.id, duplicate_record_id: from.id });
  return into;
}

/** Values that point at a record: a deal's company, a person's company, a deal's people. */
function repoint(store: Account, id: string, to: string | undefined): void {
  const at = Store.stampNow(store);
  for (const row of store.records.values()) {
    for (const [slug, held] of Object.entries(row.values)) {
      if (!held.some((one) => one.target_record_id === id)) continue;
      const others = held.filter((one) => one.target_record_id !== id);
      const known = to === undefined || others.some((one) => one.target_record_id === to);
      const moved = held.filter((one) => one.target_record_id === id).map((one) => ({ ...one, target_record_id: to, active_from: at }));
      row.values[slug] = known ? others : [...others, ...moved];
      row.json = undefined;
    }
  }
}

/** What an answer about one record may be read from, or the refusal that the vendor gives. */
export function recordOf(store: Account, shape: ObjectShape, id: string): Row {
  const row = Store.record(store, shape.slug, id);
  if (!row) throw notFound(`Record with ID "${id}"`);
  return row;
}

export function shapeOf(store: Account, slugOrId: string): ObjectShape {
  const shape = Store.object(store, slugOrId);
  if (!shape) throw notFound(`Object with slug/ID "${slugOrId}"`);
  return shape;
}

/** Another record that has the same value of a unique attribute. */
export function match(store: Account, shape: ObjectShape, slug: string, held: readonly Value[], but?: string): Row[] {
  const wanted = new Set(held.map(Values.fingerprint));
  return [...store.records.values()].filter(
    (row) => row.object === shape.slug && row.id !== but && (row.values[slug] ?? []).some((one) => wanted.has(Values.fingerprint(one))),
  );
}

function refuseDuplicates(store: Account, shape: ObjectShape, row: Row): void {
  for (const { slug, unique } of shape.attributes) {
    const held = unique ? row.values[slug] : undefined;
    if (held && held.length > 0 && match(store, shape, slug, held, row.id).length > 0)
      throw new Refusal(400, "validation_type", `A record with the same value of "${slug}" exists: it must be unique.`);
  }
}

function recordId(store: Account, row: Row): Record<string, string> {
  const shape = Store.must(store.objects.get(row.object), `object ${row.object}`);
  return { workspace_id: store.workspaceId, object_id: shape.id, record_id: row.id };
}
