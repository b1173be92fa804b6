import type { Route } from "#test/simulators/attio/app.ts";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { type Asked, spend } from "#test/simulators/attio/doorway.ts";
import * as Lists from "#test/simulators/attio/lists.ts";
import * as Query from "#test/simulators/attio/query.ts";
import * as Records from "#test/simulators/attio/records.ts";
import { notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import * as Render from "#test/simulators/attio/render.ts";
import type { Entry, ListShape } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import type { World } from "#test/simulators/attio/world.ts";
import { json, jsonText } from "#test/simulators/gate.ts";

export function listRoutes(world: World, route: Route): void {
  const { store } = world;
  const one = (entry: Entry) => jsonText(`{"data":${Render.entryJson(store, entry)}}`);
  const shown = (shape: ListShape) => !store.objects.get(shape.parent)?.off;
  const listAt = ({ at }: Asked): ListShape => {
    const shape = Lists.listOf(store, at("list"));
    if (!shown(shape)) throw notFound(`List with slug/ID "${at("list")}"`);
    return shape;
  };
  const entryAt = (asked: Asked): Entry => {
    const shape = listAt(asked);
    const entry = Lists.entryOf(store, asked.at("entry"));
    if (entry.listId !== shape.id || !Store.sees(store, asked.narrow, entry.recordId)) throw notFound(`Entry with ID "${entry.id}"`);
    return entry;
  };
  const valuesOf = ({ data }: Asked) => (data.entry_values ?? {}) as Record<string, unknown>;

  route("GET lists", () => json({ data: [...store.lists.values()].filter(shown).map((shape) => Render.list(store, shape)) }));
  route("GET lists/:list", (asked) => json({ data: Render.list(store, listAt(asked)) }));
  route("POST lists/:list/entries/query", (asked) => {
    const shape = listAt(asked);
    const visible = [...store.entries.values()].filter((row) => row.listId === shape.id && Store.sees(store, asked.narrow, row.recordId));
    const { rows, complexity } = Query.page(store, shape, visible, asked.body);
    return spend(world, complexity) ?? jsonText(`{"data":[${rows.map((row) => Render.entryJson(store, row)).join(",")}]}`);
  });
  route("POST lists/:list/entries", (asked) => {
    const recordId = String(asked.data.parent_record_id);
    return one(Lists.addToList(store, { list: listAt(asked).id, recordId, values: valuesOf(asked) }));
  });
  route("PUT lists/:list/entries", (asked) => {
    const shape = listAt(asked);
    const recordId = String(asked.data.parent_record_id);
    const [found, ...others] = [...store.entries.values()].filter((row) => row.listId === shape.id && row.recordId === recordId);
    if (others.length > 0) throw new Refusal(400, "multiple_match_results", "Multiple entries were founds for the given parent record.");
    if (!found) return one(Lists.addToList(store, { list: shape.id, recordId, values: valuesOf(asked) }));
    return one(Lists.editEntry(store, { id: found.id, values: valuesOf(asked) }));
  });
  route("GET lists/:list/entries/:entry", (asked) => one(entryAt(asked)));
  for (const method of ["PATCH", "PUT"])
    route(`${method} lists/:list/entries/:entry`, (asked) =>
      one(Lists.editEntry(store, { id: entryAt(asked).id, values: valuesOf(asked), add: method === "PATCH" })),
    );
  route("DELETE lists/:list/entries/:entry", (asked) => {
    Lists.removeFromList(store, { id: entryAt(asked).id });
    return json({});
  });

  route("GET objects/:object/records/:record/entries", ({ at, query, narrow }) => {
    const row = Records.recordOf(store, Records.shapeOf(store, at("object")), at("record"));
    const { limit, offset } = Query.span(query.limit, query.offset, BEHAVIOUR.entriesOfRecordLimit, BEHAVIOUR.entriesOfRecordMax);
    const found = [...store.entries.values()].filter((one) => one.recordId === row.id && Store.sees(store, narrow, row.id));
    const data = found.slice(offset, offset + limit).map((one) => ({
      list_id: one.listId,
      list_api_slug: store.lists.get(one.listId)?.slug,
      entry_id: one.id,
      created_at: one.created_at,
    }));
    return json({ data });
  });
}
