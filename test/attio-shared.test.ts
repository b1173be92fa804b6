import { expect, test } from "vitest";
import * as Report from "#core/connectors/report.ts";
import { type Crm, crms, fill, startCrm } from "#test/crm.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const QUERY = "POST objects/:object/records/query";

crms();

const errors = async (w: Crm, n: number): Promise<(string | null)[]> => {
  const rows = await Report.errors({ ...w.scope(n), wholeStudio: false }, { status: undefined, before: undefined, limit: 50 });
  return rows.map((row) => row.recordRef).toSorted();
};

test("what cannot be read of a shared workspace is an error of the projects whose companies it belongs to", async () => {
  const w = await startCrm(3);
  const { companies, deals } = fill(w, 3);
  for (const n of [0, 1]) await w.bind(n, { companies: [`c${n}.example`] });
  await w.bind(2, { dealIds: [deals[2]?.id ?? ""] });
  const garbled = (path: string) => {
    for (const row of [0, 1, 2]) arm(w.sim.faults, { kind: "patch", route: QUERY, path, row, key: "created_at", value: "junk", times: 0 });
  };
  garbled("/companies/");
  await w.run(CYCLE);
  expect(await errors(w, 0)).toEqual([`company:${companies[0]?.id}`]);
  expect(await errors(w, 1)).toEqual([`company:${companies[1]?.id}`]);
  disarm(w.sim.faults);
  pass(3_600);
  for (const n of [0, 1, 2]) await w.run("connector_errors_retry", n, "manual");
  for (const n of [0, 1, 2]) expect(await errors(w, n)).toEqual([]);
  garbled("/deals/");
  pass(3_600);
  await w.run(CYCLE, 0, "manual");
  for (const n of [0, 1, 2]) expect(await errors(w, n)).toEqual([`deal:${deals[n]?.id}`]);
});
