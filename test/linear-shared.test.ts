import { expect, test } from "vitest";
import * as Report from "#core/connectors/report.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import { startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";
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
