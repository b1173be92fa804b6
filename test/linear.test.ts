import { expect, test } from "vitest";
import { systemSql } from "#core/db.ts";
import { mirror, upstream } from "#test/mirror-linear.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { clear } from "#test/simulators/log.ts";
import { ago, events, requests, startTasks, task, types, workspaces } from "#test/tasks.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
workspaces();

test("a whole workspace is mirrored, and a second cycle writes nothing and asks three questions", async () => {
  const w = await startTasks(1, { size: "small" });
  await w.bind(0);
  const first = await w.run(CYCLE);
  expect(first).toMatchObject({ status: "ok", counters: { set_aside: 0 } });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const before = await fingerprint();
  clear(w.sim.log);
  pass(60);
  const second = await w.run(CYCLE);
  expect(second).toMatchObject({ status: "ok", counters: { rows: 0, events: 0 } });
  expect(await fingerprint()).toEqual(before);
  expect(requests(w)).toEqual(["Workspace", "Issues", "Discussion"]);
});

test("what happens to an issue is followed, each transition once", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const [irina = "", tom = ""] = store.users.keys();
  const row = task(w, { by: irina, assigneeId: irina, description: "one" });
  await w.bind(0);
  await w.run(CYCLE);
  const label = Studio.addLabel(store, { name: "Urgent" });
  const cycle = Studio.addCycle(store, { teamId: w.team(0), number: 7, startsAt: ago(w.sim, 86_400), endsAt: ago(w.sim, -86_400) });
  Verbs.editIssue(store, {
    id: row.id,
    description: "two",
    assigneeId: tom,
    addedLabelIds: [label.id],
    dueDate: "2026-12-01",
    cycleId: cycle.id,
  });
  Verbs.editIssue(store, { id: row.id, stateId: Verbs.stateOf(store, w.team(0), "completed").id });
  const said = Papers.addComment(store, { issueId: row.id, body: "done", by: tom });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  Verbs.editIssue(store, { id: row.id, stateId: Verbs.stateOf(store, w.team(0), "started").id });
  Papers.editComment(store, { id: said.id, body: "not yet" });
  pass(900);
  await w.run(CYCLE);
  Verbs.archiveIssue(store, { id: row.id });
  pass(900);
  await w.run(CYCLE);
  Verbs.unarchiveIssue(store, { id: row.id });
  pass(900);
  await w.run(CYCLE);
  Verbs.trashIssue(store, { id: row.id });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  expect(await types(0, w)).toEqual([
    "issue_created",
    "cycle_started",
    ...["issue_state_changed", "issue_completed", "issue_assigned", "issue_due_changed", "issue_cycle_changed"],
    "comment_added",
    ...["issue_state_changed", "issue_reopened", "comment_edited"],
    "issue_archived",
    "issue_restored",
    "issue_deleted",
  ]);
  const changed = (await events(0, w)).find((one) => one.eventType === "issue_assigned");
  expect(changed).toMatchObject({ actor: "team", payload: { issue_id: row.id, from: irina, to: tom } });
});

test("the history of a workspace that is bound late is told by its own dates, and as no transition", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const guest = Studio.addUser(store, { name: "Client", email: "c@client.test", guest: true });
  const done = task(w, { by: guest.id, at: ago(w.sim, 9_000) });
  Verbs.editIssue(store, { id: done.id, stateId: Verbs.stateOf(store, w.team(0), "completed").id, at: ago(w.sim, 6_000) });
  const open = task(w);
  Verbs.addRelation(store, { issueId: open.id, relatedIssueId: task(w).id, type: "blocks" });
  await w.bind(0);
  await w.run(CYCLE);
  expect((await types(0, w)).toSorted()).toEqual(["issue_completed", "issue_created", "issue_created", "issue_created"]);
  expect((await events(0, w)).find((one) => one.payload.issue_id === done.id && one.eventType === "issue_created")?.actor).toBe("client");
  const [completed] = await systemSql<{ occurredAt: Date }[]>`select occurred_at from kag_event_log where event_type = 'issue_completed'`;
  expect(completed?.occurredAt.getTime()).toBe(store.issues.get(done.id)?.completedAt);
});

test("what blocks an issue: a blocker that is done frees it at once, one that is reopened holds it again, a relation is found within two hours", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const [blocker, other, held] = [task(w), task(w), task(w)];
  const relation = Verbs.addRelation(store, { issueId: other.id, relatedIssueId: held.id, type: "blocks" });
  Verbs.addRelation(store, { issueId: blocker.id, relatedIssueId: held.id, type: "blocks" });
  Verbs.addRelation(store, { issueId: held.id, relatedIssueId: blocker.id, type: "related" });
  await w.bind(0);
  await w.run(CYCLE);
  const blocking = async () => (await mirror(w.scope(0))).issues.find((one) => one.id === held.id);
  expect(await blocking()).toMatchObject({ blocked: true, blockers: 2 });
  Verbs.editIssue(store, { id: blocker.id, stateId: Verbs.stateOf(store, w.team(0), "canceled").id });
  pass(900);
  await w.run(CYCLE);
  expect(await blocking()).toMatchObject({ blocked: true, blockedBy: [other.id] });
  // Nothing moves when a relation goes.
  Verbs.removeRelation(store, { id: relation.id });
  pass(900);
  clear(w.sim.log);
  await w.run(CYCLE);
  expect(await blocking()).toMatchObject({ blocked: true });
  expect(requests(w)).toHaveLength(3);
  pass(7_200);
  await w.run(CYCLE);
  expect(await blocking()).toMatchObject({ blocked: false, blockedBy: [] });
  Verbs.editIssue(store, { id: blocker.id, stateId: Verbs.stateOf(store, w.team(0), "started").id });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  expect(await blocking()).toMatchObject({ blocked: true, blockedBy: [blocker.id] });
  Verbs.editIssue(store, { id: blocker.id, stateId: Verbs.stateOf(store, w.team(0), "completed").id });
  pass(900);
  await w.run(CYCLE);
  expect((await types(0, w)).filter((type) => type.endsWith("blocked"))).toEqual(["issue_unblocked", "issue_blocked", "issue_unblocked"]);
});

test("rows of one instant at the watermark, and one that comes later with the same, are all taken", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const at = ago(w.sim, 30);
  const rows = [task(w, { at }), task(w, { at })];
  await w.bind(0);
  await w.run(CYCLE);
  const late = task(w, { at });
  for (const row of rows) Papers.addComment(store, { issueId: row.id, body: "same instant", at });
  pass(900);
  await w.run(CYCLE);
  Papers.addComment(store, { issueId: late.id, body: "same instant, later", at });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
});

test("what does not fit on an inner page is read to its end: labels, blockers, a project's teams", async () => {
  const w = await startTasks(1);
  const { store } = w.sim;
  const labels = Array.from({ length: 130 }, (_, n) => Studio.addLabel(store, { name: `Label ${n}` }));
  const held = task(w, { labelIds: labels.map((label) => label.id) });
  for (let n = 0; n < 120; n++) Verbs.addRelation(store, { issueId: task(w).id, relatedIssueId: held.id, type: "blocks" });
  const teams = Array.from({ length: 14 }, (_, n) => Studio.addTeam(store, { key: `T${n}`, name: `Team ${n}` }));
  Papers.addProject(store, { name: "Wide", teamIds: teams.map((team) => team.id) });
  await w.bind(0);
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", counters: { set_aside: 0 } });
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
});
