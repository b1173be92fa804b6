import { expect, test } from "vitest";
import { sql, systemSql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import { mirror, narrow, upstream } from "#test/mirror-linear.ts";
import { arm } from "#test/simulators/faults.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { clear } from "#test/simulators/log.ts";
import { ago, requests, startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

workspaces();

async function hint(w: Tasks, refs: readonly string[]): Promise<void> {
  await asOwner(
    () => sql`
      insert into connector_errors (connection_id, account_scope_id, stream, record_ref, kind, message, next_retry_at, dedupe_key, created_at, updated_at)
      select ${w.connectionId}, ${w.accountScopeId}, 'hints', r, 'upstream', 'hint', now() - interval '1 minute', 'hints:' || r, now(), now() from unnest(${refs as string[]}::text[]) r`,
  );
  pass(60);
  await w.run("connector_errors_retry", 0, "manual");
}

test("what a hint names is read again with what belongs to it; what is gone upstream is no error", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  await w.bind(0, { teamIds: [w.team(0)] });
  await w.run(CYCLE);
  const [row, foreign] = [task(w), task(w, { teamId: w.team(1) })];
  const said = Papers.addComment(store, { issueId: row.id, body: "said" });
  const project = Papers.addProject(store, { name: "Web shop", teamIds: [w.team(0)] });
  const paper = Papers.addDocument(store, { title: "Brief", content: "text", projectId: project.id });
  const cycle = Studio.addCycle(store, { teamId: w.team(0), number: 3, startsAt: ago(w.sim, 60), endsAt: ago(w.sim, -86_400) });
  const user = [...store.users.keys()][0];
  clear(w.sim.log);
  const nowhere = "00000000-0000-4000-a000-000000000000";
  await hint(w, [
    ...[
      `issue:${row.id}`,
      `issue:${foreign.id}`,
      `document:${paper.id}`,
      `cycle:${cycle.id}`,
      `state:${row.stateId}`,
      `team:${w.team(0)}`,
      `user:${user}`,
    ],
    ...["issue", "comment", "document", "project", "cycle", "state", "team", "user"].map((kind) => `${kind}:${nowhere}`),
  ]);
  expect(await systemSql`select distinct status from connector_errors`).toEqual([{ status: "resolved" }]);
  const mine = (one: { id: string }) => one.id === row.id;
  expect(narrow(await mirror(w.scope(0)))).toEqual(narrow(upstream(store, mine)));
  expect((await mirror(w.scope(0))).cycles.map((one) => one.id)).toEqual([cycle.id]);
  Papers.editComment(store, { id: said.id, body: "said otherwise" });
  await hint(w, [`comment:${said.id}`, `project:${project.id}`]);
  expect(narrow(await mirror(w.scope(0)))).toEqual(narrow(upstream(store, mine)));
});

test("a hint that names nothing known is kept for a person", async () => {
  const w = await startTasks(1);
  await w.bind(0);
  await hint(w, ["sprocket:7"]);
  expect(await systemSql`select status, message from connector_errors`).toEqual([
    { status: "retrying", message: "there is no kind of record called sprocket" },
  ]);
});

test("between its weekly full passes the crawl asks for ids, and reads whole only what differs", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const label = Studio.addLabel(store, { name: "Urgent" });
  const rows = Array.from({ length: 6 }, () => task(w, { labelIds: [label.id] }));
  const comments = rows.map((row) => Papers.addComment(store, { issueId: row.id, body: "hello", at: ago(w.sim, 1_800) }));
  await w.bind(0);
  await w.run(CYCLE);
  pass(86_400);
  await w.run(CRAWL);
  const before = await fingerprint();
  clear(w.sim.log);
  pass(86_400);
  await w.run(CRAWL);
  expect(await fingerprint()).toEqual(before);
  expect(requests(w)).toEqual(["IssueIds", "CommentIds", "Workspace", "Discussion"]);
  // Missed by the cycle: dated before its watermark. And a label's new name moves no issue.
  const late = task(w, { at: ago(w.sim, 9 * 86_400) });
  Papers.addComment(store, { issueId: rows[0]?.id ?? "", body: "late", at: ago(w.sim, 9 * 86_400) });
  Papers.editComment(store, { id: comments[1]?.id ?? "", body: "edited unseen", at: ago(w.sim, 8 * 86_400) });
  Verbs.editIssue(store, { id: rows[1]?.id ?? "", title: "edited unseen", at: ago(w.sim, 8 * 86_400) });
  label.name = "Hot";
  store.version += 1;
  pass(900);
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).issues.map((row) => row.id)).not.toContain(late.id);
  pass(86_400);
  await w.run(CRAWL);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
});

test("an OAuth token goes as a bearer, and a base URL that names the endpoint is used as it is", async () => {
  const w = await startTasks(1, {}, "oauth");
  task(w);
  await asOwner(() => sql`update connections set base_url = base_url || '/graphql' where id = ${w.connectionId}`);
  await w.bind(0);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a backfill that its budget or an outage interrupts goes on from the page where it was", async () => {
  const w = await startTasks(1);
  for (let n = 0; n < 330; n++) task(w, { at: ago(w.sim, 3_600 + n) });
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 500, route: "query issues", nth: 3, times: 3 });
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued" });
  expect((await mirror(w.scope(0))).issues).toHaveLength(200);
  clear(w.sim.log);
  pass(3_600);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
  expect(requests(w).filter((one) => one === "Issues")).toHaveLength(2);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});
