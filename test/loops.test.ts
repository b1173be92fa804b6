import { expect, test } from "vitest";
import { config } from "#core/config.ts";
import { sql, systemSql } from "#core/db.ts";
import { app } from "#functions/api/loops.ts";
import { add, again, asked, audience, audiences, clients, loops, open, SYNC } from "#test/audience.ts";
import { asOwner } from "#test/database.ts";
import { audited, call, person } from "#test/people.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

audiences();

test("without a key the run says so", async () => {
  delete config.LOOPS_SECRET_KEY;
  const w = await clients(["a@client.test"]);
  expect(await w.run(SYNC)).toMatchObject({ status: "ok", reason: { code: "no_key", params: { key: "LOOPS_SECRET_KEY" } } });
});

test("before its owner switches it on, a project shows who would be sent, and sends nothing", async () => {
  const w = await clients(["a@client.test", "b@client.test", "c@client.test"], { enabled: false });
  expect(await w.run(SYNC, 0, "manual")).toMatchObject({ status: "ok", reason: { code: "preview_only" } });
  const [projectId = ""] = w.projects;
  const get = (as: Record<string, string>, query: string) => call(app, "GET", `/loops/preview?project_id=${projectId}${query}`, as);
  const owner = await (await person(w, "owner")).signIn();
  const { body } = await get(owner, "&limit=2");
  expect(body).toMatchObject({
    enabled: false,
    has_key: true,
    contacts: [{ email: "a@client.test", state: "new" }, { email: "b@client.test" }],
  });
  expect(body.contacts[0].properties).toMatchObject({
    firstName: "Client",
    source: "Bellwether",
    projectNames: "Project 1",
    projectIds: projectId,
  });
  expect(body.contacts[0].properties).not.toHaveProperty("subscribed");
  expect((await get(owner, `&limit=2&cursor=${body.next_cursor}`)).body.contacts).toMatchObject([{ email: "c@client.test" }]);
  expect(loops.log.entries).toEqual([]);
  const pm = await (await person(w, "pm", [projectId])).signIn();
  expect((await get(pm, "")).status).toBe(200);
  const put = (as: Record<string, string>, enabled: boolean) =>
    call(app, "PUT", `/loops/settings?project_id=${projectId}`, as, { enabled });
  expect((await put(pm, true)).status).toBe(403);
  expect((await put(owner, true)).body.settings).toEqual({ enabled: true, has_key: true });
  const run = await call(app, "POST", `/loops/sync?project_id=${projectId}`, pm);
  expect(run).toMatchObject({ status: 202, body: { job_run: { job: SYNC, trigger: "manual" } } });
  await w.work();
  expect(audience()).toEqual(["a@client.test", "b@client.test", "c@client.test"]);
  expect((await get(owner, "")).body.contacts[0].state).toBe("sent");
  await put(owner, false);
  expect(await audited(w.accountScopeId)).toEqual(expect.arrayContaining(["loops_enabled", "loops_disabled"]));
});

test("a thousand clients are sent over several runs, each once; then only who changed", { timeout: 60_000 }, async () => {
  const w = await clients(Array.from({ length: 1_000 }, (_, n) => `p${n}@client.test`));
  await w.run(SYNC);
  const runs = await systemSql<{ counters: { sent: number } }[]>`select counters from job_runs where job = ${SYNC} order by asked_at, id`;
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.reduce((sum, run) => sum + run.counters.sent, 0)).toBe(1_000);
  expect(loops.store.contacts.size).toBe(1_000);
  expect(asked("PUT")).toHaveLength(1_000);
  await w.run(SYNC);
  expect(asked("PUT")).toHaveLength(1_000);
  People.editContact(w.sim.store, {
    id: [...w.sim.store.contacts.values()].find((one) => one.email === "p7@client.test")?.id ?? 0,
    name: "Нина Ли",
  });
  pass(3_600);
  await w.run("connectors_reconciliation_daily", 0, "manual");
  await w.run(SYNC);
  expect(asked("PUT")).toHaveLength(1_001);
  expect([...loops.store.contacts.values()].find((one) => one.email === "p7@client.test")).toMatchObject({
    firstName: "Нина",
    lastName: "Ли",
  });
});

test("the pace is Loops' own, and what is limited all the same is waited out or comes back", { timeout: 60_000 }, async () => {
  await loops.close();
  await open({ rateLimit: 10 });
  const w = await clients(Array.from({ length: 40 }, (_, n) => `p${n}@client.test`));
  arm(loops.faults, { kind: "status", status: 429, times: 2, nth: 5, route: "PUT contacts/update" });
  expect(await w.run(SYNC)).toMatchObject({ status: "ok", counters: { sent: 40 } });
  expect(loops.log.entries.filter((entry) => entry.status === 429).length).toBeLessThan(6);
  disarm(loops.faults);
  add(w, "late@client.test");
  pass(3_600);
  await w.run("connectors_sync_cycle");
  arm(loops.faults, { kind: "status", status: 429, times: 0, route: "PUT contacts/update" });
  expect(await w.run(SYNC)).toMatchObject({ status: "queued", reason: { params: { code: "rate_limited" } } });
  disarm(loops.faults);
  pass(3_600);
  await w.run(SYNC, 0, "manual");
  expect(audience()).toContain("late@client.test");
});

test("an address that two projects know is one contact, sent once, with both their names", async () => {
  const w = await clients(["a@client.test", "b@client.test"], { projects: 2 });
  await Promise.all([w.run(SYNC, 0), w.run(SYNC, 1)]);
  await w.run(SYNC, 0);
  await w.run(SYNC, 1);
  expect(asked("PUT")).toHaveLength(2);
  const names = [...loops.store.contacts.values()].map((one) => one.custom.projectNames);
  expect(names.map((name) => String(name).split(",").toSorted())).toEqual(Array(2).fill(["Project 1", "Project 2"]));
});

test("a project that is switched off is not named, nor does its address go without it", async () => {
  const w = await clients(["a@client.test"], { projects: 2 });
  const owner = await (await person(w, "owner")).signIn();
  await call(app, "PUT", `/loops/settings?project_id=${w.projects[1]}`, owner, { enabled: false });
  await w.run(SYNC, 0);
  expect(await w.run(SYNC, 1)).toMatchObject({ reason: { code: "preview_only" } });
  expect([...loops.store.contacts.values()].map((one) => one.custom.projectIds)).toEqual([w.projects[0]]);
});

test("teammates, blocked people and what is no address are not sent; addresses are folded; hostile names are tamed", async () => {
  const w = await clients(["ok@client.test"]);
  await systemSql`update app_users set email = 'Boss@studio.test' where account_scope_id = ${w.accountScopeId}`;
  for (const email of ["boss@studio.test", "no address", "two@at@signs.test", "a,b@list.test", "x@nodot"]) add(w, email);
  const blocked = add(w, "blocked@client.test");
  People.editContact(w.sim.store, { id: blocked.id, blocked: true });
  add(w, "Big.Letters@Client.TEST", "{{unsubscribe}} <b>\u202eX</b>");
  add(w, "quote'--@client.test", "'; drop table loops_contacts; --");
  add(w, "long@client.test", "Я".repeat(3_000));
  add(w, "empty@client.test", "");
  await again(w);
  expect(audience()).toEqual([
    "big.letters@client.test",
    "empty@client.test",
    "long@client.test",
    "ok@client.test",
    "quote'--@client.test",
  ]);
  const big = [...loops.store.contacts.values()].find((one) => one.email === "big.letters@client.test");
  expect(`${big?.firstName} ${big?.lastName}`).not.toMatch(/[{}<>\u202e]/);
});

test("properties are made once before they are used; one that is somebody else's is left alone", async () => {
  loops.store.properties.set("company", { key: "company", label: "Company", type: "number" });
  const w = await clients(["a@client.test"]);
  await w.run(SYNC);
  add(w, "b@client.test");
  await again(w);
  const made = loops.log.entries.filter((entry) => entry.method === "POST" && entry.path.endsWith("/properties"));
  expect(made).toHaveLength(3);
  expect(audience()).toEqual(["a@client.test", "b@client.test"]);
});

test("one that Loops does not take is noted, holds up nobody, and is not tried again before it changes", async () => {
  const w = await clients(["a@client.test", "b@client.test"]);
  arm(loops.faults, { kind: "status", status: 400, times: 1, nth: 1, route: "PUT contacts/update" });
  expect(await w.run(SYNC)).toMatchObject({ status: "ok", counters: { sent: 1, refused: 1 } });
  disarm(loops.faults);
  await again(w);
  expect(asked("PUT")).toHaveLength(2);
  const rows = await asOwner(() => sql`select email, status from loops_contacts order by email`);
  expect(rows).toEqual([
    { email: "a@client.test", status: "refused" },
    { email: "b@client.test", status: "sent" },
  ]);
});
