import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { Api } from "#core/api/api.ts";
import { type OperationName, operations } from "#core/api/catalogue.ts";
import type { Operation } from "#core/api/operation.ts";
import { sql, systemSql } from "#core/db.ts";
import { queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Answered, call, type Headers, key, type Person, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

const WHO = [
  "nobody",
  "viewer assigned",
  "viewer not assigned",
  "pm assigned",
  "pm not assigned",
  "owner",
  "owner of another studio",
  "disabled owner",
  "expired session",
  "key read",
  "key write",
  "key write only",
  "key admin",
  "key of another project",
  "key of another studio",
  "expired key",
  "revoked key",
] as const;
type Who = (typeof WHO)[number];
type Verdict = "answered" | "unauthenticated" | "forbidden" | "no such project";

// They only ask, though in a body.
const QUESTIONS = ["/lightrag/query", "/search", "/mcp"];

/** What must come of it, written from the product's rules and not from its code. */
function expected(who: Who, operation: Operation): Verdict {
  const { who: least, reach, method, path } = operation;
  if (least === "nobody") return "answered";
  if (["nobody", "disabled owner", "expired session", "expired key", "revoked key"].includes(who)) return "unauthenticated";
  const reads = method === "GET" || QUESTIONS.includes(path);
  const ranks: Partial<Record<Who, number>> = {
    "viewer assigned": 1,
    "viewer not assigned": 1,
    "pm assigned": 2,
    "pm not assigned": 2,
    owner: 3,
    "owner of another studio": 3,
    "key read": reads ? 2 : 0,
    "key write": 2,
    "key write only": reads ? 0 : 2,
    "key admin": 3,
    "key of another project": 3,
    "key of another studio": 3,
  };
  const needed = { viewer: 1, pm: 2, owner: 3 }[least];
  if ((ranks[who] ?? 0) < needed) return "forbidden";
  if (who.startsWith("key") && (reach === "studio" || namesConnection(operation))) return "forbidden";
  const outside = ["viewer not assigned", "pm not assigned", "owner of another studio", "key of another project", "key of another studio"];
  return reach === "project" && outside.includes(who) ? "no such project" : "answered";
}

/** Whether its body names a connection, which is the studio's: a key of one project that could bind one would read everybody's chats. */
function namesConnection(operation: Operation): boolean {
  const name = Object.keys(operations).find((key) => operations[key as OperationName] === operation) ?? "";
  const body = doors.get(operation.resource)?.routes[name]?.spec.body;
  return body !== undefined && JSON.stringify(z.toJSONSchema(body, { io: "input", unrepresentable: "any" })).includes('"connectionId"');
}

let database: TestDatabase;
let here: Studio;
let headersOf: Record<Who, () => Promise<Headers>>;
const doors = new Map<string, Api>();
const [A, B] = [0, 1];

beforeAll(async () => {
  database = await freshDatabase();
  Queue.use(embeddedQueue(queueLimits));
  for (const file of readdirSync(new URL("../functions/api/", import.meta.url))) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const { app } = (await import(`../functions/api/${file.slice(0, -3)}.ts`)) as { app: Api };
    doors.set(app.resource, app);
  }
  here = await studio(2);
  const there = await studio(1);
  const a = here.projects[A] ?? "";
  const b = here.projects[B] ?? "";
  const people = {
    viewerIn: await person(here, "viewer", [a]),
    viewerOut: await person(here, "viewer", [b]),
    pmIn: await person(here, "pm", [a]),
    pmOut: await person(here, "pm", [b]),
    owner: await person(here, "owner"),
    disabled: await person(here, "owner"),
    elsewhere: await person(there, "owner"),
  };
  await systemSql`update app_users set disabled_at = now() where id = ${people.disabled.id}`;
  const by = (one: Person) => () => one.signIn();
  const fixed = (headers: Headers) => async () => headers;
  const expiredKey = await key(people.owner, ["admin"], [a]);
  const revokedKey = await key(people.owner, ["admin"], [a]);
  await systemSql`update api_keys set expires_at = now() - interval '1 second' where id = ${expiredKey.id}`;
  await systemSql`update api_keys set revoked_at = now() where id = ${revokedKey.id}`;
  headersOf = {
    nobody: fixed({}),
    "viewer assigned": by(people.viewerIn),
    "viewer not assigned": by(people.viewerOut),
    "pm assigned": by(people.pmIn),
    "pm not assigned": by(people.pmOut),
    owner: by(people.owner),
    "owner of another studio": by(people.elsewhere),
    "disabled owner": by(people.disabled),
    "expired session": async () => {
      const headers = await people.owner.signIn();
      await systemSql`update sessions set expires_at = now() - interval '1 second' where user_id = ${people.owner.id}`;
      return headers;
    },
    "key read": fixed(await key(people.owner, ["read"], [a])),
    "key write": fixed(await key(people.owner, ["read", "write"], [a])),
    "key write only": fixed(await key(people.owner, ["write"], [a])),
    "key admin": fixed(await key(people.owner, ["admin"], [a])),
    "key of another project": fixed(await key(people.owner, ["admin"], [b])),
    "key of another studio": fixed(await key(people.elsewhere, ["admin"], there.projects)),
    "expired key": fixed(expiredKey),
    "revoked key": fixed(revokedKey),
  };
});
afterAll(async () => {
  Queue.use(undefined);
  await database.close();
});

/** The operation on project A, with whatever else its path asks for made up. */
async function ask(operation: Operation, headers: Headers): Promise<Answered> {
  const project = here.projects[A] ?? "";
  const made: Record<string, string> = {
    id: operation.path.startsWith("/projects/:id") ? project : randomUUID(),
    name: "connectors_sync_cycle",
  };
  const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => made[name] ?? randomUUID());
  const query = operation.reach === "project" ? `?project_id=${project}` : "";
  const door = doors.get(operation.resource);
  if (!door) throw new Error(`no door for ${operation.resource}`);
  return call(door, operation.method, path + query, headers, operation.method === "GET" ? undefined : {});
}

function verdict({ status, body }: Answered): Verdict {
  if (status === 401) return "unauthenticated";
  if (status === 403) return "forbidden";
  return status === 404 && body.error === "project_not_found" ? "no such project" : "answered";
}

const all = Object.entries(operations) as [OperationName, Operation][];
// Behind a token, the machine's own address or a signature instead of a role; health.test.ts and webhooks.test.ts have them.
const byRole = all.filter(([name, { resource }]) => name !== "metrics" && resource !== "webhooks");

test.each(byRole)("%s answers those it is for, and nobody else", async (_, operation) => {
  const got: Partial<Record<Who, Verdict>> = {};
  const wanted: Partial<Record<Who, Verdict>> = {};
  for (const who of WHO) {
    const answered = await ask(operation, await headersOf[who]());
    got[who] = verdict(answered);
    wanted[who] = expected(who, operation);
    expect(answered.status, `${who}: ${JSON.stringify(answered.body)}`).toBeLessThan(500);
  }
  expect(got).toEqual(wanted);
});

test("a cookie changes nothing without its own session's token, and reads without one", async () => {
  const other = await headersOf["pm assigned"]();
  for (const [name, operation] of byRole.filter(([, { who }]) => who !== "nobody")) {
    const { cookie = "" } = await headersOf.owner();
    for (const headers of [{ cookie }, { cookie, "x-csrf-token": other["x-csrf-token"] ?? "" }]) {
      const { status, body } = await ask(operation, headers);
      if (operation.method !== "GET") expect([status, body.error], name).toEqual([403, "csrf_invalid"]);
      else expect([401, 403], name).not.toContain(status);
    }
  }
});

test("one that is refused has changed nothing", async () => {
  const rows = () =>
    asOwner(
      () => sql`
        select (select count(*) from projects) as projects, (select count(*) from app_users) as users, (select count(*) from api_keys) as keys,
          (select count(*) from project_assignments) as assignments, (select count(*) from audit_events) as audit, (select count(*) from job_runs) as runs`,
    );
  const before = await rows();
  for (const [, operation] of byRole.filter(([, { who }]) => who !== "nobody")) {
    for (const who of WHO) if (expected(who, operation) !== "answered") await ask(operation, await headersOf[who]());
  }
  expect(await rows()).toEqual(before);
});
