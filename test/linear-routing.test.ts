import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import { mirror, narrow, upstream } from "#test/mirror-linear.ts";
import * as Access from "#test/simulators/linear/access.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { clear } from "#test/simulators/log.ts";
import { ago, requests, startTasks, task, types, workspaces } from "#test/tasks.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

workspaces();

test("an issue that moves between teams, projects and labels goes where its bindings are, and what was said of it goes along", async () => {
  const w = await startTasks(3);
  const { store } = w.sim;
  const project = Papers.addProject(store, { name: "Web shop", teamIds: [w.team(0), w.team(1)] });
  const vip = Studio.addLabel(store, { name: "VIP" });
  const key = store.teams.get(w.team(0))?.key ?? "";
  await w.bind(0, { teamIds: [key.toLowerCase()] });
  await w.bind(1, { linearProjectIds: ["web shop"] });
  await w.bind(2, { labels: ["vip"], teamIds: [w.team(0), w.team(1)] });
  const [moving, still] = [task(w, { teamId: w.team(1) }), task(w)];
  const said = Papers.addComment(store, { issueId: moving.id, body: "said long ago", at: ago(w.sim, 3_000) });
  await w.run(CYCLE);
  const here = async (n: number) => narrow(await mirror(w.scope(n)));
  expect((await here(0)).issues?.map((row) => row.id)).toEqual([still.id]);
  expect((await here(1)).issues).toEqual([]);
  Verbs.editIssue(store, { id: moving.id, teamId: w.team(0), projectId: project.id, addedLabelIds: [vip.id] });
  pass(3_600);
  await w.run(CYCLE);
  const all = (row: { id: string }) => row.id === moving.id;
  expect(await here(0)).toEqual(narrow(upstream(store, (row) => row.teamId === w.team(0))));
  expect(await here(1)).toEqual(narrow(upstream(store, all)));
  expect(await here(2)).toEqual(narrow(upstream(store, all)));
  expect((await here(2)).comments?.map((row) => row.id)).toEqual([said.id]);
  // Its team, its state and who it names came with it, though no binding covers them on their own.
  expect((await mirror(w.scope(1))).teams.map((row) => row.id)).toEqual([w.team(0)]);
  Verbs.editIssue(store, { id: moving.id, teamId: w.team(1), projectId: null, removedLabelIds: [vip.id] });
  pass(3_600);
  await w.run(CYCLE);
  expect((await here(0)).issues?.map((row) => row.id)).toEqual([still.id]);
  for (const n of [1, 2]) expect(await here(n)).toMatchObject({ issues: [], comments: [] });
});

test("a comment that comes before its issue brings the issue along; one of an issue that nobody covers is nobody's", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  await w.bind(0, { teamIds: [w.team(0)] });
  const [mine, foreign] = [task(w, { at: ago(w.sim, 90_000) }), task(w, { teamId: w.team(1) })];
  await w.run(CYCLE);
  await asOwner(() => sql`delete from linear_issues_raw`);
  Papers.addComment(store, { issueId: mine.id, body: "an old comment", at: ago(w.sim, 80_000) });
  Papers.addComment(store, { issueId: mine.id, body: "for us" });
  Papers.addComment(store, { issueId: foreign.id, body: "for others" });
  pass(900);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", counters: { set_aside: 0 } });
  expect(narrow(await mirror(w.scope(0)))).toEqual(
    narrow(
      upstream(
        store,
        (row) => row.id === mine.id,
        () => false,
      ),
    ),
  );
});

test("a changed binding takes out what it left and back-fills what it now covers", async () => {
  const w = await startTasks(1, { size: "small" });
  const { store } = w.sim;
  const [first, second] = [w.team(0), w.team(1)];
  const of = (team: string) =>
    narrow(
      upstream(
        store,
        (row) => row.teamId === team,
        (row) => row.teamIds.includes(team),
      ),
    );
  await w.bind(0);
  await w.run(CYCLE);
  await w.bind(0, { teamIds: [first] });
  pass(900);
  await w.run(CYCLE);
  expect(narrow(await mirror(w.scope(0)))).toEqual(of(first));
  expect((await mirror(w.scope(0))).teams.map((row) => row.id)).toEqual([first]);
  await w.bind(0, { teamIds: [second] });
  pass(900);
  await w.run(CYCLE);
  expect(narrow(await mirror(w.scope(0)))).toEqual(of(second));
});

test("what is gone for good goes after two complete crawls, text and all; what changed behind our back is healed and named", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const [kept, gone] = [task(w, { description: "kept" }), task(w, { description: "secret" })];
  Verbs.addRelation(store, { issueId: gone.id, relatedIssueId: kept.id, type: "blocks" });
  const project = Papers.addProject(store, { name: "P", teamIds: [w.team(0)] });
  const paper = Papers.addDocument(store, { title: "Brief", content: "text", projectId: project.id });
  const [stays, goes] = ["stays", "goes"].map((body) => Papers.addComment(store, { issueId: kept.id, body }));
  Papers.addComment(store, { issueId: gone.id, body: "secret too" });
  await w.bind(0);
  await w.run(CYCLE);
  Verbs.deleteIssue(store, { id: gone.id });
  Papers.deleteComment(store, { id: goes?.id ?? "" });
  Papers.deleteDocument(store, { id: paper.id });
  // Nothing tells of these: no stamp of upstream's moves.
  await asOwner(
    () =>
      sql`update linear_issues_raw set title = 'tampered', updated_at = updated_at - interval '1 second' where external_id = ${kept.id}`,
  );
  await asOwner(() => sql`delete from linear_comments_raw where external_id = ${stays?.id ?? ""}`);
  pass(86_400);
  expect(await w.run(CRAWL)).toMatchObject({ status: "ok" });
  expect((await mirror(w.scope(0))).issues.find((row) => row.id === kept.id)?.title).toBe(kept.title);
  expect((await mirror(w.scope(0))).issues).toHaveLength(2);
  const named = await differences();
  expect(named).toEqual(
    expect.arrayContaining([
      { stream: "issues", recordRef: `issue:${kept.id}`, why: "stale" },
      { stream: "issues", recordRef: `issue:${gone.id}`, why: "extra" },
      { stream: "discussion", recordRef: `comment:${stays?.id}`, why: "missing" },
      { stream: "discussion", recordRef: `document:${paper.id}`, why: "extra" },
    ]),
  );
  pass(86_400);
  await w.run(CRAWL);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  const texts = await transaction(
    w.scope(0),
    () =>
      sql`select title as text from linear_issues_raw where external_id = ${gone.id} union all select body from linear_comments_raw where issue_external_id = ${gone.id}`,
  );
  expect(texts.map((row) => row.text)).toEqual(["", null]);
  expect((await types(0, w)).filter((type) => /deleted|unblocked/.test(type)).toSorted()).toEqual([
    "comment_deleted",
    "document_deleted",
    "issue_deleted",
    "issue_unblocked",
  ]);
});

test("a token that loses half its teams deletes nothing, and asks a person", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  for (let n = 0; n < 16; n++) Papers.addComment(store, { issueId: task(w, { teamId: w.team(n % 2) }).id, body: "a comment" });
  Studio.addCycle(store, { teamId: w.team(1), number: 1, startsAt: ago(w.sim, 86_400), endsAt: ago(w.sim, -86_400) });
  for (let n = 0; n < 10; n++) task(w, { teamId: w.team(1) });
  await w.bind(0);
  await w.run(CYCLE);
  const before = await mirror(w.scope(0));
  Access.narrowToken(store, { token: w.sim.tokens.admin, teamIds: [w.team(0)] });
  for (let n = 0; n < 3; n++) {
    pass(86_400);
    await w.run(CRAWL);
  }
  expect(await mirror(w.scope(0))).toEqual(before);
  const warnings = await systemSql<{ code: string }[]>`
    select distinct payload -> 'reason' ->> 'code' as code from kag_event_log where event_type = 'process_warning'`;
  expect(warnings.map((row) => row.code)).toContain("needs_confirmation");
  Access.restoreToken(store, { token: w.sim.tokens.admin });
  pass(86_400);
  await w.run(CRAWL);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
});

test("a renamed state, team or person is renamed where issues name it", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const [irina = ""] = store.users.keys();
  const row = task(w, { assigneeId: irina });
  await w.bind(0);
  await w.run(CYCLE);
  Studio.editState(store, { id: row.stateId, name: "Icebox" });
  Studio.editUser(store, { id: irina, name: "Irina S." });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
});

test("one workspace feeds thirty projects: each holds its own and nothing else, for the requests of one", async () => {
  const w = await startTasks(31);
  const { store } = w.sim;
  const projects = Array.from({ length: 30 }, (_, n) => Papers.addProject(store, { name: `Client ${n}`, teamIds: [w.team(0)] }));
  for (const project of projects)
    for (let k = 0; k < 3; k++) Papers.addComment(store, { issueId: task(w, { projectId: project.id }).id, body: "hello" });
  await w.bind(30);
  await w.run(CYCLE, 30);
  const alone = requests(w).length;
  await transaction(w.scope(30), () => sql`delete from project_sources`);
  await asOwner(() => sql`truncate connector_sync_state, linear_issues_raw, linear_projects_raw cascade`);
  for (const [n, project] of projects.entries()) await w.bind(n, { linearProjectIds: [project.id] });
  clear(w.sim.log);
  pass(900);
  const { dispatch } = await import("#core/jobs/dispatch.ts");
  const { jobs } = await import("#core/jobs/catalogue.ts");
  expect((await dispatch(jobs, CYCLE)).queued).toBe(30);
  await w.work();
  const runs = await systemSql<{ status: string }[]>`select status from job_runs where asked_at = ${Clock.now()}`;
  expect(runs.map((run) => run.status)).toEqual(Array(30).fill("ok"));
  expect(requests(w).length).toBeLessThanOrEqual(alone * 1.2);
  for (const [n, project] of projects.entries())
    expect(narrow(await mirror(w.scope(n)))).toEqual(
      narrow(
        upstream(
          store,
          (row) => row.projectId === project.id,
          (row) => row.id === project.id,
        ),
      ),
    );
});

async function differences() {
  return asOwner(async () => {
    const rows = await sql<
      { stream: string; recordRef: string; why: string }[]
    >`select stream, record_ref, why from sync_reconciliation_diffs order by id`;
    return rows.map((row) => ({ ...row }));
  });
}
