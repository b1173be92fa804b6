import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as Attempts from "#core/platform/attempts.ts";
import * as Login from "#core/platform/login.ts";
import * as Password from "#core/platform/password.ts";
import * as Session from "#core/platform/session.ts";
import { system } from "#core/scope.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { audited, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let vera: User;
const nobody = { kind: "nobody", requestId: "r-1" } as const;
const secret = "длинный пароль";
const start = new Date("2026-11-02T09:00:00Z");
const at = (seconds: number) => Clock.set(new Date(start.getTime() + seconds * 1_000), 0);

beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  vera = await person(here, "pm", [here.projects[0] ?? ""]);
  await systemSql`update app_users set password_hash = ${await Password.hash(secret)}, username = 'Vera' where id = ${vera.id}`;
});
afterEach(async () => {
  Clock.reset();
  await systemSql`delete from login_attempts`;
});
afterAll(() => database.close());

const signIn = (username: string, password: string, address = "198.51.100.1") => Login.signIn(nobody, { username, password }, address);

test("a name in any case and the right password open a session; both are in the audit, with the request", async () => {
  const { id, user } = await signIn("vera", secret);
  expect(user).toMatchObject({ id: vera.id, username: "Vera", role: "pm" });
  expect((await Session.find(id))?.user.id).toBe(vera.id);
  await expect(signIn("Vera", "wrong password")).rejects.toThrow("The name or the password is wrong.");
  const rows = await transaction(
    system,
    () => sql`select action, actor, entity_id, status, request_id, payload from audit_events order by id`,
  );
  expect(rows).toEqual([
    { action: "login", actor: "Vera", entityId: vera.id, status: "ok", requestId: "r-1", payload: { address: "198.51.100.1" } },
    {
      action: "login_failed",
      actor: "nobody",
      entityId: vera.id,
      status: "refused",
      requestId: "r-1",
      payload: { address: "198.51.100.1" },
    },
  ]);
});

test("what the cookie holds is nowhere in the database", async () => {
  const { id } = await signIn("Vera", secret);
  const rows = await systemSql<{ row: string }[]>`select s::text as row from sessions s union all select a::text from audit_events a`;
  expect(rows.filter(({ row }) => row.includes(id))).toEqual([]);
});

test("an unknown name and a disabled person are refused in the same words", async () => {
  await expect(signIn("nobody at all", secret)).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  await systemSql`update app_users set disabled_at = now() where id = ${vera.id}`;
  await expect(signIn("Vera", secret)).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  await systemSql`update app_users set disabled_at = null where id = ${vera.id}`;
});

test("ten failures of a name from one address close that door for a quarter of an hour, and no other", async () => {
  at(0);
  await systemSql`insert into login_attempts (username, address, attempted_at) select 'vera', '198.51.100.1', ${start} from generate_series(1, 9)`;
  await expect(signIn("VERA", "wrong password")).rejects.toMatchObject({ why: { code: "bad_credentials" } });
  at(60);
  const until = new Date(start.getTime() + 15 * 60_000).toISOString();
  await expect(signIn("Vera", secret)).rejects.toMatchObject({ why: { code: "login_rate_limited", params: { until } } });
  await expect(signIn("Vera", secret, "198.51.100.2")).resolves.toBeDefined();
  at(15 * 60 + 1);
  await expect(signIn("Vera", secret)).resolves.toBeDefined();
});

test("fifty failures from one address close it for every name; a success is not one of them", async () => {
  at(0);
  await systemSql`insert into login_attempts (username, address, attempted_at) select 'n' || n, '198.51.100.1', ${start} from generate_series(1, 49) n`;
  await signIn("Vera", secret);
  await signIn("Vera", secret);
  await systemSql`insert into login_attempts (username, address, attempted_at) values ('other', '198.51.100.1', ${start})`;
  await expect(signIn("Vera", secret)).rejects.toMatchObject({ why: { code: "login_rate_limited" } });
});

test("a hundred attempts at once are no way around the limit", async () => {
  const tried = await Promise.allSettled(Array.from({ length: 100 }, () => Attempts.count("vera", "198.51.100.9")));
  expect(tried.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(10);
});

test("a line's whole IPv6 prefix is one place; an IPv4 address is itself however it is written", () => {
  expect(Attempts.placeOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(Attempts.placeOf("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
  expect(Attempts.placeOf("2001:0db8::1")).toBe("2001:db8:0:0::/64");
  expect(Attempts.placeOf("::1")).toBe("0:0:0:0::/64");
  expect(Attempts.placeOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(Attempts.placeOf("::ffff:198.51.100.1")).toBe("198.51.100.1");
  expect(Attempts.placeOf("unknown")).toBe("unknown");
});

test("signing out ends the session and is in the audit", async () => {
  const { id, session, user } = await signIn("Vera", secret);
  await Login.signOut(user, session);
  expect(await Session.find(id)).toBeUndefined();
  expect((await audited(here.accountScopeId)).at(-1)).toBe("logout");
});

test("a session slides with its use, is written at most once a minute, and ends two weeks after the last", async () => {
  at(0);
  const { id } = await signIn("Vera", secret);
  at(59);
  expect((await Session.find(id))?.touched).toBe(false);
  at(61);
  const found = await Session.find(id);
  expect([found?.touched, found?.session.expiresAt]).toEqual([true, new Date(start.getTime() + (14 * 86_400 + 61) * 1_000)]);
  expect((await Session.find(id))?.touched).toBe(false);
  at(61 + 14 * 86_400 - 1);
  expect(await Session.find(id)).toBeDefined();
  at(61 + 14 * 86_400 * 2);
  expect(await Session.find(id)).toBeUndefined();
});

test("an active project is one that may still be seen", async () => {
  const { id, session } = await signIn("Vera", secret);
  const [mine = "", other = ""] = here.projects;
  await Session.select(session, mine);
  expect((await Session.find(id))?.session.activeProjectId).toBe(mine);
  await Session.select(session, other);
  expect((await Session.find(id))?.session.activeProjectId).toBeNull();
});
