import { afterEach, beforeEach, expect, test } from "vitest";
import { config } from "#core/config.ts";
import { systemSql } from "#core/db.ts";
import { ensureFirstOwner } from "#core/platform/first-owner.ts";
import * as Login from "#core/platform/login.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
const before = { ...config };
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  Object.assign(config, { AUTH_USERNAME: before.AUTH_USERNAME, AUTH_PASSWORD: before.AUTH_PASSWORD });
  await database.close();
});
const signIn = (username: string, password: string) => Login.signIn({ kind: "nobody" }, { username, password }, "198.51.100.1");

test("an empty database gets a studio and an owner, whose random password is told once and works", async () => {
  const made = await ensureFirstOwner();
  expect(made).toMatchObject({ username: "owner", password: expect.stringMatching(/^[\w-]{16}$/) });
  expect(await ensureFirstOwner()).toEqual({ accountScopeId: made.accountScopeId, username: "owner" });
  expect((await signIn("owner", made.password ?? "")).user.role).toBe("owner");
  expect(await systemSql`select scope_key from account_scopes`).toEqual([{ scopeKey: "default" }]);
});

test("the configured owner is made with the configured password, which is not told; a later one changes nothing", async () => {
  Object.assign(config, { AUTH_USERNAME: "anna", AUTH_PASSWORD: "first password" });
  const made = await ensureFirstOwner();
  expect(made).toEqual({ accountScopeId: made.accountScopeId, username: "anna" });
  Object.assign(config, { AUTH_PASSWORD: "second password" });
  await ensureFirstOwner();
  await expect(signIn("anna", "second password")).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  expect((await signIn("anna", "first password")).user.username).toBe("anna");
});

test("of five who start at once one makes the owner", async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => ensureFirstOwner()));
  expect(made.filter((owner) => owner.password)).toHaveLength(1);
  expect(new Set(made.map((owner) => owner.accountScopeId)).size).toBe(1);
  expect(await systemSql`select count(*) as users from app_users`).toEqual([{ users: 1 }]);
});

test("a short password is refused by name", async () => {
  Object.assign(config, { AUTH_USERNAME: "anna", AUTH_PASSWORD: "short" });
  await expect(ensureFirstOwner()).rejects.toThrow(/AUTH_PASSWORD/);
});
