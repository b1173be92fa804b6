import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import * as ApiKey from "#core/platform/api-key.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited, type Person, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let owner: Person;
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  owner = await person(here, "owner");
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

const draft = (more: object = {}) => ApiKey.Draft.parse({ name: "bot", projectIds: here.projects, ...more });

test("a key acts in the projects it is bound to; its secret is in no row", async () => {
  const { apiKey, secret } = await ApiKey.create(owner, draft({ scopes: ["read", "read", "write"] }));
  expect(secret).toMatch(/^bw_[\w-]{43}$/);
  expect(secret.startsWith(apiKey.keyPrefix)).toBe(true);
  const found = await ApiKey.find(secret);
  expect(found).toEqual({
    kind: "api_key",
    id: apiKey.id,
    name: "bot",
    scopes: ["read", "write"],
    accountScopeId: here.accountScopeId,
    projects: here.projects.toSorted(),
  });
  const rows = await systemSql<{ row: string }[]>`select k::text as row from api_keys k union all select a::text from audit_events a`;
  expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
  expect(await audited(here.accountScopeId)).toEqual(["api_key_created"]);
});

test("no project, an unknown one, another studio's, no or unknown scopes, an end in the past are refused", async () => {
  expect(ApiKey.Draft.safeParse({ name: "x", projectIds: [] }).success).toBe(false);
  expect(ApiKey.Draft.safeParse({ name: "x", projectIds: here.projects, scopes: [] }).success).toBe(false);
  expect(ApiKey.Draft.safeParse({ name: "x", projectIds: here.projects, scopes: ["root"] }).success).toBe(false);
  expect(ApiKey.Draft.parse({ name: "x", projectIds: here.projects }).scopes).toEqual(["read"]);
  const there = await studio(1);
  const unseen = { why: { code: "project_not_found" } };
  await expect(ApiKey.create(owner, draft({ projectIds: [randomUUID()] }))).rejects.toMatchObject(unseen);
  await expect(ApiKey.create(owner, draft({ projectIds: [...here.projects, ...there.projects] }))).rejects.toMatchObject(unseen);
  await expect(ApiKey.create(owner, draft({ expiresAt: "2020-01-01T00:00:00Z" }))).rejects.toMatchObject({
    why: { code: "validation_error" },
  });
});

test("a key ends when it says so, and at once when it is revoked; by its own studio only", async () => {
  Clock.set(new Date("2026-11-02T09:00:00Z"), 0);
  const { apiKey, secret } = await ApiKey.create(owner, draft({ expiresAt: "2026-11-02T10:00:00+00:00" }));
  Clock.set(new Date("2026-11-02T09:59:59Z"), 0);
  expect(await ApiKey.find(secret)).toBeDefined();
  Clock.set(new Date("2026-11-02T10:00:00Z"), 0);
  expect(await ApiKey.find(secret)).toBeUndefined();
  const other = await ApiKey.create(owner, draft());
  const elsewhere = await person(await studio(1), "owner");
  await expect(ApiKey.revoke(elsewhere, other.apiKey.id)).rejects.toMatchObject({ why: { code: "not_found" } });
  expect(await ApiKey.find(other.secret)).toBeDefined();
  await ApiKey.revoke(owner, other.apiKey.id);
  await ApiKey.revoke(owner, other.apiKey.id);
  expect(await ApiKey.find(other.secret)).toBeUndefined();
  expect((await audited(here.accountScopeId)).filter((action) => action === "api_key_revoked")).toHaveLength(1);
  expect((await ApiKey.list(owner)).map((key) => key.id)).toContain(apiKey.id);
  expect(await ApiKey.list(elsewhere)).toEqual([]);
});

test("its use is written down at most once a minute", async () => {
  const { apiKey, secret } = await ApiKey.create(owner, draft());
  const usedAt = async (iso: string) => {
    Clock.set(new Date(iso), 0);
    await ApiKey.find(secret);
    return (await ApiKey.list(owner)).find((key) => key.id === apiKey.id)?.lastUsedAt?.toISOString();
  };
  expect(await usedAt("2027-01-01T00:00:00.000Z")).toBe("2027-01-01T00:00:00.000Z");
  expect(await usedAt("2027-01-01T00:00:59.000Z")).toBe("2027-01-01T00:00:00.000Z");
  expect(await usedAt("2027-01-01T00:01:00.000Z")).toBe("2027-01-01T00:01:00.000Z");
});
