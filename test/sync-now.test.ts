import { expect, test } from "vitest";
import * as Binding from "#core/connectors/binding.ts";
import { transaction } from "#core/db.ts";
import { app as connectors } from "#functions/api/connectors.ts";
import { app as jobs } from "#functions/api/jobs.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { call, key, person } from "#test/people.ts";

const CYCLE = "connectors_sync_cycle";

worlds();

test("a sync by the name of a source is refused where no such source feeds the project", async () => {
  const w = await start(1);
  await w.bind(0);
  const headers = await key(await person(w, "owner"), ["write"], w.projects);
  const asked = async (door: typeof jobs | typeof connectors, path: string) => {
    const { status, body } = await call(door, "POST", path, headers);
    return [status, body.error ?? body.job_run.status, body.message];
  };
  for (const source of ["linear", "attio"]) {
    const refused = [409, "no_such_source", `No ${source} feeds this project.`];
    expect(await asked(jobs, `/jobs/${source}/sync`)).toEqual(refused);
    expect(await asked(connectors, `/connectors/${source}/sync`)).toEqual(refused);
  }
  expect((await asked(jobs, "/jobs/chatwoot/sync")).slice(0, 2)).toEqual([202, "queued"]);
  expect((await asked(connectors, "/connectors/chatwoot/sync")).slice(0, 2)).toEqual([202, "queued"]);
});

test("a project that is still being emptied is not said to have no source, and asks for its run; an empty one is refused", async () => {
  const w = await start(1);
  talk(w, 1);
  await w.bind(0);
  await w.run(CYCLE);
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [], "test"));
  const headers = await key(await person(w, "owner"), ["read", "write"], w.projects);
  const told = async () => {
    const { body } = await call(jobs, "GET", "/jobs/scheduler", headers);
    return body.jobs.find((one: { job: string }) => one.job === CYCLE).reason?.code ?? null;
  };
  expect(await told()).toBeNull();
  await w.run(CYCLE);
  expect(await told()).toBe("no_bindings");
  expect((await call(jobs, "POST", `/jobs/${CYCLE}/run`, headers)).body.error).toBe("no_bindings");
});
