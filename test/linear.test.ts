import { expect, test } from "vitest";
import { mirror, upstream } from "#test/mirror-linear.ts";
import { clear } from "#test/simulators/log.ts";
import { requests, startTasks, workspaces } from "#test/tasks.ts";
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
