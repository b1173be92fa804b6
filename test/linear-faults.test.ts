import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import { mirror, narrow, upstream } from "#test/mirror-linear.ts";
import { arm, disarm, ODD_TEXTS } from "#test/simulators/faults.ts";
import * as Access from "#test/simulators/linear/access.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { ago, requests, startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const ISSUES = "query issues";

workspaces();

/** Lets the queue's retry come. */
async function later(w: Tasks, seconds = 3_600): Promise<void> {
  disarm(w.sim.faults);
  pass(seconds);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
}
const graphql = (code: string, type: string) => ({ kind: "graphqlError", message: "no", code, type }) as const;

test.each([
  ["a spent quota, which is HTTP 400", { kind: "status", status: 400 }, "rate_limited"],
  ["429 with seconds", { kind: "status", status: 429, retryAfter: 90 }, "rate_limited"],
  ["500", { kind: "status", status: 500 }, "upstream"],
  ["503 with an HTML page", { kind: "status", status: 503, html: true }, "upstream"],
  ["a reset connection", { kind: "reset" }, "network"],
  ["truncated JSON", { kind: "truncate" }, "upstream"],
  ["another content type", { kind: "contentType", body: "<html>" }, "upstream"],
  ["a lock timeout", graphql("INTERNAL", "lock timeout"), "upstream"],
  ["an internal error beside the data", { ...graphql("INTERNAL_SERVER_ERROR", "internal error"), at: "issues" }, "upstream"],
  ["invalid input", graphql("INPUT_ERROR", "invalid input"), "invalid_data"],
  ["a right that is missing", { kind: "status", status: 403 }, "auth"],
] as const)("%s is classified and recorded for its stream, and recovery needs no hand", async (_, fault, kind) => {
  const w = await startTasks(1);
  Papers.addComment(w.sim.store, { issueId: task(w).id, body: "hello" });
  await w.bind(0);
  arm(w.sim.faults, { ...fault, times: 0, route: ISSUES } as Parameters<typeof arm>[1]);
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { code: "retry_at", params: { code: kind } } });
  const errors = await systemSql<
    { kind: string; stream: string; status: string }[]
  >`select kind, stream, status from connector_errors order by stream`;
  expect(errors).toContainEqual({ kind, stream: "issues", status: "pending" });
  const teams = (await mirror(w.scope(0))).teams;
  expect(teams).toEqual(upstream(w.sim.store).teams);
  await later(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await systemSql`select distinct status from connector_errors`).toEqual([{ status: "resolved" }]);
});

test("a revoked token ends the read at its first question", async () => {
  const w = await startTasks(1);
  await w.bind(0);
  Access.revokeToken(w.sim.store, { token: w.sim.tokens.admin });
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { params: { code: "auth" } } });
  expect(requests(w)).toEqual(["Workspace"]);
  Access.restoreToken(w.sim.store, { token: w.sim.tokens.admin });
  await later(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("when what is left would not pay for the next page, the read stops before it is refused, until the bucket is full", async () => {
  const w = await startTasks(1, { rateLimit: 2_500, complexityLimit: 18_000 });
  task(w);
  await w.bind(0);
  await w.run(CYCLE);
  task(w, { at: ago(w.sim, 0) });
  pass(600);
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { params: { code: "rate_limited" } } });
  const [state] = await systemSql<{ retryAt: Date }[]>`select retry_at from connector_sync_state where stream = 'issues'`;
  expect((state?.retryAt.getTime() ?? 0) - Clock.now().getTime()).toBeGreaterThan(60_000);
  await later(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(w.sim.log.entries.every((entry) => entry.status === 200)).toBe(true);
});

test("a row that comes with an error is set aside and the page goes on; nothing half is stored, and it is taken in later", async () => {
  const w = await startTasks(1);
  const rows = [task(w), task(w, { description: "whole" }), task(w)];
  await w.bind(0);
  arm(w.sim.faults, { ...graphql("INTERNAL_SERVER_ERROR", "internal error"), at: "issues.nodes.1.description", route: ISSUES });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", counters: { set_aside: 1 }, reason: { code: "set_aside" } });
  expect((await mirror(w.scope(0))).issues).toHaveLength(2);
  const [error] = await systemSql<{ kind: string; recordRef: string }[]>`select kind, record_ref from connector_errors`;
  expect(error?.kind).toBe("upstream");
  expect(rows.map((row) => `issue:${row.id}`)).toContain(error?.recordRef);
  pass(60);
  await w.run("connector_errors_retry");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await systemSql`select status, payload from connector_errors`).toEqual([{ status: "resolved", payload: null }]);
});

test("a row that does not come at all is set aside without its name, and the crawl finds it", async () => {
  const w = await startTasks(1);
  for (let n = 0; n < 3; n++) task(w);
  await w.bind(0);
  arm(w.sim.faults, { ...graphql("INTERNAL_SERVER_ERROR", "internal error"), at: "issues.nodes.1", route: ISSUES });
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).issues).toHaveLength(2);
  expect(await systemSql`select record_ref from connector_errors`).toEqual([{ recordRef: "issue:?" }]);
  pass(86_400);
  await w.run("connectors_reconciliation_daily");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  await w.run("connector_errors_retry", 0, "manual");
  expect(await systemSql`select status from connector_errors`).toEqual([{ status: "resolved" }]);
});

test("an unreadable record is set aside with its payload; odd texts stay as they are but for what Postgres cannot store", async () => {
  const w = await startTasks(1);
  for (const text of Object.values(ODD_TEXTS))
    Papers.addComment(w.sim.store, { issueId: task(w, { title: text, description: text }).id, body: text });
  await w.bind(0);
  arm(w.sim.faults, { kind: "patch", route: ISSUES, row: 2, key: "createdAt", value: "junk" });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", counters: { set_aside: 1 } });
  pass(60);
  await w.run("connector_errors_retry");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const flagged = await transaction(
    w.scope(0),
    () => sql<{ title: string }[]>`select title from linear_issues_raw where sanitized order by title`,
  );
  expect(flagged.map((row) => row.title)).toEqual(["before\ufffdafter", "half \ufffd of a pair"]);
});

test.each([
  ["says that more follow, and not from where", { kind: "pageInfo", hasNextPage: true, endCursor: null, nth: 1, times: 3 }],
  ["is empty though more follow", { kind: "emptyPage", nth: 2, times: 3 }],
] as const)("a page that %s is no end: it is asked for again, and the stream waits", async (_, fault) => {
  const w = await startTasks(1);
  for (let n = 0; n < 230; n++) task(w, { at: ago(w.sim, 3_600 + n) });
  await w.bind(0);
  arm(w.sim.faults, { ...fault, route: ISSUES } as Parameters<typeof arm>[1]);
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { params: { code: "upstream" } } });
  await later(w);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a page that goes on from where it was is asked for again, and not taken for progress", async () => {
  const w = await startTasks(1);
  for (let n = 0; n < 130; n++) task(w, { at: ago(w.sim, 3_600 + n) });
  await w.bind(0);
  arm(w.sim.faults, { kind: "pageInfo", hasNextPage: true, endCursor: "repeat", nth: 2, route: ISSUES });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(requests(w).filter((one) => one === "Issues")).toHaveLength(3);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("pages shorter than asked for are followed to their end, those asked for by id too", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const rows = Array.from({ length: 5 }, () => task(w, { teamId: w.team(1), at: ago(w.sim, 90_000) }));
  for (const row of rows)
    for (let n = 0; n < 3; n++) Papers.addComment(store, { issueId: row.id, body: `old ${n}`, at: ago(w.sim, 80_000) });
  const project = Papers.addProject(store, { name: "Web shop", teamIds: [w.team(0)] });
  await w.bind(0, { teamIds: [w.team(0)] });
  arm(w.sim.faults, { kind: "shortPage", keep: 2, times: 0 });
  await w.run(CYCLE);
  for (const row of rows) Verbs.editIssue(store, { id: row.id, teamId: w.team(0), projectId: project.id });
  pass(900);
  await w.run(CYCLE);
  expect(narrow(await mirror(w.scope(0)))).toEqual(narrow(upstream(store)));
  await asOwner(() => sql`delete from linear_issues_raw`);
  for (const row of rows) Papers.addComment(store, { issueId: row.id, body: "new" });
  pass(900);
  await w.run(CYCLE);
  expect(narrow(await mirror(w.scope(0)))).toEqual(narrow(upstream(store)));
});

test("rows that move, come or go while pages are read are not lost: the watermark is the first page's", async () => {
  const w = await startTasks(1);
  const rows = Array.from({ length: 230 }, (_, n) => task(w, { at: ago(w.sim, 3_600 + n) }));
  await w.bind(0);
  const last = rows.at(-1)?.id ?? "";
  const edit = () => void Verbs.editIssue(w.sim.store, { id: last, description: "meanwhile", at: ago(w.sim, 0) });
  arm(w.sim.faults, { kind: "hook", route: ISSUES, nth: 2, run: edit });
  arm(w.sim.faults, { kind: "hook", route: ISSUES, nth: 3, run: () => void task(w, { at: ago(w.sim, 0) }) });
  arm(w.sim.faults, { kind: "duplicate", route: ISSUES, nth: 2 });
  arm(w.sim.faults, { kind: "shortPage", keep: 7, route: ISSUES, nth: 1 });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a cursor that Linear no longer knows begins the pass again, and each stream says how far it is known", async () => {
  const w = await startTasks(1);
  for (let n = 0; n < 130; n++) task(w, { at: ago(w.sim, 3_600 + n) });
  await w.bind(0);
  arm(w.sim.faults, { ...graphql("INPUT_ERROR", "invalid input"), route: ISSUES, nth: 2 });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const states = await systemSql<{ stream: string; status: string; knownUntil: Date }[]>`
    select stream, status, known_until from connector_sync_state order by stream`;
  expect(states.map((row) => [row.stream, row.status])).toEqual(
    ["discussion", "issues", "relations", "workspace"].map((name) => [name, "ok"]),
  );
  for (const row of states) expect(Clock.now().getTime() - row.knownUntil.getTime()).toBeLessThan(30_000);
});
