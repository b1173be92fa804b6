import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { type Crm, crms, events, startCrm, types } from "#test/crm.ts";
import { asOwner } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror-attio.ts";
import * as Lists from "#test/simulators/attio/lists.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type { Row } from "#test/simulators/attio/rows.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { clear } from "#test/simulators/log.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

crms();

/** A client: a company, two people of it, a deal with one of them, a note on each, and a task on the company. */
function client(w: Crm, n: number) {
  const { store } = w.sim;
  const company = Sample.company(store, `Client ${n}`, `client${n}.example`);
  const people = [1, 2].map((k) => Sample.person(store, `Person ${n}.${k}`, `p${k}@client${n}.example`, company.id));
  const deal = Sample.deal(store, `Deal ${n}`, { value: 1_000 * n, companyId: company.id, people: [people[0]?.id ?? ""] });
  for (const [object, row] of [
    ["companies", company],
    ["people", people[0]],
    ["deals", deal],
  ] as const)
    Papers.addNote(store, { object, recordId: row?.id ?? "", title: `About ${n}`, content: `On ${object} ${n}` });
  const task = Papers.addTask(store, { content: `Call ${n}`, linked: [{ object: "companies", recordId: company.id }] });
  return { company, people, deal, task };
}
const refers = (slug: string, ids: readonly string[]) => (row: Row) =>
  (row.values[slug] ?? []).some((value) => ids.includes(String(value.target_record_id)));
const of = (ids: readonly string[]) => (row: Row) => ids.includes(row.id);
/** What companies bring along: who refers to them, and whom their deals name. */
function from(...ids: string[]) {
  const deal = refers("associated_company", ids);
  return {
    company: of(ids),
    deal,
    person: (row: Row, deals: Row[]) => refers("company", ids)(row) || deals.some(refers("associated_people", [row.id])),
  };
}

test("a whole workspace is mirrored, and a second cycle writes nothing and asks little", async () => {
  const w = await startCrm(1, { size: "small" });
  await w.bind(0);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const before = await fingerprint();
  clear(w.sim.log);
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", counters: { rows: 0, events: 0 } });
  expect(await fingerprint()).toEqual(before);
  expect(w.sim.log.entries.length).toBeLessThanOrEqual(8);
});

test("edits, moved stages, amounts, notes and tasks are followed, each transition once, dated as upstream dates it", async () => {
  const w = await startCrm(1);
  const { store } = w.sim;
  const { company, deal, task } = client(w, 1);
  await w.bind(0);
  await w.run(CYCLE);
  const moved = Math.floor(store.now()) - 3_600;
  Records.moveStage(store, { id: deal.id, stage: "Won", at: moved });
  Records.editRecord(store, { object: "deals", id: deal.id, values: { value: [{ currency_value: 12_345.67, currency_code: "USD" }] } });
  Records.editRecord(store, { object: "companies", id: company.id, values: { name: [{ value: "Client One" }] } });
  const [note] = [...store.notes.values()];
  Papers.editNote(store, { id: note?.id ?? "", content: "quietly edited" });
  Papers.completeTask(store, { id: task.id });
  Papers.addNote(store, { object: "deals", recordId: deal.id, title: "New", content: "Signed" });
  pass(900);
  const before = (await types(0, w)).length;
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  const seen = (await events(0, w)).slice(before);
  expect(seen.map((row) => row.eventType).toSorted()).toEqual(
    ["company_updated", "deal_amount_changed", "deal_stage_changed", "note_edited", "note_logged", "task_completed"].toSorted(),
  );
  const stage = seen.find((row) => row.eventType === "deal_stage_changed");
  expect(stage).toMatchObject({ payload: { deal_id: deal.id, from: "Discovery", to: "Won" }, occurredAt: new Date(moved * 1_000) });
  expect(seen.find((row) => row.eventType === "deal_amount_changed")?.payload).toMatchObject({
    from: 1_000,
    to: 12_345.67,
    to_currency: "USD",
  });
  expect(JSON.stringify(seen)).not.toContain("Signed");
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ counters: { rows: 0, events: 0 } });
});

test("what is gone goes after two complete crawls, texts and all; a merge leaves one record, and its notes with it", async () => {
  const w = await startCrm(1);
  const { store } = w.sim;
  const [kept, merged, gone] = [client(w, 1), client(w, 2), client(w, 3)];
  await w.bind(0);
  await w.run(CYCLE);
  Records.mergeRecords(store, { object: "companies", into: kept.company.id, from: merged.company.id });
  Records.deleteRecord(store, { object: "deals", id: gone.deal.id });
  Papers.deleteTask(store, { id: gone.task.id });
  pass(900);
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).companies).toHaveLength(3);
  pass(60);
  await w.run(CRAWL, 0, "manual");
  const [metric] = await systemSql<Record<string, unknown>[]>`
    select missing_count, stale_count, extra_count, duplicate_count from sync_reconciliation_metrics where source = 'manual' and connector = 'attio'`;
  expect(metric).toEqual({ missingCount: 0, staleCount: 0, extraCount: 3, duplicateCount: 1 });
  expect((await mirror(w.scope(0))).deals).toHaveLength(3);
  pass(86_400);
  await w.run(CRAWL, 0, "manual");
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  const left = await asOwner(
    () => sql<Record<string, unknown>[]>`
    select title, stage, data from attio_opportunities_raw where external_id = ${gone.deal.id}
    union all select title, note, data from attio_activities_raw where deleted_at is not null`,
  );
  expect(left).toEqual(Array.from({ length: 3 }, () => ({ title: null, stage: null, data: {} })));
  expect((await types(0, w)).filter((type) => type.endsWith("_deleted")).toSorted()).toEqual(
    ["company_deleted", "deal_deleted", "note_deleted", "task_deleted"].toSorted(),
  );
});

test("what the cycle missed is healed by the crawl and named by it; a row changed behind our back comes back", async () => {
  const w = await startCrm(1);
  const { deal, company } = client(w, 1);
  await w.bind(0);
  await w.run(CYCLE);
  await asOwner(() => sql`update attio_opportunities_raw set amount = 1 where external_id = ${deal.id}`);
  await asOwner(() => sql`delete from attio_accounts_raw where external_id = ${company.id}`);
  pass(86_400);
  await w.run(CRAWL, 0, "manual");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const named = await systemSql<Record<string, unknown>[]>`select stream, record_ref, why from sync_reconciliation_diffs order by stream`;
  expect(named).toEqual([
    { stream: "companies", recordRef: `company:${company.id}`, why: "missing" },
    { stream: "deals", recordRef: `deal:${deal.id}`, why: "stale" },
  ]);
});

test("a binding covers companies by id or domain with their people, deals, notes and tasks, a deal with its company and people, or a list's records", async () => {
  const w = await startCrm(5);
  const { store } = w.sim;
  const [a, b, c] = [client(w, 1), client(w, 2), client(w, 3)];
  Lists.addList(store, { slug: "accounts", name: "Accounts", object: "companies" });
  Lists.addList(store, { slug: "pipeline", name: "Pipeline", object: "deals" });
  const entry = Lists.addToList(store, { list: "accounts", recordId: a.company.id });
  Lists.addToList(store, { list: "pipeline", recordId: c.deal.id });
  await w.bind(0, { companies: [a.company.id] });
  await w.bind(1, { companies: ["https://www.Client2.example/"] });
  await w.bind(2, { dealIds: [c.deal.id] });
  await w.bind(3, { listIds: ["accounts"] });
  await w.bind(4, { listIds: ["pipeline"] });
  await w.run(CYCLE);
  const ofDeal = { company: of([c.company.id]), person: of([c.people[0]?.id ?? ""]), deal: of([c.deal.id]) };
  expect(await mirror(w.scope(0))).toEqual(upstream(store, from(a.company.id)));
  expect(await mirror(w.scope(1))).toEqual(upstream(store, from(b.company.id)));
  expect(await mirror(w.scope(2))).toEqual(upstream(store, ofDeal));
  expect(await mirror(w.scope(3))).toEqual(upstream(store, from(a.company.id)));
  expect(await mirror(w.scope(4))).toEqual(upstream(store, ofDeal));
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ counters: { rows: 0, events: 0 } });
  // Out of the list, out of the project; another one comes in with all that is its.
  Lists.removeFromList(store, { id: entry.id });
  Lists.addToList(store, { list: "accounts", recordId: b.company.id });
  // The deal changes hands: its old company has nothing to do with the project any more.
  const toB = { associated_company: [{ target_object: "companies", target_record_id: b.company.id }] };
  Records.editRecord(store, { object: "deals", id: a.deal.id, values: toB });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store, from(a.company.id)));
  expect(await mirror(w.scope(1))).toEqual(upstream(store, from(b.company.id)));
  expect(await mirror(w.scope(3))).toEqual(upstream(store, from(b.company.id)));
});

test("a changed binding takes out what it left and back-fills what it now covers, at once and whole", async () => {
  const w = await startCrm(1);
  const [a, b] = [client(w, 1), client(w, 2)];
  await w.bind(0, { companies: [a.company.id] });
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, from(a.company.id)));
  await w.bind(0, { companies: ["client2.example"] });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, from(b.company.id)));
  // The domain the binding names moves to another company: so does what the project holds.
  Records.editRecord(w.sim.store, { object: "companies", id: b.company.id, values: { domains: [] } });
  Records.editRecord(w.sim.store, { object: "companies", id: a.company.id, values: { domains: [{ domain: "client2.example" }] } });
  for (const _ of [1, 2]) {
    pass(900);
    await w.run(CYCLE);
  }
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, from(a.company.id)));
  await w.bind(0);
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("one workspace feeds thirty projects for the requests of one", async () => {
  const w = await startCrm(31);
  const clients = Array.from({ length: 30 }, (_, n) => client(w, n + 1));
  await w.bind(30);
  await w.run(CYCLE, 30);
  const alone = w.sim.log.entries.length;
  await transaction(w.scope(30), () => sql`delete from project_sources`);
  await asOwner(
    () => sql`truncate connector_sync_state, attio_accounts_raw, attio_people_raw, attio_opportunities_raw, attio_activities_raw cascade`,
  );
  for (const [n, { company }] of clients.entries()) await w.bind(n, { companies: [company.id] });
  clear(w.sim.log);
  pass(900);
  expect((await dispatch(jobs, CYCLE)).queued).toBe(30);
  await w.work();
  const runs = await systemSql<{ status: string }[]>`select status from job_runs where job = ${CYCLE} and asked_at = ${Clock.now()}`;
  expect(runs.map((run) => run.status)).toEqual(Array(30).fill("ok"));
  expect(w.sim.log.entries.length).toBeLessThanOrEqual(alone * 1.2);
  for (const [n, { company }] of clients.entries()) expect(await mirror(w.scope(n))).toEqual(upstream(w.sim.store, from(company.id)));
});
