import { expect, test } from "vitest";
import * as Report from "#core/connectors/report.ts";
import { sql, transaction } from "#core/db.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import { ago, startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";

workspaces();

const errors = async (w: Tasks, n: number): Promise<(string | null)[]> => {
  const rows = await Report.errors({ ...w.scope(n), wholeStudio: false }, { status: undefined, before: undefined, limit: 50 });
  return rows.map((row) => row.recordRef).toSorted();
};

test("what cannot be read of a shared workspace is an error of the projects whose teams it belongs to", async () => {
  const w = await startTasks(3);
  for (const n of [0, 1]) await w.bind(n, { teamIds: [w.team(n)] });
  await w.bind(2, { labels: ["vip"] });
  const issues = [task(w), task(w, { teamId: w.team(1) })];
  const garbled = (route: string, key: string) => {
    for (const row of [0, 1]) arm(w.sim.faults, { kind: "patch", route, row, key, value: "junk", times: 0 });
  };
  garbled("query issues", "createdAt");
  await w.run(CYCLE);
  expect(await errors(w, 0)).toEqual([`issue:${issues[0]?.id}`]);
  expect(await errors(w, 1)).toEqual([`issue:${issues[1]?.id}`]);
  disarm(w.sim.faults);
  pass(3_600);
  await w.run("connector_errors_retry", 0, "manual");
  await w.run("connector_errors_retry", 1, "manual");
  const comment = Papers.addComment(w.sim.store, { issueId: issues[1]?.id ?? "", body: "said" });
  garbled("query comments+documents", "createdAt");
  pass(900);
  await w.run(CYCLE);
  expect(await errors(w, 0)).toEqual([]);
  expect(await errors(w, 1)).toEqual([`comment:${comment.id}`]);
  expect(await errors(w, 2)).toEqual([]);
});

test("what issues of one page name goes to every project they go to: the team, its states, cycles and people", async () => {
  const w = await startTasks(2);
  const { store } = w.sim;
  const projects = ["Shop", "App"].map((name) => Papers.addProject(store, { name, teamIds: [w.team(0)] }));
  const cycle = Studio.addCycle(store, { teamId: w.team(0), number: 1, startsAt: ago(w.sim, 86_400), endsAt: ago(w.sim, -86_400) });
  const [person = ""] = [...store.users.keys()];
  for (const project of projects) for (let n = 0; n < 3; n++) task(w, { projectId: project.id, cycleId: cycle.id, assigneeId: person });
  for (const n of [0, 1]) await w.bind(n, { linearProjectIds: [projects[n]?.id ?? ""] });
  await w.run(CYCLE);
  const held = (n: number) =>
    transaction(
      w.scope(n),
      () => sql`
        select (select array_agg(external_id) from linear_teams_raw) as teams, (select array_agg(external_id) from linear_cycles_raw) as cycles,
          (select count(*) from linear_states_raw) as states, (select array_agg(external_id) from linear_users_raw) as users`,
    );
  const named = [{ teams: [w.team(0)], cycles: [cycle.id], states: 1, users: [person] }];
  expect([await held(0), await held(1)]).toEqual([named, named]);
});
