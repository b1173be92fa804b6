import { attribute } from "#test/simulators/attio/attributes.ts";
import { announce, announceChange } from "#test/simulators/attio/notices.ts";
import { holder, shapeOf } from "#test/simulators/attio/records.ts";
import { notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import type { Actor, Entry, ListShape } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import * as Values from "#test/simulators/attio/values.ts";

type Account = Store.Store;
type Given = Readonly<Record<string, unknown>>;

/** A list of one kind of record. Its entries have one attribute of their own, a text. */
export function addList(store: Account, given: { slug: string; name: string; object: string }): ListShape {
  const parent = shapeOf(store, given.object).slug;
  const own = [attribute(given.slug, { slug: "remark", title: "Remark", type: "text", custom: true }, true)];
  return Store.addListShape(store, given.slug, given.name, parent, own);
}

/** The same record may stand in a list more than once. */
export function addToList(
  store: Account,
  given: { list: string; recordId: string; values?: Given; createdAt?: number; by?: Actor },
): Entry {
  const shape = listOf(store, given.list);
  if (!Store.record(store, shape.parent, given.recordId))
    throw new Refusal(400, "value_not_found", `Parent record with slug/ID "${given.recordId}" not found.`);
  const at = given.createdAt === undefined ? Store.stampNow(store) : Store.stamp(given.createdAt);
  const actor = given.by ?? Store.API;
  const id = Store.newId(store, "entry");
  const entry: Entry = { ...holder(id, at, actor), listId: shape.id, object: shape.parent, recordId: given.recordId };
  Values.write(store, shape, entry, given.values ?? {}, { at, actor });
  store.entries.set(id, entry);
  announce(store, "list-entry.created", entryId(store, entry), actor, parentOf(store, entry));
  return entry;
}

export function editEntry(store: Account, given: { id: string; values: Given; add?: boolean; by?: Actor }): Entry {
  const entry = entryOf(store, given.id);
  const shape = listOf(store, entry.listId);
  const actor = given.by ?? Store.API;
  const changed = Values.write(store, shape, entry, given.values, { at: Store.stampNow(store), actor, add: given.add ?? false });
  announceChange(store, "list-entry.updated", shape, changed, entryId(store, entry), actor, parentOf(store, entry));
  return entry;
}

export function removeFromList(store: Account, given: { id: string; by?: Actor }): void {
  const entry = entryOf(store, given.id);
  store.entries.delete(entry.id);
  announce(store, "list-entry.deleted", entryId(store, entry), given.by ?? Store.API, parentOf(store, entry));
}

export function listOf(store: Account, slugOrId: string): ListShape {
  const shape = Store.list(store, slugOrId);
  if (!shape) throw notFound(`List with slug/ID "${slugOrId}"`);
  return shape;
}

export function entryOf(store: Account, id: string): Entry {
  const entry = store.entries.get(id);
  if (!entry) throw notFound(`Entry with ID "${id}"`);
  return entry;
}

const entryId = (store: Account, entry: Entry) => ({ workspace_id: store.workspaceId, list_id: entry.listId, entry_id: entry.id });
const parentOf = (store: Account, entry: Entry) => {
  return { parent_object_id: store.objects.get(entry.object)?.id ?? "", parent_record_id: entry.recordId };
};
