import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql } from "#core/db.ts";
import { catalogue } from "#core/jobs/catalogue.ts";
import { dispatch, dispatchProject } from "#core/jobs/dispatch.ts";
import { tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import * as Request from "#core/jobs/request.ts";
import * as Runs from "#core/jobs/runs.ts";
import { job, onQueue } from "#functions/door.ts";
import { drain } from "#local/consumer.ts";
import { asOwner, empty, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

const budget = { seconds: 20, requests: 100, attempts: 3 };
const chain = catalogue({
  asking: { does: "Asks for another.", every: "15 minutes", then: [], asks: ["asked"], class: "upkeep", budget, needs: [] },
  asked: { does: "On demand.", every: "on demand", then: [], class: "upkeep", budget, needs: [] },
});
const handlers = Object.fromEntries(
  (["asking", "asked"] as const).map((name) => [name, onQueue(job<typeof chain>(name, async () => ({ processed: 1 }), chain))]),
);

let database: TestDatabase;
let agency: Studio;
let queue: Queue.Queue;
const work = () => drain(queue, handlers);
const runs = () =>
  systemSql<{ job: string; status: string; trigger: string }[]>`select job, status, trigger from job_runs order by asked_at, job`;
const at = (iso: string) => Clock.set(new Date(iso), 0);

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await empty();
  agency = await studio(1);
  queue = embeddedQueue(() => ({ visibilitySeconds: 60, maxReceives: 3 }));
  Queue.use(queue);
  at("2026-03-02T10:07:00Z");
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

test("a job on demand is never due, runs when it is asked for, and has no next run", async () => {
  await Queue.send("asked", [tick("asked")]);
  expect(await dispatchProject(chain, agency.scope(0))).toBe(1);
  await work();
  expect((await runs()).map((run) => run.job)).toEqual(["asking"]);
  await Request.ask(chain, agency.scope(0), "asked", { trigger: "webhook", by: "test" });
  await work();
  expect((await runs()).filter((run) => run.job === "asked")).toMatchObject([{ status: "ok", trigger: "webhook" }]);
  expect(await systemSql`select status, next_run_at from scheduled_jobs where job = 'asked'`).toEqual([{ status: "ok", nextRunAt: null }]);
  expect((await Runs.scheduler(chain, agency.scope(0))).find((job) => job.job === "asked")).toMatchObject({
    every: "on demand",
    status: "ok",
    nextRunAt: null,
  });
});

test("two hundred that ask at once make one queued run and one message", async () => {
  const ids = await Promise.all(
    Array.from({ length: 200 }, () => Request.ask(chain, agency.scope(0), "asked", { trigger: "webhook", by: "test" })),
  );
  expect(new Set(ids).size).toBe(1);
  expect(await queue.depth("asked")).toMatchObject({ waiting: 1 });
});

test("a run on demand whose worker died or whose message was lost is found at the tick of the job that asks for it", async () => {
  const id = await Request.ask(chain, agency.scope(0), "asked", { trigger: "retry", by: "test" });
  await asOwner(() => sql`truncate queue_messages`);
  at("2026-03-02T10:20:00Z");
  await dispatch(chain, "asking");
  await work();
  expect(await systemSql`select status from job_runs where id = ${id}`).toEqual([{ status: "ok" }]);
});
