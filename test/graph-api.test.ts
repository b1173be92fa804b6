import { afterAll, beforeAll, expect, test } from "vitest";
import { sql, transaction } from "#core/db.ts";
import * as Graph from "#core/memory/graph.ts";
import { app } from "#functions/api/kag.ts";
import { type Acquaintance, acquaintance, NOW } from "#test/acquaintance.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { chunks } from "#test/graph.ts";
import { call, type Headers, person } from "#test/people.ts";

let database: TestDatabase;
let here: Acquaintance;
let viewer: Headers;
beforeAll(async () => {
  database = await freshDatabase();
  here = await acquaintance();
  viewer = await (await person(here, "viewer", here.projects)).signIn();
  await here.contacts([{ name: "Ольга Летова", email: "olga@letova.example" }]);
  await here.tasks.put("linear_users_raw", [{ external_id: "u1", name: "Anna Kern" }]);
  await here.tasks.put("linear_issues_raw", [
    { external_id: "i1", identifier: "ABC-1", title: "Landing page", state: "Todo", assignee_external_id: "u1", created_at: NOW },
  ]);
  await chunks(here, [{ ref: "a", text: "Olga asks about ABC-1" }]);
  await Graph.refresh(here.scope(0), NOW);
});
afterAll(() => database.close());
const get = (path: string, project = here.projects[0]) =>
  call(app, "GET", `${path}${path.includes("?") ? "&" : "?"}project_id=${project}`, viewer);

test("nodes are listed page by page, by type, and by a name in the other script", async () => {
  const first = await get("/kag/nodes?limit=2");
  expect(first.body.nodes).toHaveLength(2);
  const rest = await get(`/kag/nodes?limit=2&cursor=${first.body.next_cursor}`);
  expect([...first.body.nodes, ...rest.body.nodes].map((node: { title: string }) => node.title).toSorted()).toEqual([
    "Anna Kern",
    "Landing page",
    "Ольга Летова",
  ]);
  expect((await get("/kag/nodes?type=task")).body.nodes).toMatchObject([{ title: "Landing page", node_type: "task", status: "Todo" }]);
  expect((await get("/kag/nodes?q=olga%20letova")).body).toMatchObject({ nodes: [{ title: "Ольга Летова" }], next_cursor: null });
  expect((await get("/kag/nodes?q=olga%20letova&type=deal")).body.nodes).toEqual([]);
  expect((await get(`/kag/nodes?q=${encodeURIComponent("лето")}`)).body.nodes).toMatchObject([{ title: "Ольга Летова" }]);
  expect((await get("/kag/nodes?q=PAGE&type=task")).body.nodes).toMatchObject([{ title: "Landing page" }]);
  for (const q of ["age", "%", "!"]) expect((await get(`/kag/nodes?q=${encodeURIComponent(q)}`)).body.nodes, q).toEqual([]);
  expect((await get("/kag/nodes?cursor=nonsense")).status).toBe(400);
});

test("a node tells its facts, with the records they rest on, its names and who speaks of it", async () => {
  const [{ id }] = (await get("/kag/nodes?type=task")).body.nodes;
  const { body } = await get(`/kag/nodes/${id}`);
  expect(body.node.facts.map((fact: { relation_type: string }) => fact.relation_type).toSorted()).toEqual(["assigned_to", "state"]);
  expect(body.node.facts[0].evidence).toEqual([{ source_ref: `linissue:${here.tasks.connectionId}:i1`, quote: null }]);
  expect(body.node.aliases).toMatchObject([{ alias: "abc-1" }, { alias: "landing page" }]);
  expect(body.node.mentions).toMatchObject([{ source_ref: "a", method: "identifier" }]);
  expect((await get(`/kag/nodes/${id}`, here.projects[1])).status).toBe(404);
  expect((await get("/kag/nodes", here.projects[1])).body.nodes).toEqual([]);
});

test("what is renamed goes by its old name no longer, and what is trashed is gone, before anything is indexed again", async () => {
  await asOwner(() => sql`update linear_issues_raw set title = 'Checkout page' where external_id = 'i1'`);
  expect((await get("/kag/nodes?type=task")).body.nodes).toMatchObject([{ title: "Checkout page" }]);
  expect((await get("/kag/nodes?q=landing%20page")).body.nodes).toEqual([]);
  const old = await asOwner(
    () =>
      sql`select from kag_nodes where kag_nodes::text ilike '%landing%' union all select from kag_aliases a where a::text ilike '%landing%'`,
  );
  expect(old).toHaveLength(0);
  await transaction(here.scope(0), () => Graph.refresh(here.scope(0), NOW));
  expect((await get("/kag/nodes?q=checkout%20page")).body.nodes).toMatchObject([{ title: "Checkout page" }]);
  await asOwner(() => sql`update linear_issues_raw set trashed = true where external_id = 'i1'`);
  expect((await get("/kag/nodes?type=task")).body.nodes).toEqual([]);
});
