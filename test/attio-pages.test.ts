import { expect, test } from "vitest";
import { systemSql } from "#core/db.ts";
import { crms, fill, startCrm } from "#test/crm.ts";
import { mirror, upstream } from "#test/mirror-attio.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import * as Studio from "#test/simulators/attio/studio.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { clear } from "#test/simulators/log.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const QUERY = "POST objects/:object/records/query";

crms();

// A workspace of this size is many seconds of one process's only core on the embedded database.
test.skipIf(!process.env.TEST_DATABASE_URL)(
  "a large workspace is swept within a budget: new things and open deals at once, the rest in turn, and the promise is kept",
  async () => {
    const w = await startCrm(1);
    const { store } = w.sim;
    const at = Math.floor(store.now()) - 400 * 86_400;
    const companies = Array.from({ length: 2_600 }, (_, n) => Sample.company(store, `Company ${n}`, undefined, at + n));
    const people = Array.from({ length: 1_600 }, (_, n) =>
      Sample.person(store, `Person ${n}`, `p${n}@large.example`, companies[n]?.id, at + n),
    );
    const deals = Array.from({ length: 40 }, (_, n) =>
      Sample.deal(store, `Deal ${n}`, { value: n, companyId: companies[n]?.id ?? "", createdAt: at + n }),
    );
    for (let n = 0; n < 120; n++)
      Papers.addNote(store, { object: "deals", recordId: deals[n % 40]?.id ?? "", title: "Then", content: `note ${n}`, createdAt: at + n });
    await w.bind(0);
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
    const whole = await mirror(w.scope(0));
    expect(whole).toEqual(upstream(store));
    // New, and a stage: next cycle. An old company edited: within the promise.
    Papers.addNote(store, { object: "deals", recordId: deals[3]?.id ?? "", title: "Now", content: "fresh" });
    Records.moveStage(store, { id: deals[5]?.id ?? "", stage: "Won" });
    Sample.company(store, "Brand new", "new.example");
    Records.editRecord(store, { object: "companies", id: companies[7]?.id ?? "", values: { name: [{ value: "Renamed" }] } });
    Records.editRecord(store, { object: "people", id: people[1_500]?.id ?? "", values: { job_title: [{ value: "CEO" }] } });
    clear(w.sim.log);
    pass(900);
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
    expect(w.sim.log.entries.length).toBeLessThanOrEqual(15);
    const now = await mirror(w.scope(0));
    expect(now.companies).toHaveLength(2_601);
    expect(now.notes).toEqual(upstream(store).notes);
    expect(now.deals).toEqual(upstream(store).deals);
    const states = await systemSql<{ stream: string; freshness: number }[]>`
    select stream, (cursor ->> 'freshness_minutes')::int as freshness from connector_sync_state where stream like '%sweep' order by stream`;
    const promised = Math.max(...states.map((row) => row.freshness));
    expect(promised).toBe(30);
    for (let minutes = 15; minutes < promised; minutes += 15) {
      pass(900);
      await w.run(CYCLE);
    }
    expect(await mirror(w.scope(0))).toEqual(upstream(store));
  },
);

test("pages that shift, repeat, come short or run dry while they are read lose nothing; equal times in any order neither", async () => {
  const w = await startCrm(1);
  const { store } = w.sim;
  const at = Math.floor(store.now()) - 86_400;
  // A run of equal times lies across the edge of the first page, and stands in another order in every answer.
  const rows = Array.from({ length: 1_250 }, (_, n) =>
    Sample.company(store, `Company ${n}`, undefined, n > 450 && n < 560 ? at + 451 : at + n),
  );
  await w.bind(0);
  const between = (nth: number, run: () => void) =>
    arm(w.sim.faults, { kind: "hook", route: QUERY, path: "/companies/", nth, times: 1, run });
  between(2, () => {
    Studio.reorder(store);
    for (const row of rows.slice(0, 4)) Records.deleteRecord(store, { object: "companies", id: row.id });
    Sample.company(store, "Meanwhile", "meanwhile.example");
  });
  // More go than the overlap holds.
  between(3, () => {
    for (const row of rows.slice(10, 40)) Records.deleteRecord(store, { object: "companies", id: row.id });
  });
  arm(w.sim.faults, { kind: "duplicate", route: QUERY, path: "/companies/", nth: 2, times: 1 });
  arm(w.sim.faults, { kind: "shortPage", route: QUERY, path: "/companies/", keep: 40, nth: 4, times: 1 });
  arm(w.sim.faults, { kind: "emptyPage", route: QUERY, path: "/companies/", nth: 5, times: 1 });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  const held = new Set((await mirror(w.scope(0))).companies.map((row) => row.id));
  expect(upstream(store).companies.filter((row) => !held.has(row.id))).toEqual([]);
  disarm(w.sim.faults);
});

test("a short or an empty page in the crawl deletes nothing that is there", async () => {
  const w = await startCrm(1);
  fill(w, 30);
  await w.bind(0);
  await w.run(CYCLE);
  const before = await fingerprint();
  for (const kind of ["shortPage", "emptyPage"] as const) {
    arm(w.sim.faults, { kind, route: QUERY, path: "/companies/", times: 1 });
    pass(86_400);
    await w.run(CRAWL, 0, "manual");
    disarm(w.sim.faults);
  }
  expect((await mirror(w.scope(0))).companies).toHaveLength(30);
  expect((await fingerprint()).attio_opportunities_raw).toEqual(before.attio_opportunities_raw);
});

test("a new note among more than every cycle reads is there with the next one", async () => {
  const w = await startCrm(1);
  const { deals } = fill(w, 3);
  const at = Math.floor(w.sim.store.now()) - 800 * 86_400;
  for (let n = 0; n < 620; n++)
    Papers.addNote(w.sim.store, { object: "deals", recordId: deals[0]?.id ?? "", title: "Old", content: `${n}`, createdAt: at + n });
  await w.bind(0);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  Papers.addNote(w.sim.store, { object: "deals", recordId: deals[1]?.id ?? "", title: "Fresh", content: "now" });
  clear(w.sim.log);
  pass(900);
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).notes).toEqual(upstream(w.sim.store).notes);
});
