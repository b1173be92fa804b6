import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Failed } from "#core/error.ts";
import { catalogue } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import * as Request from "#core/jobs/request.ts";
import type { Run } from "#core/jobs/run.ts";
import * as Runs from "#core/jobs/runs.ts";
import * as Project from "#core/platform/project.ts";
import { app as projects } from "#functions/api/projects.ts";
import { job, onQueue } from "#functions/door.ts";
import { drain } from "#local/consumer.ts";
import { empty, freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

const PAID = "embeddings_run";
const budget = { seconds: 20, requests: 100, attempts: 1 };
const chain = catalogue({
  reading: { does: "Reads.", every: "15 minutes", then: ["free", "embeddings_run"], class: "upkeep", budget, needs: [] },
  free: { does: "Costs nothing.", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
  // A project that leaves the mode lets go of the jobs that the product has.
  embeddings_run: { does: "Costs.", every: "20 minutes", economy: { every: "12 hours" }, then: [], class: "memory", budget, needs: [] },
});
let paid: (run: Run) => Promise<object>;
const handlers = Object.fromEntries(
  (["reading", "free", "embeddings_run"] as const).map((name) => [
    name,
    onQueue(job<typeof chain>(name, async (run) => (name === PAID ? paid(run) : { processed: 1 }), chain)),
  ]),
);

let database: TestDatabase;
let agency: Studio;
let queue: Queue.Queue;
const seen: boolean[] = [];
const work = () => drain(queue, handlers);
const at = (iso: string) => Clock.set(new Date(iso), 0);
const tick = async () => {
  for (const name of Object.keys(chain)) await dispatch(chain, name);
  await work();
};
const ask = async (name: string, trigger: "manual" | "cascade" | "webhook" = "manual") => {
  const id = await Request.ask(chain, agency.scope(0), name, { trigger, by: "test" });
  await work();
  return id;
};
const runsOf = (name: string) =>
  systemSql<{ status: string; trigger: string; dueAt: Date; code: string | null }[]>`
    select status, trigger, due_at, reason ->> 'code' as code from job_runs where job = ${name} order by asked_at, id`;
const shown = async (name: string) => (await Runs.scheduler(chain, agency.scope(0))).find((one) => one.job === name);
const mode = async (economyMode: boolean) => {
  const owner = await person(agency, "owner");
  await Project.change(owner, agency.scope(0), { economyMode });
};

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await empty();
  agency = await studio(1);
  queue = embeddedQueue(() => ({ visibilitySeconds: 60, maxReceives: 3 }));
  Queue.use(queue);
  seen.length = 0;
  paid = async ({ economy }) => {
    seen.push(economy);
    return { processed: 1 };
  };
  at("2026-03-02T10:07:00Z");
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

test("a new project is in economy mode until its owner chooses otherwise; a pm may not", async () => {
  const owner = await (await person(agency, "owner")).signIn();
  const made = await call(projects, "POST", "/projects", owner, { name: "Kite" });
  expect(made.body.project.economy_mode).toBe(true);
  const path = `/projects/${made.body.project.id}`;
  const pm = await (await person(agency, "pm", [made.body.project.id])).signIn();
  expect((await call(projects, "PATCH", path, pm, { economy_mode: false })).status).toBe(403);
  expect((await call(projects, "PATCH", path, owner, { economy_mode: false })).body.project.economy_mode).toBe(false);
});

test("a paid job runs on its economy grid, does less, and says why", async () => {
  await tick();
  expect(await runsOf(PAID)).toMatchObject([{ status: "ok", trigger: "schedule", code: "economy_mode" }]);
  expect(seen).toEqual([true]);
  expect(await shown(PAID)).toMatchObject({
    every: "12 hours",
    status: "ok",
    nextRunAt: new Date("2026-03-02T12:00:00Z"),
    reason: { code: "economy_mode" },
  });
});

test("a cascade onto it only makes it due at the next point of that grid, however often; what is free runs at once", async () => {
  await tick();
  for (const minute of ["15", "30", "45"]) {
    at(`2026-03-02T10:${minute}:30Z`);
    await tick();
  }
  expect((await runsOf("free")).length).toBeGreaterThan(3);
  expect(await runsOf(PAID)).toMatchObject([
    { status: "ok" },
    { status: "queued", trigger: "cascade", code: "economy_mode", dueAt: new Date("2026-03-02T12:00:00Z") },
  ]);
  at("2026-03-02T12:00:01Z");
  await tick();
  expect((await runsOf(PAID)).filter((run) => run.status === "ok")).toHaveLength(2);
  expect(seen).toEqual([true, true]);
});

test("any asker but a person waits; a person does not, and their run does all it would", async () => {
  await tick();
  at("2026-03-02T10:20:00Z");
  const waiting = await ask(PAID, "webhook");
  expect((await runsOf(PAID)).at(-1)).toMatchObject({ status: "queued", dueAt: new Date("2026-03-02T12:00:00Z") });
  expect(await ask(PAID, "manual")).toBe(waiting);
  expect((await runsOf(PAID)).at(-1)).toMatchObject({ status: "ok", trigger: "manual", code: null });
  expect(seen).toEqual([true, false]);
});

test("a run by hand that is carried on stays by hand", async () => {
  paid = async ({ economy }) => {
    seen.push(economy);
    return { more: seen.length < 3 };
  };
  await ask(PAID);
  expect(seen).toEqual([false, false, false]);
});

test("one that fails for good comes back at the next point of the economy grid", async () => {
  paid = () => Promise.reject(new Failed("upstream", { source: "openai", problem: "HTTP 500" }));
  await tick();
  const [row] = await systemSql<{ nextRunAt: Date; status: string }[]>`select next_run_at, status from scheduled_jobs where job = ${PAID}`;
  expect(row).toEqual({ status: "dead_letter", nextRunAt: new Date("2026-03-02T12:00:00Z") });
});

test("a cancelled one leaves the next point of the economy grid to a fresh one", async () => {
  await tick();
  at("2026-03-02T12:07:00Z");
  const owner = await person(agency, "owner");
  await Request.cancel(chain, agency.scope(0), await Request.ask(chain, agency.scope(0), PAID, { trigger: "webhook", by: "test" }), owner);
  const [row] = await systemSql<{ nextRunAt: Date }[]>`select next_run_at from scheduled_jobs where job = ${PAID}`;
  expect(row?.nextRunAt).toEqual(new Date("2026-03-03T00:00:00Z"));
});

test("leaving economy mode lets go of what it held; entering it holds from the next run on", async () => {
  await tick();
  at("2026-03-02T10:20:00Z");
  await ask(PAID, "cascade");
  await mode(false);
  await tick();
  expect(seen).toEqual([true, false]);
  expect((await runsOf(PAID)).at(-1)).toMatchObject({ status: "ok", code: null });
  expect(await shown(PAID)).toMatchObject({ every: "20 minutes", reason: null });
  await ask(PAID, "cascade");
  expect(seen).toEqual([true, false, false]);
  await mode(true);
  at("2026-03-02T10:40:00Z");
  await tick();
  expect(seen.at(-1)).toBe(true);
});
