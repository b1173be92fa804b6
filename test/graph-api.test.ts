import { afterAll, beforeAll, expect, test } from "vitest";
import * as Graph from "#core/memory/graph.ts";
import { app } from "#functions/api/kag.ts";
import { type Acquaintance, acquaintance, NOW } from "#test/acquaintance.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
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
