import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as Secret from "#core/connectors/secret.ts";
import { app as keys } from "#functions/api/api_keys.ts";
import { app as audit } from "#functions/api/audit.ts";
import { app as connections } from "#functions/api/connections.ts";
import { app } from "#functions/api/projects.ts";
import { app as users } from "#functions/api/users.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited, call, type Headers, key, type Person, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

const CHAT = { source: "chatwoot", name: "Chat", base_url: "http://chat.test", external_account: "1", api_token: "t" };
let database: TestDatabase;
let here: Studio;
let owner: Person;
let headers: Headers;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  here = await studio(2);
  owner = await person(here, "owner");
  headers = await owner.signIn();
});
afterAll(() => database.close());

test("a project is made, chosen, changed, and found again", async () => {
  const made = await call(app, "POST", "/projects", headers, { name: "Kite & Co", time_zone: "Europe/Moscow" });
  expect([made.status, made.body.project.time_zone, made.body.project.language]).toEqual([201, "Europe/Moscow", "ru"]);
  const { id } = made.body.project;
  expect((await call(app, "POST", `/projects/${id}/select`, headers)).body.active_project_id).toBe(id);
  expect((await call(app, "GET", "/projects", headers)).body).toMatchObject({ active_project_id: id, projects: { length: 3 } });
  const changed = await call(app, "PATCH", `/projects/${id}`, headers, { status: "paused" });
  expect(changed.body.project).toMatchObject({ status: "paused", name: "Kite & Co" });
  expect((await call(app, "PATCH", `/projects/${id}`, headers, { time_zone: "+03:00" })).body.details).toMatchObject([
    { path: "time_zone" },
  ]);
  const acts = await call(audit, "GET", "/audit?limit=1", headers);
  expect(acts.body.events).toMatchObject([
    { action: "project_changed", actor: owner.username, payload: { status: { from: "active", to: "paused" } } },
  ]);
  const rest = await call(audit, "GET", `/audit?limit=1&cursor=${acts.body.next_cursor}`, headers);
  expect(rest.body.events).toMatchObject([{ action: "project_created", request_id: made.body.request_id }]);
  expect((await call(audit, "GET", "/audit?cursor=broken", headers)).body.details).toMatchObject([{ path: "cursor" }]);
});

test("who is taken off a project sees it no more, from the next request on", async () => {
  const [a = "", b = ""] = here.projects;
  const pm = await person(here, "pm");
  const theirs = await pm.signIn();
  const place = `/projects/${a}/assignments/${pm.id}`;
  expect((await call(app, "PUT", place, headers)).body.changed).toBe(true);
  expect((await call(app, "POST", `/projects/${a}/select`, theirs)).status).toBe(200);
  expect((await call(app, "POST", `/projects/${b}/select`, theirs)).body.error).toBe("project_not_found");
  expect((await call(app, "GET", `/projects/${a}/assignments`, headers)).body.assignments).toMatchObject([
    { user_id: pm.id, assigned_by: owner.username },
  ]);
  expect((await call(app, "DELETE", place, headers)).body.changed).toBe(true);
  expect((await call(app, "GET", "/projects", theirs)).body).toMatchObject({ projects: [], active_project_id: null });
  expect((await call(app, "GET", `/projects/${a}/sources`, theirs)).body.error).toBe("project_not_found");
});

test("an owner made a viewer is signed out, and comes back as one", async () => {
  const second = await person(here, "owner");
  const theirs = await second.signIn();
  expect((await call(users, "GET", "/users", theirs)).status).toBe(200);
  expect((await call(users, "PATCH", `/users/${second.id}`, headers, { role: "viewer" })).body.user.role).toBe("viewer");
  expect((await call(users, "GET", "/users", theirs)).status).toBe(401);
  expect((await call(users, "GET", "/users", await second.signIn())).body.error).toBe("forbidden");
  const listed = await call(users, "GET", "/users", headers);
  expect(JSON.stringify(listed.body)).not.toMatch(/hash|scrypt/);
});

test("a key's secret is answered once and never listed, and is nobody's once revoked", async () => {
  const body = { name: "bot", scopes: ["read"], project_ids: here.projects };
  const made = await call(keys, "POST", "/api-keys", { ...headers, "idempotency-key": "k" }, body);
  const again = await call(keys, "POST", "/api-keys", { ...headers, "idempotency-key": "k" }, body);
  expect([again.body.api_key.id, again.body.secret]).toEqual([made.body.api_key.id, null]);
  const authorization = `Bearer ${made.body.secret}`;
  expect((await call(app, "GET", "/projects", { authorization })).body.projects).toHaveLength(2);
  expect(JSON.stringify((await call(keys, "GET", "/api-keys", headers)).body)).not.toContain(made.body.secret);
  expect((await call(keys, "DELETE", `/api-keys/${made.body.api_key.id}`, headers)).status).toBe(200);
  expect((await call(app, "GET", "/projects", { authorization })).status).toBe(401);
});

test("a key needs no token against forgery, cannot choose a project, and reads nothing of the studio's audit", async () => {
  const [a = ""] = here.projects;
  const admin = await key(owner, ["admin"], [a]);
  expect((await call(app, "PATCH", `/projects/${a}`, admin, { name: "By key" })).status).toBe(200);
  expect((await call(app, "POST", `/projects/${a}/select`, admin)).body.error).toBe("session_required");
  const acts = await call(audit, "GET", "/audit", admin);
  expect(acts.body.events.map((event: { action: string }) => event.action)).toEqual(["project_changed"]);
  expect(await audited(here.accountScopeId)).toEqual(["api_key_created", "project_changed"]);
});

test("a key, whatever it may do in its project, binds no connection to it", async () => {
  const [a = ""] = here.projects;
  Secret.useKey("a key for tests");
  const made = await call(connections, "POST", "/connections", headers, CHAT);
  const body = { sources: [{ connection_id: made.body.connection.id }] };
  const refused = await call(app, "PUT", `/projects/${a}/sources`, await key(owner, ["admin"], [a]), body);
  expect([refused.status, refused.body.error]).toEqual([403, "people_only"]);
  expect((await call(app, "GET", `/projects/${a}/sources`, headers)).body.sources).toEqual([]);
});

test("the same idempotency key means another request in another project", async () => {
  const once = { ...headers, "idempotency-key": "same" };
  const [a, b] = here.projects;
  for (const id of [a, b, a]) expect((await call(app, "PATCH", `/projects/${id}`, once, { name: "Twice" })).status).toBe(200);
  expect(await audited(here.accountScopeId)).toEqual(["project_changed", "project_changed"]);
});

test("sources of no or of another studio's connection are refused whole", async () => {
  const path = `/projects/${here.projects[0]}/sources`;
  const refused = await call(app, "PUT", path, headers, { sources: [{ connection_id: "00000000-0000-4000-8000-000000000000" }] });
  expect([refused.status, refused.body.error]).toEqual([404, "not_found"]);
  expect((await call(app, "PUT", path, headers, {})).status).toBe(400);
  expect((await call(app, "GET", path, headers)).body.sources).toEqual([]);
  expect(await audited(here.accountScopeId)).toEqual([]);
});

test("a filter or a field that is misspelt is named, and binds or connects nothing", async () => {
  Secret.useKey("a key for tests");
  const stray = await call(connections, "POST", "/connections", headers, { ...CHAT, webhookSecret: "x".repeat(16) });
  expect([stray.status, stray.body.message]).toEqual([400, expect.stringContaining("webhookSecret (write webhook_secret)")]);
  const made = await call(connections, "POST", "/connections", headers, CHAT);
  const path = `/projects/${here.projects[0]}/sources`;
  for (const [filter, named] of [
    ["inboxIds", "inboxIds (write inbox_ids)"],
    ["inbox_id", "inbox_id"],
  ] as const) {
    const body = { sources: [{ connection_id: made.body.connection.id, [filter]: [3] }] };
    const refused = await call(app, "PUT", path, headers, body);
    expect([refused.status, refused.body.details]).toMatchObject([400, [{ path: "sources.0", code: "unrecognized_keys" }]]);
    expect(refused.body.details[0].message).toContain(`"${named}"`);
  }
  expect((await call(app, "GET", path, headers)).body.sources).toEqual([]);
});
