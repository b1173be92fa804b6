import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as Login from "#core/platform/login.ts";
import * as Session from "#core/platform/session.ts";
import * as User from "#core/platform/user.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited, type Person, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let owner: Person;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  here = await studio(1);
  owner = await person(here, "owner");
});
afterAll(() => database.close());

const draft = (username: string, more: object = {}) => User.Draft.parse({ username, password: "long enough", ...more });
const alive = async (one: Person) => Session.find((await one.signIn()).cookie.slice(4));
const idOf = (headers: { cookie: string }) => headers.cookie.slice("sid=".length);

test("a person is made, is listed in their own studio only, and the act is in its audit", async () => {
  const made = await User.create(owner, draft("Анна", { email: "anna@example.org" }));
  expect(made).toMatchObject({ username: "Анна", role: "pm", disabled: false });
  expect((await User.list(owner)).map((user) => user.username)).toContain("Анна");
  const elsewhere = await person(await studio(1), "owner");
  expect((await User.list(elsewhere)).map((user) => user.id)).toEqual([elsewhere.id]);
  await expect(User.change(elsewhere, made.id, { role: "viewer" })).rejects.toMatchObject({ why: { code: "not_found" } });
  await expect(User.remove(elsewhere, made.id)).rejects.toMatchObject({ why: { code: "not_found" } });
  expect(await audited(here.accountScopeId)).toEqual(["user_created"]);
});

test("a name and an address are one person's, in any case and in every studio; a refused act is not in the audit", async () => {
  const made = await User.create(owner, draft("Boris", { email: "boris@example.org" }));
  const elsewhere = await person(await studio(1), "owner");
  const conflict = { why: { code: "conflict" } };
  await expect(User.create(owner, draft("BORIS"))).rejects.toMatchObject(conflict);
  await expect(User.create(elsewhere, draft("boris"))).rejects.toMatchObject(conflict);
  await expect(User.create(elsewhere, draft("other", { email: "Boris@example.org" }))).rejects.toMatchObject(conflict);
  await expect(User.change(elsewhere, elsewhere.id, { email: "boris@example.org" })).rejects.toMatchObject(conflict);
  expect(await audited(elsewhere.accountScopeId)).toEqual([]);
  await User.remove(owner, made.id);
});

test.each([
  ["a short password", { username: "x", password: "1234567" }],
  ["no name", { username: " ", password: "12345678" }],
  ["a name that reads as a key's", { username: "key:x", password: "12345678" }],
  ["a name with a line break", { username: "a\nb", password: "12345678" }],
  ["an unknown role", { username: "x", password: "12345678", role: "root" }],
  ["a field that does not exist", { username: "x", password: "12345678", admin: true }],
])("%s is refused", (_, given) => {
  expect(User.Draft.safeParse(given).success).toBe(false);
});

test("another role, a new password and being disabled end the sessions; an address does not", async () => {
  const pm = await person(here, "pm");
  const sessions = await Promise.all([pm.signIn(), pm.signIn()]);
  await User.change(owner, pm.id, { email: null });
  expect(await Session.find(idOf(sessions[0]))).toBeDefined();
  await User.change(owner, pm.id, { role: "viewer" });
  expect(await Promise.all(sessions.map((headers) => Session.find(idOf(headers))))).toEqual([undefined, undefined]);
  expect((await alive(pm))?.user.role).toBe("viewer");
  const third = await pm.signIn();
  await User.change(owner, pm.id, { password: "another long one" });
  expect(await Session.find(idOf(third))).toBeUndefined();
  expect((await User.change(owner, pm.id, { disabled: true })).disabled).toBe(true);
  expect(await alive(pm)).toBeUndefined();
  expect((await User.change(owner, pm.id, { disabled: false })).disabled).toBe(false);
  expect(await alive(pm)).toBeDefined();
});

test("the last owner cannot be removed, demoted or disabled; with a second one they can", async () => {
  const last = { why: { code: "last_owner" } };
  await expect(User.remove(owner, owner.id)).rejects.toMatchObject(last);
  await expect(User.change(owner, owner.id, { role: "pm" })).rejects.toMatchObject(last);
  await expect(User.change(owner, owner.id, { disabled: true })).rejects.toMatchObject(last);
  const second = await person(here, "owner");
  await User.change(owner, second.id, { disabled: true });
  await expect(User.remove(owner, owner.id)).rejects.toMatchObject(last);
  await User.remove(owner, second.id);
  expect(await audited(here.accountScopeId)).toEqual(["user_changed", "user_removed"]);
});

test("two owners who demote each other at once leave one", async () => {
  const second = await person(here, "owner");
  const acts = [User.change(owner, second.id, { role: "pm" }), User.change(second, owner.id, { role: "pm" })];
  expect((await Promise.allSettled(acts)).map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await User.list(owner)).filter((user) => user.role === "owner")).toHaveLength(1);
});

test("who is removed leaves no session and no assignment, and stays in the audit", async () => {
  const pm = await person(here, "pm", here.projects);
  const headers = await pm.signIn();
  await User.remove(owner, pm.id);
  expect(await Session.find(idOf(headers))).toBeUndefined();
  expect(await audited(here.accountScopeId)).toEqual(["user_removed"]);
});

test("a password that was lost is replaced from the machine the service runs on: the old one and its sessions are void, and no limit is in the way", async () => {
  const made = await User.create(owner, draft("VeraL"));
  const signIn = (password: string) => Login.signIn({ kind: "nobody" }, { username: "veral", password }, "198.51.100.9");
  const { id } = await signIn("long enough");
  for (let n = 0; n < 10; n++) await expect(signIn("guess")).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  const fresh = await User.replacePassword("VERAl");
  expect(fresh).toMatch(/^[\w-]{16}$/);
  expect(await Session.find(id)).toBeUndefined();
  await expect(signIn("long enough")).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  expect((await signIn(fresh)).user.id).toBe(made.id);
  expect(await audited(here.accountScopeId)).toContain("password_replaced");
  await expect(User.replacePassword("nobody")).rejects.toMatchObject({ why: { code: "not_found" } });
});
