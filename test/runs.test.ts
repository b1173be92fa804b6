import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql } from "#core/db.ts";
import { Failed, Later, Refused } from "#core/error.ts";
import { ended } from "#core/jobs/await.ts";
import { catalogue } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import * as Request from "#core/jobs/request.ts";
import type { Verb } from "#core/jobs/run.ts";
import { recover } from "#core/jobs/settle.ts";
import { job, onQueue } from "#functions/door.ts";
import { drain, toEvent } from "#local/consumer.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

const budget = { seconds: 20, requests: 100, attempts: 3 };
const chain = catalogue({
  first: { does: "First.", every: "15 minutes", then: ["second"], class: "upkeep", budget, needs: [] },
  second: { does: "Second.", every: "1 hour", then: ["third"], class: "upkeep", budget, needs: [] },
  third: { does: "Third.", every: "1 day", at: 3, then: [], class: "upkeep", budget, needs: [] },
  bound: { does: "Needs a source.", every: "15 minutes", then: [], class: "upkeep", budget, needs: ["source_binding"] },
});
const names = Object.keys(chain) as (keyof typeof chain)[];

let database: TestDatabase;
let agency: Studio;
let queue: Queue.Queue;
const verbs = new Map<string, Verb>();
const calls: string[] = [];
const handlers = Object.fromEntries(
  names.map((name) => [
    name,
    onQueue(
      job<typeof chain>(
        name,
        async (run) => {
          calls.push(`${name}:${agency.projects.indexOf(run.projectId)}`);
          return (await verbs.get(name)?.(run)) ?? { processed: 1 };
        },
        chain,
      ),
    ),
  ]),
);
const work = () => drain(queue, handlers);
const runs = (n = 0) =>
  systemSql<{ job: string; status: string; trigger: string; attempts: number; reason: { code: string } | null }[]>`
    select job, status, trigger, attempts, reason from job_runs where project_id = ${agency.projects[n] ?? ""} order by asked_at, job`;
const ann = () => ({ kind: "user", id: randomUUID(), username: "ann", role: "pm", accountScopeId: agency.accountScopeId }) as const;
const at = (iso: string) => Clock.set(new Date(iso), 0);

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await asOwner(async () => {
    await sql`truncate queue_messages, projects, account_scopes cascade`;
  });
  agency = await studio(2);
  verbs.clear();
  calls.length = 0;
  queue = embeddedQueue(() => ({ visibilitySeconds: 60, maxReceives: 3 }));
  Queue.use(queue);
  at("2026-03-02T10:07:00Z");
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

test("a tick queues a run for each active project, and a success sets off its cascade, each with its records", async () => {
  await Queue.send("first", [tick("first")]);
  await work();
  expect(calls.toSorted()).toEqual(["first:0", "first:1", "second:0", "second:1", "third:0", "third:1"]);
  expect(await runs()).toMatchObject([
    { job: "first", status: "ok", trigger: "schedule", attempts: 1 },
    { job: "second", status: "ok", trigger: "cascade" },
    { job: "third", status: "ok", trigger: "cascade" },
  ]);
  const events = await systemSql<
    { eventType: string }[]
  >`select event_type from kag_event_log where project_id = ${agency.projects[0] ?? ""}`;
  expect(events.map((event) => event.eventType).toSorted()).toEqual([
    ...Array(3).fill("process_finished"),
    ...Array(3).fill("process_started"),
  ]);
});

test("a success moves the schedule to the next point of a fixed grid, and what was cascaded is not repeated by the clock", async () => {
  await dispatch(chain, "first");
  await work();
  const [row] = await systemSql<{ nextRunAt: Date; status: string }[]>`
    select next_run_at, status from scheduled_jobs where project_id = ${agency.projects[0] ?? ""} and job = 'first'`;
  expect(row).toEqual({ nextRunAt: new Date("2026-03-02T10:15:00Z"), status: "ok" });
  expect((await dispatch(chain, "first")).queued).toBe(0);
  at("2026-03-02T10:15:01Z");
  expect((await dispatch(chain, "first")).queued).toBe(2);
});

test("a paused and an archived project are not dispatched, an unbound one says so", async () => {
  await asOwner(() => sql`update projects set status = 'paused' where id = ${agency.projects[0] ?? ""}`);
  expect((await dispatch(chain, "first")).queued).toBe(1);
  expect((await dispatch(chain, "bound")).queued).toBe(0);
  const rows = await systemSql<
    { status: string; reason: { code: string } }[]
  >`select status, reason from scheduled_jobs where job = 'bound'`;
  expect(rows).toMatchObject([{ status: "idle", reason: { code: "no_bindings" } }]);
  await expect(Request.ask(chain, agency.scope(0), "first", { trigger: "manual", by: "ann" })).rejects.toMatchObject({
    why: { code: "project_paused" },
  });
  await expect(Request.ask(chain, agency.scope(1), "bound", { trigger: "manual", by: "ann" })).rejects.toMatchObject({
    why: { code: "no_bindings" },
  });
});

test("each message delivered three times makes one run and one downstream run", async () => {
  await Queue.send("first", [tick("first"), tick("first"), tick("first")]);
  await dispatch(chain, "first");
  const received = [];
  for (;;) {
    const batch = await queue.receive("first", { max: 10, waitSeconds: 0 });
    if (batch.length === 0) break;
    received.push(...batch);
  }
  for (let round = 0; round < 3; round++) {
    await Promise.all(received.map((message) => handlers.first?.(toEvent("first", [message]))));
  }
  await work();
  expect(calls.toSorted()).toEqual(["first:0", "first:1", "second:0", "second:1", "third:0", "third:1"]);
  expect(await systemSql`select from job_runs`).toHaveLength(6);
});

test("a failure backs off, keeps its attempts, and ends in the dead letters; a redrive of the queue runs it again", async () => {
  let broken = true;
  verbs.set("second", async () => {
    if (broken) throw new Failed("upstream", { source: "test", problem: "500" });
    return {};
  });
  const id = await Request.ask(chain, agency.scope(0), "second", { trigger: "manual", by: "ann" });
  await work();
  expect(await runs()).toMatchObject([{ status: "queued", attempts: 1, reason: { code: "retry_at" } }]);
  const [first] = await systemSql<{ wait: number }[]>`select extract(epoch from due_at - asked_at)::float8 as wait from job_runs`;
  expect(first?.wait).toBeGreaterThanOrEqual(25.5);
  expect(first?.wait).toBeLessThanOrEqual(34.5);
  for (const minute of [2, 5]) {
    at(`2026-03-02T10:${10 + minute}:00Z`);
    await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
    await work();
  }
  expect(await runs()).toMatchObject([{ status: "dead_letter", attempts: 3, reason: { code: "attempts_spent" } }]);
  expect(await queue.depth("second")).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
  broken = false;
  expect(await queue.redrive("second", 10)).toBe(1);
  await work();
  expect((await runs())[0]).toMatchObject({ status: "ok", trigger: "redrive", attempts: 4 });
  expect(await systemSql`select from worker_runs where run_id = ${id}`).toHaveLength(4);
});

test("an upstream's retry-after decides when the next attempt is", async () => {
  const retryAt = new Date("2026-03-02T10:27:00Z");
  verbs.set("third", async () => {
    throw new Failed("rate_limited", { source: "test", until: "later" }, { retryAt });
  });
  await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  expect(await systemSql`select due_at from job_runs`).toEqual([{ dueAt: retryAt }]);
  // A person does not wait for it.
  verbs.delete("third");
  await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  expect(await runs()).toMatchObject([{ status: "ok", attempts: 2 }]);
});

test("who waits for a run that failed is told so, and does not wait for its next attempt", async () => {
  verbs.set("third", async () => {
    throw new Failed("network", { source: "test", problem: "reset" });
  });
  const id = await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  const asked = performance.now();
  expect(await ended(agency.scope(0), id)).toMatchObject({ status: "queued", attempts: 1, reason: { code: "retry_at" } });
  expect(performance.now() - asked).toBeLessThan(5_000);
});

test("a job that is paused and resumed stands as it stood, and one that never ran still waits for its hour", async () => {
  const schedule = (name: string) =>
    systemSql`select status, next_run_at, paused from scheduled_jobs where project_id = ${agency.projects[0] ?? ""} and job = ${name}`;
  await dispatch(chain, "first", agency.projects[0]);
  await work();
  const before = await schedule("first");
  expect(before).toMatchObject([{ status: "ok", paused: false }]);
  await asOwner(() => sql`delete from scheduled_jobs where job = 'third'`);
  for (const name of ["first", "third"]) {
    for (const paused of [true, false]) await Request.pause(chain, agency.scope(0), name, paused, ann());
  }
  expect(await schedule("first")).toEqual(before);
  expect((await schedule("third"))[0]).toMatchObject({ status: "idle" });
  calls.length = 0;
  await dispatch(chain, "third", agency.projects[0]);
  await work();
  expect(calls).toEqual([]);
});

test("while one runs, a person is refused and any other trigger makes the one queued run, which starts when the lease frees", async () => {
  const asked: unknown[] = [];
  verbs.set("third", async () => {
    if (asked.length > 0) return {};
    asked.push(await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" }).catch((error: unknown) => error));
    asked.push(await Request.ask(chain, agency.scope(0), "third", { trigger: "cascade", by: "job:first" }));
    asked.push(await Request.ask(chain, agency.scope(0), "third", { trigger: "retry", by: "job:first" }));
    return {};
  });
  await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  expect(asked[0]).toMatchObject({ why: { code: "already_running", params: { since: "2026-03-02T10:07:00.000Z" } } });
  expect(asked[1]).toBe(asked[2]);
  expect(calls).toEqual(["third:0", "third:0"]);
  expect((await runs()).map((run) => run.status)).toEqual(["ok", "ok"]);
});

test("a worker that lost its lease commits nothing, and the run is recovered for its next attempt", async () => {
  let attempt = 0;
  verbs.set("third", async (run) => {
    if (++attempt > 1) return { processed: 7 };
    await asOwner(() => sql`update job_runs set lease_until = clock_timestamp() - interval '1 second'`);
    expect(await recover(chain, undefined, Clock.now())).toBe(1);
    await expect(run.checkpoint(run.scope, async () => sql`update projects set name = 'stolen'`)).rejects.toThrow();
    return { processed: 1 };
  });
  await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  expect(await runs()).toMatchObject([{ status: "queued", attempts: 1, reason: { code: "lease_lost" } }]);
  expect(await systemSql`select from projects where name = 'stolen'`).toHaveLength(0);
  await dispatch(chain, "third");
  await work();
  expect(await runs()).toMatchObject([{ status: "ok", attempts: 2 }]);
  expect(await systemSql`select status from worker_runs order by id`).toEqual([{ status: "lost" }, { status: "ok" }]);
});

test("a run whose workers die each time is a dead letter like any other: in the queue, with its event, and past this grid point", async () => {
  verbs.set("first", async (run) => {
    if (run.projectId === agency.projects[1]) return {};
    await asOwner(() => sql`update job_runs set lease_until = clock_timestamp() - interval '1 second' where id = ${run.id}`);
    return {};
  });
  for (let attempt = 0; attempt < 5; attempt++) {
    await dispatch(chain, "first");
    await work();
  }
  expect(await runs()).toMatchObject([{ job: "first", status: "dead_letter", attempts: 3, reason: { code: "attempts_spent" } }]);
  expect(
    await systemSql`select status, next_run_at from scheduled_jobs where project_id = ${agency.projects[0] ?? ""} and job = 'first'`,
  ).toEqual([{ status: "dead_letter", nextRunAt: new Date("2026-03-02T10:15:00Z") }]);
  expect(
    await systemSql`select payload ->> 'attempt' as attempt from kag_event_log where event_type = 'process_failed' and project_id = ${agency.projects[0] ?? ""}`,
  ).toEqual([{ attempt: "3" }]);
  expect((await queue.depth("first")).dead).toBe(1);
  verbs.delete("first");
  await queue.redrive("first", 10);
  await work();
  expect((await runs())[0]).toMatchObject({ job: "first", status: "ok", trigger: "redrive", attempts: 4 });
});

test("a run that is cancelled stops at its next checkpoint; a queued one is cancelled at once", async () => {
  const id = await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  let pages = 0;
  verbs.set("third", async (run) => {
    for (;;) {
      await run.checkpoint(run.scope, async () => sql`update projects set name = ${`page ${++pages}`}`);
      if (pages === 2) await Request.cancel(chain, agency.scope(0), id, ann());
    }
  });
  await work();
  expect(await runs()).toMatchObject([{ status: "cancelled", reason: { code: "cancelled" } }]);
  expect(await systemSql`select name from projects where id = ${agency.projects[0] ?? ""}`).toEqual([{ name: "page 2" }]);
  const second = await Request.ask(chain, agency.scope(1), "second", { trigger: "manual", by: "ann" });
  await Request.cancel(chain, agency.scope(1), second, ann());
  await work();
  expect(calls).toEqual(["third:0"]);
  await expect(Request.cancel(chain, agency.scope(1), second, ann())).rejects.toMatchObject({ why: { code: "already_finished" } });
});

test("a scheduled run that is cancelled while it is queued is not asked for again before the next grid point", async () => {
  await dispatch(chain, "first");
  const [queued] = await systemSql<{ id: string }[]>`select id from job_runs where project_id = ${agency.projects[0] ?? ""}`;
  await Request.cancel(chain, agency.scope(0), queued?.id ?? "", ann());
  expect((await dispatch(chain, "first")).queued).toBe(0);
  await work();
  expect(calls.filter((call) => call === "first:0")).toEqual([]);
  at("2026-03-02T10:15:01Z");
  await dispatch(chain, "first");
  expect((await runs()).filter((run) => run.job === "first").map((run) => run.status)).toEqual(["cancelled", "queued"]);
});

const failing = (error: Error) => async () => {
  throw error;
};
test.each<[string, Verb, "ends" | "dies"]>([
  ["fails", failing(new Failed("upstream", { source: "test", problem: "500" })), "ends"],
  ["waits", failing(new Later("waiting_for_connection", { connection: "c" })), "ends"],
  ["is refused", failing(new Refused("nothing_due")), "ends"],
  ["has more to do", async () => ({ processed: 1, more: true }), "ends"],
  ["does well", async () => ({ processed: 1 }), "ends"],
  ["loses its worker", async () => ({}), "dies"],
])("a cancelled run that %s is cancelled for good, with who did it, and sets nothing off", async (_, ending, how) => {
  verbs.set("second", async (run) => {
    await Request.cancel(chain, agency.scope(0), run.id, ann());
    if (how === "dies")
      await asOwner(() => sql`update job_runs set lease_until = clock_timestamp() - interval '1 second' where id = ${run.id}`);
    return ending(run);
  });
  await Request.ask(chain, agency.scope(0), "second", { trigger: "manual", by: "ann" });
  await work();
  await recover(chain, undefined, Clock.now());
  await dispatch(chain, "second", agency.projects[0]);
  await work();
  expect(await runs()).toMatchObject([{ job: "second", status: "cancelled", reason: { code: "cancelled", params: { by: "ann" } } }]);
  expect(calls.filter((call) => call.endsWith(":0"))).toEqual(["second:0"]);
  expect(
    await systemSql`select status, next_run_at from scheduled_jobs where project_id = ${agency.projects[0] ?? ""} and job = 'second'`,
  ).toEqual([{ status: "cancelled", nextRunAt: new Date("2026-03-02T11:00:00Z") }]);
});

test("a run that waits goes back to the queue without counting the attempt, and dispatch sends it again", async () => {
  let free = false;
  verbs.set("third", async () => {
    if (!free) throw new Later("waiting_for_connection", { connection: "c" });
    return {};
  });
  await Request.ask(chain, agency.scope(0), "third", { trigger: "manual", by: "ann" });
  await work();
  expect(await runs()).toMatchObject([{ status: "queued", attempts: 0, reason: { code: "waiting_for_connection" } }]);
  free = true;
  at("2026-03-02T10:20:00Z");
  expect((await dispatch(chain, "third")).resent).toBe(1);
  await work();
  expect(await runs()).toMatchObject([{ status: "ok", attempts: 1 }]);
});

test("a run that stops inside its budget is carried on by a fresh one, and the cascade waits for the last", async () => {
  let left = 2;
  verbs.set("second", async () => ({ processed: 10, more: left-- > 0 }));
  await Request.ask(chain, agency.scope(0), "second", { trigger: "manual", by: "ann" });
  await work();
  expect(calls).toEqual(["second:0", "second:0", "second:0", "third:0"]);
  expect((await runs()).map((run) => run.status)).toEqual(["ok", "ok", "ok", "ok"]);
});

test("a message that cannot be read is kept in the dead letters without a retry; one bad message fails alone", async () => {
  await Queue.send("first", ["{", JSON.stringify({ type: "second", trigger: "schedule" }), tick("first")]);
  await work();
  expect(await queue.depth("first")).toEqual({ waiting: 0, inFlight: 0, dead: 2 });
  expect((await queue.deadLetters("first", 10)).map((letter) => letter.body).toSorted()).toEqual([
    "{",
    JSON.stringify({ type: "second", trigger: "schedule" }),
  ]);
  expect(calls.filter((call) => call.startsWith("first"))).toHaveLength(2);
});

test("a FIFO batch keeps its order: the first failure holds back all that follow", async () => {
  verbs.set("third", async () => {
    throw new Failed("network", { source: "test", problem: "reset" });
  });
  const body = (id: string, n: number) => JSON.stringify({ type: "third", run_id: id, project_id: agency.projects[n] });
  const ids = [];
  for (const n of [0, 1]) ids.push(await Request.ask(chain, agency.scope(n), "third", { trigger: "cascade", by: "test" }));
  const [one = "", two = ""] = ids;
  const event = toEvent(
    "third",
    [one, two].map((id, n) => ({ id: `m${n}`, body: body(id, n), receipt: crypto.randomUUID(), receiveCount: 1 })),
  );
  for (const record of event.Records) {
    record.messageId = crypto.randomUUID();
    record.eventSourceARN += ".fifo";
  }
  const answer = await handlers.third?.(event);
  expect(answer?.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual(event.Records.map((record) => record.messageId));
  expect(calls).toEqual(["third:0"]);
});
