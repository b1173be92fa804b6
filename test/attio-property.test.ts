import fc from "fast-check";
import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { type Crm, crms, startCrm } from "#test/crm.ts";
import { mirror, upstream } from "#test/mirror-attio.ts";
import { holds } from "#test/property.ts";
import { remembered } from "#test/remembered.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { arm, disarm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const TEXTS = [...Object.values(ODD_TEXTS), "Ольга просит перенести запуск", "She accepts the price"];
const STAGES = ["Discovery", "Proposal", "Negotiation", "Won", "Lost"];
crms();

const pick = <T>(rows: readonly T[], n: number): T | undefined => rows[n % Math.max(1, rows.length)];
const to = <T>(row: T | undefined, act: (row: T) => void): void => {
  if (row !== undefined) act(row);
};
const records = ({ sim }: Crm, object: string) => [...sim.store.records.values()].filter((row) => row.object === object);

/** Something that happens upstream; `a` and `b` choose among what there is. Each may find nothing to happen to. */
const CHANGES: Record<string, (w: Crm, a: number, b: number) => void> = {
  found: ({ sim }, a) => void Sample.company(sim.store, `Company ${a}`, a % 3 ? `company${a}.example` : undefined),
  meet: (w, a, b) => void Sample.person(w.sim.store, `Person ${a}`, `p${a}.${b}@client.example`, pick(records(w, "companies"), b)?.id),
  deal: (w, a, b) => {
    const companyId = pick(records(w, "companies"), b)?.id;
    Sample.deal(w.sim.store, TEXTS[a % TEXTS.length] ?? "", { value: 100 * b, ...(companyId ? { companyId } : {}) });
  },
  stage: (w, a, b) =>
    to(pick(records(w, "deals"), a), ({ id }) => Records.moveStage(w.sim.store, { id, stage: STAGES[b % STAGES.length] ?? "Won" })),
  rename: (w, a, b) =>
    to(pick(records(w, "companies"), a), ({ id }) =>
      Records.editRecord(w.sim.store, { object: "companies", id, values: { name: [{ value: `${TEXTS[b % TEXTS.length]} ${b}` }] } }),
    ),
  note: (w, a, b) =>
    to(pick(records(w, b % 2 ? "companies" : "deals"), a), ({ id }) =>
      Papers.addNote(w.sim.store, {
        object: b % 2 ? "companies" : "deals",
        recordId: id,
        title: `Note ${b}`,
        content: TEXTS[b % TEXTS.length] ?? "",
      }),
    ),
  edit: ({ sim }, a, b) =>
    to(pick([...sim.store.notes.values()], a), ({ id }) => Papers.editNote(sim.store, { id, content: `again ${b}` })),
  tear: ({ sim }, a) => to(pick([...sim.store.notes.values()], a), ({ id }) => Papers.deleteNote(sim.store, { id })),
  task: (w, a, b) =>
    to(pick(records(w, "companies"), a), ({ id }) =>
      Papers.addTask(w.sim.store, { content: `Call ${b}`, linked: [{ object: "companies", recordId: id }] }),
    ),
  drop: ({ sim }, a) => to(pick([...sim.store.tasks.values()], a), ({ id }) => Papers.deleteTask(sim.store, { id })),
  lose: (w, a, b) => {
    const object = ["companies", "people", "deals"][b % 3] ?? "deals";
    to(pick(records(w, object), a), ({ id }) => Records.deleteRecord(w.sim.store, { object, id }));
  },
  merge: (w, a, b) =>
    to(pick(records(w, "companies"), a), (into) =>
      to(pick(records(w, "companies"), b), (from) => {
        if (into.id !== from.id) Records.mergeRecords(w.sim.store, { object: "companies", into: into.id, from: from.id });
      }),
    ),
};

/** What goes wrong with one of the next requests. */
const FAULTS: readonly Fault[] = [
  { kind: "status", status: 429, retryAfter: "date", seconds: 1 },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502, html: true },
  { kind: "status", status: 403 },
  { kind: "reset" },
  { kind: "truncate" },
  { kind: "bom" },
  { kind: "contentType", body: "<html>" },
  { kind: "duplicate" },
  { kind: "emptyPage" },
  { kind: "shortPage", keep: 2 },
  { kind: "patch", row: 0, key: "values", value: null },
];

const change = fc.record({ what: fc.constantFrom(...Object.keys(CHANGES)), a: fc.nat(50), b: fc.nat(50) });
const step = fc.oneof(
  { weight: 8, arbitrary: change.map((one) => ({ do: "change" as const, ...one })) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cycle" as const), seconds: fc.integer({ min: 1, max: 7_200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crawl" as const), seconds: fc.integer({ min: 60, max: 90_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("fault" as const), which: fc.nat(FAULTS.length - 1), nth: fc.integer({ min: 1, max: 8 }) }),
  },
  // Something that happens between two pages of the next read.
  { weight: 1, arbitrary: fc.record({ do: fc.constant("between" as const), nth: fc.integer({ min: 1, max: 8 }), change }) },
);

test("whatever happens upstream and on the way, quiet days later the mirror is the workspace, and then nothing is written", {
  timeout: 300_000,
}, async () => {
  await holds("attio", fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    Clock.reset();
    const w = await startCrm(1, { now: () => Clock.now() });
    for (let n = 0; n < 6; n++) {
      const { id } = Sample.company(w.sim.store, `Client ${n}`, `client${n}.example`);
      Sample.deal(w.sim.store, `Deal ${n}`, { value: n, companyId: id });
      Papers.addNote(w.sim.store, { object: "companies", recordId: id, title: `About ${n}`, content: TEXTS[n % TEXTS.length] ?? "" });
    }
    await w.bind(0);
    await w.run(CYCLE);
    for (const one of steps) {
      if (one.do === "change") CHANGES[one.what]?.(w, one.a, one.b);
      else if (one.do === "fault") arm(w.sim.faults, { ...(FAULTS[one.which] as Fault), nth: one.nth });
      else if (one.do === "between")
        arm(w.sim.faults, { kind: "hook", nth: one.nth, run: () => CHANGES[one.change.what]?.(w, one.change.a, one.change.b) });
      else {
        pass(one.seconds);
        await w.run(one.do === "cycle" ? CYCLE : CRAWL);
      }
    }
    disarm(w.sim.faults);
    await calm(w);
    expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
    const { kept, anew } = await remembered();
    expect(kept).toEqual(anew);
    const before = await fingerprint();
    pass(900);
    await w.run(CYCLE);
    expect(await fingerprint()).toEqual(before);
  });
});

/** Quiet days: whatever backs off comes due, what was set aside is read again, and two complete passes are made. */
async function calm(w: Crm): Promise<void> {
  for (let day = 0; day < 3; day++) {
    pass(90_000);
    await w.run("connector_errors_retry", 0, "manual");
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
    expect(await w.run(CRAWL, 0, day === 2 ? "manual" : "cascade")).toMatchObject({ status: "ok" });
  }
}
