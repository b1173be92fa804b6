import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { api } from "#core/api/api.ts";
import { type Route, reply, route } from "#core/api/route.ts";
import { config } from "#core/config.ts";
import { systemSql } from "#core/db.ts";
import { Failed, Refused } from "#core/error.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, key, type Person, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let owner: Person;
let signedIn: Headers;
let made = 0;
let act: () => Promise<{ id: string; secret: string | null }> = async () => ({ id: `thing ${++made}`, secret: "shown once" });

const stub: Route<"studio"> = route({}, async () => ({}));
const connections = api("connections", {
  connections_list: route(
    { query: z.object({ many: z.coerce.number().optional() }), answer: z.object({ createdBy: z.string() }) },
    async ({ actor }) => reply({ createdBy: actor.username }, { headers: { "x-extra": "1" } }),
  ),
  connections_create: route(
    {
      body: z.strictObject({ baseUrl: z.string().optional() }),
      answer: z.object({ id: z.string(), secret: z.string().nullable() }),
      status: 201,
      once: "secret",
    },
    () => act(),
  ),
  connections_remove: stub,
});
const seen = z.object({ projectId: z.string(), who: z.string() });
const audit = api("audit", {
  audit_list: route({ answer: seen }, async ({ projectId, scope, actor }) => ({
    projectId,
    who: `${actor.kind} ${scope.projects.join()}`,
  })),
});

beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  owner = await person(here, "owner");
  signedIn = await owner.signIn();
});
afterEach(() => {
  config.CORS_ORIGIN = [];
  act = async () => ({ id: `thing ${++made}`, secret: "shown once" });
});
afterAll(() => database.close());

const list = (headers: Headers = {}) => call(connections, "GET", "/connections", { ...signedIn, ...headers });
const create = (headers: Headers = {}, body: unknown = {}) => call(connections, "POST", "/connections", { ...signedIn, ...headers }, body);

const full = { connections_list: stub, connections_create: stub, connections_remove: stub };
test("a table of another resource's operations, or one that lacks an operation, does not compile", () => {
  // @ts-expect-error users_list is another resource's
  const other = () => api("connections", { ...full, users_list: stub });
  // @ts-expect-error connections_remove is missing
  const missing = () => api("connections", { connections_list: stub, connections_create: stub });
  const wrong = (): Route<"studio"> =>
    // @ts-expect-error what concerns the studio has no project
    route({ answer: z.object({ projectId: z.string() }) }, async ({ projectId }) => ({ projectId }));
  // @ts-expect-error the answer lacks a field
  const short = (): Route<"studio"> => route({ answer: z.object({ id: z.string() }) }, async () => ({}));
  expect([other, missing, wrong, short]).toHaveLength(4);
});

test("an answer stands in its envelope, in snake_case, with the request's id", async () => {
  const { status, body, headers } = await list({ "x-request-id": "my-id_1.2" });
  expect([status, body]).toEqual([200, { ok: true, created_by: owner.username, request_id: "my-id_1.2" }]);
  expect([headers.get("x-request-id"), headers.get("x-extra")]).toEqual(["my-id_1.2", "1"]);
});

test("a request's id is made harmless, cut, or made up", async () => {
  expect((await list({ "x-request-id": "a b<script>\"{}'" })).body.request_id).toBe("abscript");
  expect((await list({ "x-request-id": "x".repeat(200) })).body.request_id).toHaveLength(64);
  expect((await list({ "x-request-id": "<>" })).body.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test("every answer carries the headers that keep a browser from misusing it", async () => {
  for (const { headers } of [await list(), await call(connections, "GET", "/connections"), await call(connections, "GET", "/nowhere")]) {
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    expect(headers.has("strict-transport-security")).toBe(false);
  }
  expect((await list({ "x-forwarded-proto": "https" })).headers.has("strict-transport-security")).toBe(true);
});

test("a path that is called by another method says by which it can be; a path of no operation is not found", async () => {
  const wrong = await call(connections, "PUT", "/connections", signedIn, {});
  expect([wrong.status, wrong.body.error, wrong.headers.get("allow")]).toEqual([405, "method_not_allowed", "GET, HEAD, OPTIONS, POST"]);
  const inner = await call(connections, "GET", "/users/7/", signedIn);
  expect([inner.status, inner.headers.get("allow")]).toEqual([404, null]);
  const elsewhere = await call(connections, "POST", "/jobs/runs/7", signedIn);
  expect([elsewhere.status, elsewhere.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  expect((await call(connections, "GET", "/nowhere")).status).toBe(404);
});

test("only a configured origin may read, and its preflight is answered", async () => {
  config.CORS_ORIGIN = ["https://console.example"];
  const origin = "https://console.example";
  const good = await list({ origin });
  expect(good.headers.get("access-control-allow-origin")).toBe(origin);
  expect(good.headers.get("access-control-allow-credentials")).toBe("true");
  expect(good.headers.get("vary")).toBe("Origin");
  const preflight = await call(connections, "OPTIONS", "/connections", { origin });
  expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, expect.stringContaining("x-csrf-token")]);
  for (const bad of ["https://console.example.evil", "null", "https://CONSOLE.example"]) {
    expect((await list({ origin: bad })).headers.has("access-control-allow-origin")).toBe(false);
    expect((await call(connections, "OPTIONS", "/connections", { origin: bad })).headers.has("access-control-allow-methods")).toBe(false);
  }
});

test("what is refused says so by code, in the caller's language, with every field at fault", async () => {
  const unknown = await call(connections, "GET", "/nowhere");
  expect([unknown.status, unknown.body.error, unknown.body.ok]).toEqual([404, "not_found", false]);
  const nobody = await call(connections, "GET", "/connections", { "accept-language": "ru-RU,ru;q=0.9,en;q=0.8" });
  expect([nobody.status, nobody.body.message]).toEqual([401, "Войдите или передайте ключ API."]);
  const wrong = await create({}, { base_url: 3, baseUrl: "x" });
  expect(wrong.status).toBe(400);
  expect(wrong.body.details.map((detail: { path: string; code: string }) => [detail.path, detail.code])).toEqual([
    ["base_url", "invalid_type"],
    ["", "unrecognized_keys"],
  ]);
  expect((await call(connections, "GET", "/connections?many=x", signedIn)).body).toMatchObject({
    error: "validation_error",
    details: [{ path: "many" }],
  });
});

test("a failure of ours tells nothing of its cause; a passing one says when to come back", async () => {
  act = () => Promise.reject(new Error("password=hunter2"));
  const broken = await create();
  expect([broken.status, broken.body.error, JSON.stringify(broken.body).includes("hunter2")]).toEqual([500, "internal_error", false]);
  act = () => Promise.reject(new Failed("upstream", { source: "Chatwoot", problem: "x" }, { retryAt: new Date(Date.now() + 30_000) }));
  const later = await create();
  expect([later.status, Number(later.headers.get("retry-after"))]).toEqual([502, expect.closeTo(30, -1)]);
});

test("a body is JSON of at most 1 MB", async () => {
  expect((await create({}, "{")).body).toMatchObject({ error: "validation_error" });
  for (const text of ['{"base_url":"a\\u0000"}', '{"base_url":"\\ud800"}', '{"\\u0000":1}'])
    expect((await create({}, text)).status, text).toBe(400);
  expect((await call(connections, "GET", "/connections?x=%00", signedIn)).status).toBe(400);
  expect((await create({ "content-type": "text/plain" }, "{}")).status).toBe(415);
  expect((await create({}, { baseUrl: "x".repeat(1_000_001) })).status).toBe(413);
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
  });
  const endless = await connections.request("/connections", {
    method: "POST",
    body: stream,
    duplex: "half",
    headers: { ...signedIn, "content-type": "application/json" },
  } as RequestInit);
  expect(endless.status).toBe(413);
});

test("the project is the one named in the query, the header, the session, or the key's only one", async () => {
  const [a = "", b = ""] = here.projects;
  const ask = async (path: string, headers: Headers) => {
    const { status, body } = await call(audit, "GET", path, headers);
    return status === 200 ? body.project_id : body.error;
  };
  const fresh = await owner.signIn();
  expect(await ask("/audit", fresh)).toBe("active_project_required");
  expect(await ask(`/audit?project_id=${a}`, { ...fresh, "x-project-id": b })).toBe(a);
  expect(await ask("/audit", { ...fresh, "x-project-id": b.toUpperCase() })).toBe(b);
  await systemSql`update sessions set active_project_id = ${b} where csrf_token = ${fresh["x-csrf-token"]}`;
  expect(await ask("/audit", fresh)).toBe(b);
  for (const id of ["x", "", "00000000-0000-4000-8000-000000000000", "' or true --"]) {
    expect(await ask(`/audit?project_id=${encodeURIComponent(id)}`, fresh)).toBe("project_not_found");
  }
  expect(await ask("/audit", await key(owner, ["admin"], [a]))).toBe(a);
  expect(await ask("/audit", await key(owner, ["admin"], [a, b]))).toBe("active_project_required");
  await systemSql`update projects set status = 'archived' where id = ${b}`;
  expect(await ask("/audit", fresh)).toBe(b);
});

test("a key that is given is what counts, in either header, and no cookie helps a wrong one", async () => {
  const { authorization = "" } = await key(owner, ["admin"], here.projects);
  const path = `/audit?project_id=${here.projects[0]}`;
  expect((await call(audit, "GET", path, { "x-api-key": authorization.slice(7) })).body.who).toMatch(/^api_key/);
  expect((await call(audit, "GET", path, { ...signedIn, authorization })).body.who).toMatch(/^api_key/);
  for (const wrong of [
    { authorization: "Bearer bw_x" },
    { authorization: "Bearer x" },
    { "x-api-key": "" },
    { "x-api-key": "' or true" },
  ]) {
    expect((await call(audit, "GET", path, { ...signedIn, ...wrong })).status).toBe(401);
  }
});

test("the same key and body are answered the same, without what is shown once; another body is refused", async () => {
  const once = { "idempotency-key": "one" };
  const first = await create(once);
  const again = await create(once);
  expect([first.status, first.body.secret, first.headers.has("idempotency-replayed")]).toEqual([201, "shown once", false]);
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
  expect(again.body).toEqual({ ...first.body, secret: null });
  expect((await create(once, { base_url: "x" })).body.error).toBe("idempotency_mismatch");
  expect((await create({ "idempotency-key": "x".repeat(257) })).status).toBe(400);
  const rows = await systemSql<{ row: string }[]>`select i::text as row from idempotency_keys i`;
  expect(rows.filter(({ row }) => row.includes("shown once"))).toEqual([]);
});

test("of ten at once one does the work; a failure of ours and what may pass are tried again, a refusal is kept", async () => {
  const before = made;
  const all = await Promise.all(Array.from({ length: 10 }, () => create({ "idempotency-key": "ten" })));
  expect(made - before).toBe(1);
  expect(all.filter(({ status, body }) => status !== 201 && body.error !== "idempotency_in_flight")).toEqual([]);
  const tried = async (error: Error, name: string) => {
    act = () => Promise.reject(error);
    const first = await create({ "idempotency-key": name });
    act = async () => ({ id: "done", secret: null });
    return [first.status, (await create({ "idempotency-key": name })).status];
  };
  expect(await tried(new Error("broken"), "broken")).toEqual([500, 201]);
  expect(await tried(new Refused("already_running", { since: "now" }), "busy")).toEqual([409, 201]);
  expect(await tried(new Refused("conflict", { thing: "It" }), "conflict")).toEqual([409, 409]);
});

test("a prolonged session sends its cookie again", async () => {
  const headers = await owner.signIn();
  expect((await list(headers)).headers.get("set-cookie")).toBeNull();
  await systemSql`update sessions set last_seen_at = last_seen_at - interval '2 minutes' where csrf_token = ${headers["x-csrf-token"]}`;
  expect((await list(headers)).headers.get("set-cookie")).toBe(`${headers.cookie}; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax`);
});
