import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as Assignment from "#core/platform/assignment.ts";
import * as Audit from "#core/platform/audit.ts";
import * as Project from "#core/platform/project.ts";
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
  here = await studio(2);
  owner = await person(here, "owner");
});
afterAll(() => database.close());

const idsSeen = async (actor: Parameters<typeof Project.list>[0]) => (await Project.list(actor)).map((project) => project.id).sort();
const key = (projects: string[]) =>
  ({ kind: "api_key", id: owner.id, name: "k", scopes: ["read"], projects, accountScopeId: here.accountScopeId }) as const;

test("an owner sees the studio's projects, a person their own, a key those it is bound to", async () => {
  const [a = "", b = ""] = here.projects;
  const there = await studio(1);
  expect(await idsSeen(owner)).toEqual(here.projects.toSorted());
  expect(await idsSeen(await person(here, "viewer", [b]))).toEqual([b]);
  expect(await idsSeen(await person(here, "pm"))).toEqual([]);
  expect(await idsSeen(key([a]))).toEqual([a]);
  expect(await idsSeen(key(there.projects))).toEqual([]);
});

test("a project is made with its settings and its audit row", async () => {
  const made = await Project.create(owner, Project.Draft.parse({ name: " Kite & Co ", timeZone: "Europe/Moscow", language: "en" }));
  expect(made).toMatchObject({ name: "Kite & Co", status: "active", timeZone: "Europe/Moscow", language: "en" });
  const [row] = await systemSql<
    { zone: string }[]
  >`select (timestamptz '2026-01-01 00:00Z' at time zone time_zone)::text as zone from projects where id = ${made.id}`;
  expect(row?.zone).toBe("2026-01-01 03:00:00");
  expect(await audited(here.accountScopeId)).toEqual(["project_created"]);
});

test.each(["+03:00", "-05", "Mars/Olympus", "", "utc; drop", "Europe/", "GMT+3:30"])("%j is no time zone", (zone) => {
  expect(Project.Draft.safeParse({ name: "x", timeZone: zone }).success).toBe(false);
});

test.each(["UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "EST5EDT", "GMT0", "Etc/GMT+5"])(
  "%s is a time zone, to the database too",
  async (zone) => {
    expect(Project.Draft.parse({ name: "x", timeZone: zone }).timeZone).toBe(zone);
    expect(await systemSql`select now() at time zone ${zone} as local`).toHaveLength(1);
    expect((await Project.change(owner, here.scope(0), { timeZone: zone })).timeZone).toBe(zone);
  },
);

test("a zone that only Intl knows is refused, and nothing is made or changed", async () => {
  const draft = Project.Draft.parse({ name: "x", timeZone: "CAT" });
  const refused = { why: { code: "validation_error" }, details: [{ path: "time_zone" }] };
  await expect(Project.create(owner, draft)).rejects.toMatchObject(refused);
  await expect(Project.change(owner, here.scope(0), { timeZone: "CAT" })).rejects.toMatchObject(refused);
  expect(await idsSeen(owner)).toEqual(here.projects.toSorted());
  expect(await audited(here.accountScopeId)).toEqual([]);
});

test("a project pauses, resumes, is archived and brought back, and says what it cannot do", async () => {
  const scope = here.scope(0);
  const become = async (status: Project.Status) => (await Project.change(owner, scope, { status })).status;
  expect(await become("paused")).toBe("paused");
  expect(await become("active")).toBe("active");
  expect(await become("archived")).toBe("archived");
  await expect(become("paused")).rejects.toMatchObject({ why: { code: "status_transition", params: { from: "archived", to: "paused" } } });
  await expect(Project.change(owner, scope, { name: "New" })).rejects.toMatchObject({ why: { code: "project_archived" } });
  expect(await idsSeen(owner)).toEqual(here.projects.toSorted());
  expect(await become("active")).toBe("active");
  expect(await audited(here.accountScopeId)).toEqual(Array(4).fill("project_changed"));
});

test("the audit of a change says what was and what is", async () => {
  await Project.change(owner, here.scope(0), { name: "Renamed", language: "en" });
  const [act] = await Audit.list(owner, here.scope(0), { limit: 1 });
  expect(act).toMatchObject({ action: "project_changed", actor: owner.username, projectId: here.projects[0] });
  expect(act?.payload).toEqual({ name: { from: "Project 1", to: "Renamed" }, language: { from: "ru", to: "en" } });
});

test("a person is assigned and taken off; twice is once; another studio's person is not found", async () => {
  const scope = here.scope(0);
  const pm = await person(here, "pm");
  expect([await Assignment.add(owner, scope, pm.id), await Assignment.add(owner, scope, pm.id)]).toEqual([true, false]);
  expect(await Assignment.list(scope)).toMatchObject([{ userId: pm.id, username: pm.username, assignedBy: owner.username }]);
  expect(await Project.seen(pm, here.projects[0] ?? "")).toBe(true);
  expect([await Assignment.remove(owner, scope, pm.id), await Assignment.remove(owner, scope, pm.id)]).toEqual([true, false]);
  expect(await Project.seen(pm, here.projects[0] ?? "")).toBe(false);
  const stranger = await person(await studio(1), "pm");
  await expect(Assignment.add(owner, scope, stranger.id)).rejects.toMatchObject({ why: { code: "not_found" } });
  expect(await audited(here.accountScopeId)).toEqual(["user_assigned", "user_unassigned"]);
});

test("an act and its audit row are kept together or not at all", async () => {
  const scope = here.scope(0);
  const undone = transaction(scope, async () => {
    await Project.change(owner, scope, { name: "Never" });
    throw new Error("after all");
  });
  await expect(undone).rejects.toThrow("after all");
  expect(await audited(here.accountScopeId)).toEqual([]);
  expect((await Project.list(owner)).map((project) => project.name)).not.toContain("Never");
  const failing = transaction(scope, async () => {
    await sql`update projects set name = 'Never'`;
    // No such status: the audit row is refused, and with it what it was to witness.
    await Audit.record(owner, { action: "x", entityType: "project", status: "unheard of" as "ok" });
  });
  await expect(failing).rejects.toThrow(/check constraint/);
  expect((await Project.list(owner)).map((project) => project.name)).not.toContain("Never");
});

test("the audit is read newest first, page by page; a key reads its projects' acts and none of the studio's", async () => {
  for (const name of ["one", "two", "three"]) await Project.change(owner, here.scope(0), { name });
  await Project.change(owner, here.scope(1), { name: "another project's" });
  await transaction({ accountScopeId: here.accountScopeId }, () => Audit.record(owner, { action: "of_the_studio", entityType: "user" }));
  const page = await Audit.list(owner, here.scope(0), { limit: 2 });
  expect(page.map((act) => act.action)).toEqual(["of_the_studio", "project_changed"]);
  const rest = await Audit.list(owner, here.scope(0), { limit: 10, before: page.at(-1)?.id });
  expect(rest.map((act) => (act.payload.name as { to: string }).to)).toEqual(["two", "one"]);
  const forKey = await Audit.list(key(here.projects.slice(0, 1)), here.scope(0), { limit: 10 });
  expect(forKey.map((act) => act.action)).toEqual(Array(3).fill("project_changed"));
  expect(await Audit.list(owner, here.scope(0), { limit: 10, action: "of_the_studio" })).toHaveLength(1);
});
