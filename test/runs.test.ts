import { expect, test } from "vitest";
import { sql, systemSql } from "#core/db.ts";
import { Failed } from "#core/error.ts";
import { ended } from "#core/jobs/await.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import * as Request from "#core/jobs/request.ts";
import { toEvent } from "#local/consumer.ts";
import { agency, ann, at, calls, chain, chains, handlers, queue, runs, verbs, work } from "#test/chain.ts";
import { asOwner } from "#test/database.ts";

chains();

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
