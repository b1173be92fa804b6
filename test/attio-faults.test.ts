import { expect, test } from "vitest";
import { sql, systemSql, transaction } from "#core/db.ts";
import { type Crm, crms, fill, startCrm, types } from "#test/crm.ts";
import { asOwner } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror-attio.ts";
import * as Lists from "#test/simulators/attio/lists.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import * as Studio from "#test/simulators/attio/studio.ts";
import { arm, disarm, ODD_TEXTS } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const QUERY = "POST objects/:object/records/query";

crms();

async function comeBack(w: Crm): Promise<void> {
  pass(3_600);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
}

const streams = () => systemSql<{ stream: string; status: string; code: string | null }[]>`
  select stream, status, reason ->> 'code' as code from connector_sync_state order by stream`;

test("what Postgres cannot store becomes U+FFFD and is flagged; other odd texts stay as they are", async () => {
  const w = await startCrm(1);
  const company = Sample.company(w.sim.store, "Odd", "odd.example");
  for (const [title, content] of Object.entries(ODD_TEXTS))
    Papers.addNote(w.sim.store, { object: "companies", recordId: company.id, title, content });
  Records.editRecord(w.sim.store, { object: "companies", id: company.id, values: { name: [{ value: ODD_TEXTS.nul }] } });
  await w.bind(0);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const flagged = await transaction(
    w.scope(0),
    () => sql<{ title: string }[]>`
      select title from attio_activities_raw where sanitized union all select name from attio_accounts_raw where sanitized order by title`,
  );
  expect(flagged.map((row) => row.title).toSorted()).toEqual(["before\ufffdafter", "loneSurrogate", "nul"]);
});

test.each([
  ["created_at", "junk"],
  ["id", "not an object"],
  ["id.record_id", ""],
])(
  "a deal whose %s cannot be read is set aside with its payload, the page goes on, and it is taken in once it can be read",
  async (key, value) => {
    const w = await startCrm(1);
    const { deals } = fill(w, 5);
    await w.bind(0);
    arm(w.sim.faults, { kind: "patch", route: QUERY, path: "/deals/", row: 2, key, value, times: 2 });
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok", reason: { code: "set_aside" } });
    expect((await mirror(w.scope(0))).deals).toHaveLength(4);
    const [error] = await systemSql<Record<string, unknown>[]>`select kind, record_ref, payload is not null as kept from connector_errors`;
    expect(error).toEqual({
      kind: "invalid_data",
      recordRef: `deal:${key === "created_at" ? deals[2]?.id : "?"}`,
      kept: true,
    });
    disarm(w.sim.faults);
    pass(900);
    await w.run("connector_errors_retry");
    pass(900);
    await w.run(CYCLE);
    expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  },
);

test.each([
  ["429 with a date", { kind: "status", status: 429, retryAfter: "date", seconds: 120, times: 0 }, "rate_limited"],
  [
    "a merge that does not end",
    { kind: "status", status: 404, body: '{"status_code":404,"code":"merge_in_progress"}', times: 0 },
    "rate_limited",
  ],
  ["500", { kind: "status", status: 500, times: 0 }, "upstream"],
  ["truncated JSON", { kind: "truncate", times: 0 }, "upstream"],
  ["a reset connection", { kind: "reset", times: 0 }, "network"],
  ["a scope lost for one object", { kind: "status", status: 403, times: 0 }, "auth"],
] as const)("%s on one object fails its stream alone, classified, and recovery needs no hand", async (_, fault, kind) => {
  const w = await startCrm(1);
  fill(w, 4);
  await w.bind(0);
  arm(w.sim.faults, { ...fault, route: QUERY, path: "/deals/" } as Parameters<typeof arm>[1]);
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { code: "retry_at", params: { code: kind } } });
  const errors = await systemSql<Record<string, unknown>[]>`select kind, stream, status from connector_errors`;
  expect(errors).toEqual([{ kind, stream: "deals_sweep", status: "pending" }]);
  expect((await mirror(w.scope(0))).companies).toHaveLength(4);
  disarm(w.sim.faults);
  await comeBack(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await systemSql`select status from connector_errors`).toEqual([{ status: "resolved" }]);
});

test("a merge that takes a moment is waited for", async () => {
  const w = await startCrm(1);
  fill(w, 2);
  await w.bind(0);
  const body = '{"status_code":404,"code":"merge_in_progress"}';
  arm(w.sim.faults, { kind: "status", status: 404, body, times: 1, route: QUERY, path: "/deals/" });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a revoked token fails the read as auth and deletes nothing", async () => {
  const w = await startCrm(1);
  fill(w, 3);
  await w.bind(0);
  await w.run(CYCLE);
  const before = await mirror(w.scope(0));
  w.sim.world.revoked.add(w.sim.tokens.full);
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ reason: { params: { code: "auth" } } });
  await w.run(CRAWL, 0, "manual");
  expect(await mirror(w.scope(0))).toEqual(before);
  w.sim.world.revoked.clear();
  await comeBack(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a token that lost half its rights deletes nothing, neither by the crawl nor through a list", async () => {
  const w = await startCrm(2);
  const { companies } = fill(w, 60);
  Lists.addList(w.sim.store, { slug: "clients", name: "Clients", object: "companies" });
  for (const row of companies) Lists.addToList(w.sim.store, { list: "clients", recordId: row.id });
  await w.bind(0);
  await w.bind(1, { listIds: ["clients"] });
  await w.run(CYCLE);
  const before = [await mirror(w.scope(0)), await mirror(w.scope(1))];
  expect(before[1]?.companies).toHaveLength(60);
  Studio.narrow(w.sim.store, { on: true });
  for (const _ of [1, 2, 3]) {
    pass(86_400);
    await w.run(CYCLE);
    pass(60);
    await w.run(CRAWL, 0, "manual");
  }
  expect([await mirror(w.scope(0)), await mirror(w.scope(1))]).toEqual(before);
  expect(await types(0, w)).not.toContain("deal_deleted");
  const withheld = await systemSql<
    { stream: string }[]
  >`select stream from connector_sync_state where withheld_deletions > 0 order by stream`;
  expect(withheld.map((row) => row.stream)).toEqual(["companies_crawl", "deals_crawl", "lists", "notes_crawl"]);
  Studio.narrow(w.sim.store, { on: false });
  pass(86_400);
  await w.run(CRAWL, 0, "manual");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("an object that is switched off is a reason and no error, deletes nothing, and comes back", async () => {
  const w = await startCrm(1);
  fill(w, 3);
  Studio.switchObject(w.sim.store, { object: "people", on: false });
  await w.bind(0);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await streams()).toContainEqual({ stream: "people_sweep", status: "ok", code: "object_off" });
  const before = await mirror(w.scope(0));
  // Another one goes while we read: a 404 that says so.
  Studio.switchObject(w.sim.store, { object: "deals", on: false });
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  for (const _ of [1, 2, 3]) {
    pass(86_400);
    await w.run(CYCLE);
    pass(60);
    await w.run(CRAWL, 0, "manual");
  }
  expect(await streams()).toContainEqual({ stream: "deals_crawl", status: "ok", code: "object_off" });
  expect(await mirror(w.scope(0))).toEqual(before);
  Studio.switchObject(w.sim.store, { object: "deals", on: true });
  Studio.switchObject(w.sim.store, { object: "people", on: true });
  Sample.person(w.sim.store, "Late Comer", "late@c0.example");
  pass(86_400);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a quarter of all requests fail, and in the end the mirror is the workspace", async () => {
  const w = await startCrm(1);
  const { companies, deals } = fill(w, 40);
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 503, probability: 0.25, seed: 7, times: 0 });
  for (let round = 0; round < 6; round++) {
    Records.moveStage(w.sim.store, { id: deals[round]?.id ?? "", stage: "Won" });
    Records.editRecord(w.sim.store, {
      object: "companies",
      id: companies[round]?.id ?? "",
      values: { name: [{ value: `Round ${round}` }] },
    });
    await w.run(CYCLE);
    await comeBack(w);
  }
  disarm(w.sim.faults);
  await comeBack(w);
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const moved = (await types(0, w)).filter((type) => type === "deal_created");
  expect(moved).toHaveLength(40);
});

test("what a webhook names is read again by itself, with the notes on it; what is gone or cannot be asked for is no error", async () => {
  const w = await startCrm(1);
  const { store } = w.sim;
  const { companies, deals } = fill(w, 2);
  const [company, deal] = [companies[0]?.id ?? "", deals[1]?.id ?? ""];
  const person = Sample.person(store, "Ann Bee", "ann@c0.example", company);
  const task = Papers.addTask(store, { content: "Call", linked: [{ object: "companies", recordId: company }] });
  Lists.addList(store, { slug: "clients", name: "Clients", object: "companies" });
  await w.bind(0, { listIds: ["clients"] });
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).companies).toEqual([]);
  // Nothing but what is named is read: the record that a new entry names, a person of it, a note and a task on it.
  const entry = Lists.addToList(store, { list: "clients", recordId: company });
  const note = Papers.addNote(store, { object: "companies", recordId: company, title: "Hint", content: "by webhook" });
  const member = Studio.addMember(store, { name: "New Hand", email: "new@studio.example" });
  const refs = [
    ...[
      `entry:clients:${entry.id}`,
      `person:${person.id}`,
      `deal:${deals[0]?.id}`,
      `task:${task.id}`,
      `note:${note.id}`,
      `member:${member.id}`,
    ],
    ...[`deal:${deal}`, "deal:00000000-0000-4000-a000-000000000000", "note:?", "company:?"],
  ];
  await asOwner(
    () => sql`
      insert into connector_errors (connection_id, account_scope_id, stream, record_ref, kind, message, next_retry_at, dedupe_key, created_at, updated_at)
      select ${w.connectionId}, ${w.accountScopeId}, 'hints', r, 'upstream', 'hint', now() - interval '1 minute' + n * interval '1 second', r, now(), now()
      from unnest(${refs}::text[]) with ordinality as r (r, n) order by n`,
  );
  pass(60);
  await w.run("connector_errors_retry", 0, "manual");
  expect(await systemSql`select distinct status from connector_errors`).toEqual([{ status: "resolved" }]);
  const held = await mirror(w.scope(0));
  expect(held.companies.map((row) => row.id)).toEqual([company]);
  expect(held.people.map((row) => row.id)).toEqual([person.id]);
  expect(held.deals.map((row) => row.id)).toEqual([deals[0]?.id]);
  expect(held.notes.map((row) => row.title).toSorted()).toEqual(["Hint", "Note 0"]);
  expect(held.tasks.map((row) => row.id)).toEqual([task.id]);
  expect(held.members).toEqual(upstream(store).members);
});
