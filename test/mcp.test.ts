import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Words from "#core/memory/words.ts";
import { app } from "#functions/api/mcp.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, key, type Person, person } from "#test/people.ts";
import { raw } from "#test/raw.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let owner: Person;
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  owner = await person(here, "owner");
  for (const n of [0, 1]) {
    const tasks = await raw(here, n, "linear");
    await tasks.put("linear_issues_raw", [
      {
        external_id: `i${n}`,
        identifier: `WEB-${n}`,
        title: `Launch the shop of client ${n}`,
        description: `The launch of shop ${n} is on 5 May.`,
      },
    ]);
    await transaction(here.scope(n), () => Words.index(here.scope(n), Clock.now()));
  }
});
afterAll(() => database.close());

/** The official client, over the door instead of a network. */
async function connected(headers: Headers): Promise<Client> {
  const fetch = async (url: string | URL, init: RequestInit = {}) => app.request(new URL(url).pathname, init, { address: "203.0.113.7" });
  const client = new Client({ name: "an assistant", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL("http://bellwether.test/mcp"), { fetch, requestInit: { headers } }) as never,
  );
  return client;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came over the wire.
type Result = { structuredContent: any; content: { type: string; text: string }[]; isError?: boolean };
const use = (client: Client, name: string, input: object = {}) =>
  client.callTool({ name, arguments: { ...input } }) as unknown as Promise<Result>;

test("a key that may only read finds tools, asks, and gets quotes with their sources", async () => {
  const client = await connected(await key(owner, ["read"], [here.projects[0] ?? ""]));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["search", "ask", "project_status"]);
  for (const tool of tools)
    expect(tool).toMatchObject({ annotations: { readOnlyHint: true }, inputSchema: { type: "object", additionalProperties: false } });
  expect(Object.keys(tools[1]?.inputSchema.properties ?? {})).toEqual(
    expect.arrayContaining(["query", "top_k", "date_from", "project_id"]),
  );
  const answer = await use(client, "ask", { query: "When is the launch of the shop?" });
  expect(answer.structuredContent).toMatchObject({
    insufficient_evidence: false,
    citations: expect.arrayContaining([expect.objectContaining({ source_kind: "issue", quote: "The launch of shop 0 is on 5 May." })]),
  });
  expect(JSON.parse(answer.content[0]?.text ?? "")).toEqual(answer.structuredContent);
  const found = await use(client, "search", { query: "launch", top_k: 5 });
  expect(found.structuredContent).toMatchObject({
    answer: null,
    next_cursor: null,
    results: [{ title: expect.stringContaining("WEB-0") }],
  });
  const status = await use(client, "project_status");
  expect(status.structuredContent).toMatchObject({
    project: { id: here.projects[0] },
    memory: { chunks: 1 },
    projects: [{ id: here.projects[0] }],
  });
  await client.close();
});

test("no tool reaches another project, and of several one has to be named", async () => {
  const client = await connected(await key(owner, ["read"], [here.projects[0] ?? ""]));
  for (const name of ["ask", "search", "project_status"]) {
    const input = name === "project_status" ? {} : { query: "launch" };
    const refused = await use(client, name, { ...input, project_id: here.projects[1] });
    expect(refused).toMatchObject({ isError: true, content: [{ text: "There is no such project." }] });
  }
  await client.close();
  const both = await connected(await key(owner, ["read"], here.projects));
  expect((await use(both, "ask", { query: "launch" })).content[0]?.text).toMatch(/^Choose a project/);
  expect((await use(both, "project_status")).structuredContent).toMatchObject({ project: null, memory: null, projects: [{}, {}] });
  const second = await use(both, "ask", { query: "launch of the shop", project_id: here.projects[1] });
  expect(second.structuredContent.answer).toContain("shop 1");
  await both.close();
});

test("what is asked wrongly is told to the assistant, and changes nothing", async () => {
  const client = await connected(await key(owner, ["read"], [here.projects[0] ?? ""]));
  const wrong = async (name: string, input: object) => (await use(client, name, input)).content[0]?.text;
  expect(await wrong("ask", {})).toContain("query");
  expect(await wrong("ask", { query: "x".repeat(4_001) })).toContain("at most 4000");
  expect(await wrong("ask", { query: "x", projects: "*" })).toContain("projects");
  expect(await wrong("drop_table", {})).toBe("There is no such tool.");
  await client.close();
  const rows = await asOwner(() => sql`select from audit_events where action not in ('api_key_created')`);
  expect(rows).toHaveLength(0);
});

test("the protocol's own mistakes are answered as such; without a key there is nothing", async () => {
  const reader = await key(owner, ["read"], [here.projects[0] ?? ""]);
  const accept = { accept: "application/json, text/event-stream" };
  const post = (headers: Headers, body: string) => call(app, "POST", "/mcp", headers, body);
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  expect((await post({ ...reader, ...accept }, list)).body.result.tools).toHaveLength(3);
  expect((await post({ ...reader, ...accept }, "{")).status).toBe(400);
  expect((await post({ ...reader, ...accept, "content-type": "text/plain" }, list)).status).toBe(415);
  expect((await post({ ...reader, accept: "text/html" }, list)).status).toBe(406);
  expect((await post({ ...reader, ...accept }, JSON.stringify({ text: "x".repeat(70_000) }))).status).toBe(413);
  expect((await post({ ...reader, ...accept }, JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }))).status).toBe(202);
  expect((await post(accept, list)).status).toBe(401);
  expect((await call(app, "GET", "/mcp", reader)).status).toBe(405);
  const { cookie } = await owner.signIn();
  expect((await post({ cookie, ...accept }, list)).status).toBe(403);
});

test("one message at a time: a batch would hold up everybody else", async () => {
  const headers = { ...(await key(owner, ["read"], here.projects)), accept: "application/json, text/event-stream" };
  const message = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  for (const batch of [[message, message], []]) {
    const { status, body } = await call(app, "POST", "/mcp", headers, batch);
    expect([status, body.error.code]).toEqual([400, -32600]);
  }
});
