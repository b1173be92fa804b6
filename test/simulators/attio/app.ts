import { Hono } from "hono";
import { BEHAVIOUR, SCOPES } from "#test/simulators/attio/behaviour.ts";
import { type Asked, type Handler, handled, knows, spend, tokenOf } from "#test/simulators/attio/doorway.ts";
import { listRoutes } from "#test/simulators/attio/list-routes.ts";
import { paperRoutes } from "#test/simulators/attio/paper-routes.ts";
import * as Query from "#test/simulators/attio/query.ts";
import * as Records from "#test/simulators/attio/records.ts";
import { errorBody, notFound, Refusal } from "#test/simulators/attio/refusal.ts";
import * as Render from "#test/simulators/attio/render.ts";
import type { Attribute, ObjectShape, Row, Shape } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { workspaceRoutes } from "#test/simulators/attio/workspace-routes.ts";
import type { World } from "#test/simulators/attio/world.ts";
import { json, jsonText, pass, unrouted } from "#test/simulators/gate.ts";
import { uuid } from "#test/simulators/uuid.ts";

export type Route = (name: string, handler: Handler) => void;

export function attioApp(world: World): Hono {
  const { store, gate } = world;
  const app = new Hono();
  const route: Route = (name, handler) => {
    const [method, pattern] = name.split(" ") as [string, string];
    app.on(method, `/v2/${pattern}`, (c) => pass(gate, name, c, handled(world, handler)));
  };

  route("GET self", ({ call, narrow }) => {
    const token = tokenOf(call.c);
    if (!knows(world, token)) return json({ active: false });
    return json({
      active: true,
      scope: SCOPES,
      client_id: uuid("client"),
      token_type: "Bearer",
      exp: null,
      iat: 1_705_311_000,
      sub: store.workspaceId,
      aud: uuid("client"),
      iss: "attio.com",
      authorized_by_workspace_member_id: [...store.members.keys()][narrow ? 1 : 0] ?? uuid("nobody"),
      workspace_id: store.workspaceId,
      workspace_name: store.workspaceName,
      workspace_slug: Render.slugOf(store.workspaceName),
      workspace_logo_url: null,
    });
  });

  route("GET objects", () => json({ data: [...store.objects.values()].filter((one) => !one.off).map((one) => Render.object(store, one)) }));
  route("GET objects/:object", ({ at }) => json({ data: Render.object(store, Records.shapeOf(store, at("object"))) }));

  attributeRoutes(store, route);
  recordRoutes(world, route);
  paperRoutes(store, route);
  listRoutes(world, route);
  workspaceRoutes(store, route);

  app.notFound((c) => unrouted(gate, c, json(errorBody(404, "not_found", `Cannot ${c.req.method} ${c.req.path}.`), 404)));
  return app;
}

function attributeRoutes(store: Store.Store, route: Route): void {
  const shapeOf = ({ at }: Asked): Shape => {
    const found = at("target") === "lists" ? Store.list(store, at("identifier")) : Store.object(store, at("identifier"));
    if (!found) throw notFound(`${at("target") === "lists" ? "List" : "Object"} with slug/ID "${at("identifier")}"`);
    return found;
  };
  route("GET :target/:identifier/attributes", (asked) => {
    const shape = shapeOf(asked);
    const { limit, offset } = Query.span(asked.query.limit, asked.query.offset, BEHAVIOUR.queryLimit, BEHAVIOUR.queryLimit);
    return json({ data: shape.attributes.slice(offset, offset + limit).map((one) => Render.attribute(store, shape, one)) });
  });
  route("GET :target/:identifier/attributes/:attribute", (asked) => {
    const shape = shapeOf(asked);
    return json({ data: Render.attribute(store, shape, attributeOf(shape, asked.at("attribute"))) });
  });
  for (const [path, type, render] of [
    ["options", "select", Render.option],
    ["statuses", "status", Render.status],
  ] as const)
    route(`GET :target/:identifier/attributes/:attribute/${path}`, (asked) => {
      const shape = shapeOf(asked);
      const attribute = attributeOf(shape, asked.at("attribute"));
      if (attribute.type !== type) throw new Refusal(400, "validation_type", `This attribute is not a ${type} attribute.`);
      const shown = attribute.choices.filter((one) => !one.archived || asked.query.show_archived === "true");
      return json({ data: shown.map((one) => render(store, shape, attribute, one)) });
    });
}

function attributeOf(shape: Shape, slugOrId: string): Attribute {
  const found = Store.attribute(shape, slugOrId);
  if (!found) throw notFound(`Attribute with slug/ID "${slugOrId}"`);
  return found;
}

function recordRoutes(world: World, route: Route): void {
  const { store } = world;
  const one = (row: Row) => jsonText(`{"data":${Render.recordJson(store, row)}}`);
  const asked = ({ at, narrow }: Asked): { shape: ObjectShape; row: Row } => {
    const shape = Records.shapeOf(store, at("object"));
    const row = Records.recordOf(store, shape, at("record"));
    if (!Store.sees(store, narrow, row.id)) throw notFound(`Record with ID "${row.id}"`);
    if (row.mergingUntil > store.now()) throw new Refusal(404, "merge_in_progress", "The record is being merged, try again later.");
    return { shape, row };
  };
  const valuesOf = ({ data }: Asked) => (data.values ?? {}) as Record<string, unknown>;

  route("POST objects/:object/records/query", ({ at, body, narrow }) => {
    const shape = Records.shapeOf(store, at("object"));
    const visible = [...store.records.values()].filter((row) => row.object === shape.slug && Store.sees(store, narrow, row.id));
    const { rows, complexity } = Query.page(store, shape, visible, body);
    return spend(world, complexity) ?? jsonText(`{"data":[${rows.map((row) => Render.recordJson(store, row)).join(",")}]}`);
  });
  route("POST objects/:object/records", (given) => {
    return one(Records.createRecord(store, { object: given.at("object"), values: valuesOf(given) }));
  });
  route("PUT objects/:object/records", (given) => {
    const shape = Records.shapeOf(store, given.at("object"));
    return one(
      Records.assertRecord(store, { object: shape.slug, matching: given.query.matching_attribute ?? "", values: valuesOf(given) }),
    );
  });
  route("GET objects/:object/records/:record", (given) => one(asked(given).row));
  for (const method of ["PATCH", "PUT"])
    route(`${method} objects/:object/records/:record`, (given) => {
      const { shape, row } = asked(given);
      return one(Records.editRecord(store, { object: shape.slug, id: row.id, values: valuesOf(given), add: method === "PATCH" }));
    });
  route("DELETE objects/:object/records/:record", (given) => {
    const { shape, row } = asked(given);
    Records.deleteRecord(store, { object: shape.slug, id: row.id });
    return json({});
  });
  route("GET objects/:object/records/:record/attributes/:attribute/values", (given) => {
    const { shape, row } = asked(given);
    const attribute = attributeOf(shape, given.at("attribute"));
    const past = given.query.show_historic === "true" ? (row.past[attribute.slug] ?? []) : [];
    const all = [...past, ...(row.values[attribute.slug] ?? [])];
    const { limit, offset } = Query.span(given.query.limit, given.query.offset, BEHAVIOUR.queryLimit, BEHAVIOUR.queryLimit);
    return json({ data: all.slice(offset, offset + limit).map((value) => Render.value(store, shape, attribute, value)) });
  });
}
