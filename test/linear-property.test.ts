import fc from "fast-check";
import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { mirror, upstream } from "#test/mirror-linear.ts";
import { holds } from "#test/property.ts";
import { remembered } from "#test/remembered.ts";
import { arm, disarm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { ago, startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const TEXTS = [...Object.values(ODD_TEXTS), "Когда будет готово?", "Blocked until the provider is signed"];
const TYPES = ["backlog", "unstarted", "started", "completed", "canceled", "duplicate"] as const;
workspaces();

const pick = <T>(rows: ReadonlyMap<string, T>, n: number): T | undefined => [...rows.values()][n % Math.max(1, rows.size)];
const to = <T>(row: T | undefined, act: (row: T) => void): void => {
  if (row !== undefined) act(row);
};

/** Something that happens upstream; `a` and `b` choose among what there is. Each may find nothing to happen to. */
const CHANGES: Record<string, (w: Tasks, a: number, b: number) => void> = {
  open: (w, a, b) => void task(w, { teamId: w.team(a % 2), title: TEXTS[b % TEXTS.length] ?? "", at: ago(w.sim, b * 3_600) }),
  say: ({ sim }, a, b) =>
    to(pick(sim.store.issues, a), ({ id }) =>
      Papers.addComment(sim.store, { issueId: id, body: TEXTS[b % TEXTS.length] ?? "", at: ago(sim, b) }),
    ),
  edit: ({ sim }, a, b) =>
    to(pick(sim.store.comments, a), ({ id }) => Papers.editComment(sim.store, { id, body: `${TEXTS[b % TEXTS.length]} ${b}` })),
  unsay: ({ sim }, a) => to(pick(sim.store.comments, a), ({ id }) => Papers.deleteComment(sim.store, { id })),
  state: ({ sim }, a, b) =>
    to(pick(sim.store.issues, a), ({ id, teamId }) =>
      Verbs.editIssue(sim.store, { id, stateId: Verbs.stateOf(sim.store, teamId, TYPES[b % TYPES.length] ?? "started").id }),
    ),
  assign: ({ sim }, a, b) =>
    to(pick(sim.store.issues, a), ({ id }) => Verbs.editIssue(sim.store, { id, assigneeId: pick(sim.store.users, b)?.id ?? null })),
  label: ({ sim }, a, b) =>
    to(pick(sim.store.issueLabels, b), (label) =>
      to(pick(sim.store.issues, a), ({ id }) => Verbs.editIssue(sim.store, { id, addedLabelIds: [label.id] })),
    ),
  move: (w, a, b) => to(pick(w.sim.store.issues, a), ({ id }) => Verbs.editIssue(w.sim.store, { id, teamId: w.team(b % 2) })),
  place: ({ sim }, a, b) =>
    to(pick(sim.store.issues, a), ({ id }) => Verbs.editIssue(sim.store, { id, projectId: pick(sim.store.projects, b)?.id ?? null })),
  archive: ({ sim }, a) => to(pick(sim.store.issues, a), ({ id }) => Verbs.archiveIssue(sim.store, { id })),
  trash: ({ sim }, a) => to(pick(sim.store.issues, a), ({ id }) => Verbs.trashIssue(sim.store, { id })),
  restore: ({ sim }, a) => to(pick(sim.store.issues, a), ({ id }) => Verbs.unarchiveIssue(sim.store, { id })),
  delete: ({ sim }, a) => to(pick(sim.store.issues, a), ({ id }) => Verbs.deleteIssue(sim.store, { id })),
  block: ({ sim }, a, b) =>
    to(pick(sim.store.issues, a), (one) =>
      to(pick(sim.store.issues, b), (other) => {
        if (one.id !== other.id) Verbs.addRelation(sim.store, { issueId: one.id, relatedIssueId: other.id, type: "blocks" });
      }),
    ),
  unblock: ({ sim }, a) => to(pick(sim.store.issueRelations, a), ({ id }) => Verbs.removeRelation(sim.store, { id })),
  project: (w, a, b) => void Papers.addProject(w.sim.store, { name: `Project ${a}`, teamIds: [w.team(b % 2)] }),
  plan: ({ sim }, a, b) =>
    to(pick(sim.store.projects, a), ({ id }) => Papers.editProject(sim.store, { id, targetDate: `2026-05-${10 + (b % 20)}` })),
  write: ({ sim }, a, b) =>
    to(pick(sim.store.projects, a), ({ id }) =>
      Papers.addDocument(sim.store, { title: "Brief", content: TEXTS[b % TEXTS.length] ?? "", projectId: id }),
    ),
  discard: ({ sim }, a) => to(pick(sim.store.documents, a), ({ id }) => Papers.trashDocument(sim.store, { id })),
  burn: ({ sim }, a) => to(pick(sim.store.documents, a), ({ id }) => Papers.deleteDocument(sim.store, { id })),
  rename: ({ sim }, a, b) => to(pick(sim.store.workflowStates, a), ({ id }) => Studio.editState(sim.store, { id, name: `State ${b}` })),
  leave: ({ sim }, a, b) =>
    to(pick(sim.store.users, a), ({ id }) => Studio.editUser(sim.store, { id, active: b % 2 === 0, name: `Имя ${b}` })),
};

/** What goes wrong with one of the next requests. */
const FAULTS: readonly Fault[] = [
  { kind: "status", status: 400 },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502, html: true },
  { kind: "status", status: 403 },
  { kind: "reset" },
  { kind: "truncate" },
  { kind: "duplicate" },
  { kind: "emptyPage" },
  { kind: "shortPage", keep: 2 },
  { kind: "pageInfo", hasNextPage: true, endCursor: null },
  { kind: "graphqlError", message: "no", code: "INTERNAL_SERVER_ERROR", type: "internal error" },
  { kind: "patch", row: 0, key: "createdAt", value: "junk" },
  { kind: "patch", row: -1, key: "id", value: null },
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
  await holds("linear", fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    Clock.reset();
    const w = await startTasks(1);
    Papers.addProject(w.sim.store, { name: "Web shop", teamIds: [w.team(0)] });
    for (let n = 0; n < 8; n++)
      Papers.addComment(w.sim.store, { issueId: task(w, { teamId: w.team(n % 2) }).id, body: `comment ${n}`, at: ago(w.sim, n) });
    await w.bind(0);
    // Pages of three rows.
    const small = () => arm(w.sim.faults, { kind: "shortPage", keep: 3, times: 0 });
    small();
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
    small();
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
async function calm(w: Tasks): Promise<void> {
  for (let day = 0; day < 3; day++) {
    pass(90_000);
    await w.run("connector_errors_retry", 0, "manual");
    expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
    expect(await w.run(CRAWL, 0, day === 2 ? "manual" : "cascade")).toMatchObject({ status: "ok" });
  }
}
