import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql } from "#core/db.ts";
import { Failed, Later, Refused } from "#core/error.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import * as Request from "#core/jobs/request.ts";
import type { Verb } from "#core/jobs/run.ts";
import { recover } from "#core/jobs/settle.ts";
import { toEvent } from "#local/consumer.ts";
import { agency, ann, at, calls, chain, chains, handlers, queue, runs, verbs, work } from "#test/chain.ts";
import { asOwner } from "#test/database.ts";

chains();

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
