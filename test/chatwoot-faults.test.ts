import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Metrics from "#core/connectors/metrics.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm, ODD_TEXTS } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";

worlds();

test("what Postgres cannot store becomes U+FFFD and is flagged; private notes are flagged; other odd texts stay as they are", async () => {
  const w = await start(1);
  const row = talk(w, 1);
  for (const text of Object.values(ODD_TEXTS))
    Verbs.addMessage(w.sim.store, { conversationId: row.id, content: text, type: 0, from: { type: "Contact", id: row.contactId } });
  Verbs.addMessage(w.sim.store, { conversationId: row.id, content: "between us", type: 1, private: true, from: { type: "User", id: 1 } });
  await w.bind(0);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const flagged = await transaction(
    w.scope(0),
    () => sql<{ content: string }[]>`select content from cw_messages where sanitized order by message_id`,
  );
  expect(flagged.map((one) => one.content)).toEqual(["before\ufffdafter", "half \ufffd of a pair"]);
});

test("one bad record is set aside with its payload, the page goes on, and it is taken in once it can be read", async () => {
  const w = await start(1);
  const row = talk(w, 5);
  await w.bind(0);
  arm(w.sim.faults, { kind: "patch", route: "GET conversations/:id/messages", row: 2, key: "created_at", value: "junk", times: 1 });
  const run = await w.run(CYCLE);
  expect(run).toMatchObject({ status: "ok", counters: { set_aside: 1 }, reason: { code: "set_aside" } });
  expect((await mirror(w.scope(0))).messages).toHaveLength(4);
  const [error] = await systemSql<
    { kind: string; recordRef: string; status: string }[]
  >`select kind, record_ref, status from connector_errors`;
  expect(error).toEqual({ kind: "invalid_data", recordRef: `message:${row.id}:${row.messages[2]?.id}`, status: "pending" });
  disarm(w.sim.faults);
  pass(60);
  await w.run("connector_errors_retry");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await systemSql`select status, payload from connector_errors`).toEqual([{ status: "resolved", payload: null }]);
});

test("a record that cannot be read is missing, once, in what a cycle and a crawl say of how complete the mirror is", async () => {
  const w = await start(1);
  const [row] = [talk(w, 9), talk(w, 9)];
  await w.bind(0);
  arm(w.sim.faults, {
    kind: "patch",
    route: "GET conversations/:id/messages",
    path: `/conversations/${row.id}/`,
    row: 2,
    key: "created_at",
    value: "junk",
    times: 0,
  });
  const latest = async () => (await Metrics.list(w.scope(0), { before: undefined, limit: 1, since: undefined }))[0];
  const holds = { totalCount: 22, missingCount: 1, completenessPct: 95.45 };
  await w.run(CYCLE);
  expect(await latest()).toMatchObject(holds);
  pass(86_400);
  await w.run("connectors_reconciliation_daily", 0, "manual");
  expect(await latest()).toMatchObject({ connector: "portfolio", ...holds });
  pass(900);
  await w.run(CYCLE);
  expect(await latest()).toMatchObject({ source: "sync_cycle", ...holds });
});

test.each([
  ["429 without a header", { kind: "status", status: 429, times: 0 }, "rate_limited"],
  ["429 with seconds", { kind: "status", status: 429, retryAfter: 90, times: 0 }, "rate_limited"],
  ["429 with a date", { kind: "status", status: 429, retryAfter: "date", seconds: 120, times: 0 }, "rate_limited"],
  ["500", { kind: "status", status: 500, times: 0 }, "upstream"],
  ["503 with an HTML page", { kind: "status", status: 503, html: true, times: 0 }, "upstream"],
  ["a reset connection", { kind: "reset", times: 0 }, "network"],
  ["truncated JSON", { kind: "truncate", times: 0 }, "upstream"],
  ["another content type", { kind: "contentType", times: 0, body: "<html>" }, "upstream"],
  ["a revoked token", { kind: "status", status: 401, times: 0 }, "auth"],
] as const)("%s is classified and recorded, and recovery needs no hand", async (_, fault, kind) => {
  const w = await start(1);
  talk(w, 4);
  await w.bind(0);
  arm(w.sim.faults, { ...fault, route: "GET conversations*" } as Parameters<typeof arm>[1]);
  const failed = await w.run(CYCLE);
  expect(failed).toMatchObject({ status: "queued", reason: { code: "retry_at", params: { code: kind } } });
  const errors = await systemSql<{ kind: string; stream: string; status: string }[]>`select kind, stream, status from connector_errors`;
  expect(errors).toEqual([{ kind, stream: "conversations", status: "pending" }]);
  disarm(w.sim.faults);
  pass(3_600);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await systemSql`select status from connector_errors`).toEqual([{ status: "resolved" }]);
});

test("a short outage is sat out inside the run", async () => {
  const w = await start(1);
  talk(w, 4);
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 502, html: true, times: 2, route: "GET conversations" });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok" });
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("one conversation whose messages cannot be had does not hold up the rest", async () => {
  const w = await start(1);
  const rows = [talk(w, 3), talk(w, 3), talk(w, 3)];
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, path: `/conversations/${rows[1]?.id}/messages` });
  expect(await w.run(CYCLE)).toMatchObject({ status: "ok", reason: { code: "set_aside" } });
  expect(await systemSql`select record_ref, attempts from connector_errors`).toEqual([
    { recordRef: `conversation:${rows[1]?.id}`, attempts: 1 },
  ]);
  expect((await mirror(w.scope(0))).messages).toHaveLength(6);
  disarm(w.sim.faults);
  pass(60);
  await w.run("connector_errors_retry");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("pages whose rows move, repeat or run dry while they are read lose nothing", async () => {
  const w = await start(1, { pageSize: 5 });
  const rows = Array.from({ length: 23 }, () => talk(w, 2));
  await w.bind(0);
  arm(w.sim.faults, { kind: "duplicate", route: "GET conversations", nth: 2, times: 1 });
  arm(w.sim.faults, {
    kind: "hook",
    route: "GET conversations",
    nth: 3,
    times: 1,
    run: () =>
      void Verbs.addMessage(w.sim.store, {
        conversationId: rows[0]?.id ?? 0,
        content: "meanwhile",
        type: 0,
        from: { type: "Contact", id: rows[0]?.contactId ?? 0 },
      }),
  });
  arm(w.sim.faults, { kind: "hook", route: "GET conversations", nth: 4, times: 1, run: () => void talk(w, 2) });
  arm(w.sim.faults, { kind: "emptyPage", route: "GET conversations", nth: 5, times: 1 });
  expect(await w.run(CYCLE)).toMatchObject({ status: "queued", reason: { params: { code: "upstream" } } });
  pass(3_600);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a simulated source warns in every project, once a day, and known_until tells how far each stream is known", async () => {
  const w = await start(1);
  talk(w, 2);
  await w.bind(0);
  await w.run(CYCLE);
  pass(900);
  await w.run(CYCLE);
  const warnings = await systemSql<
    { payload: { reason: { code: string } } }[]
  >`select payload from kag_event_log where event_type = 'process_warning'`;
  expect(warnings.map((row) => row.payload.reason.code)).toEqual(["simulated_source"]);
  const states = await systemSql<
    { stream: string; status: string; knownUntil: Date }[]
  >`select stream, status, known_until from connector_sync_state order by stream`;
  expect(states.map((row) => [row.stream, row.status])).toEqual([
    ["contacts", "ok"],
    ["conversations", "ok"],
    ["inboxes", "ok"],
  ]);
  for (const row of states) expect(Clock.now().getTime() - row.knownUntil.getTime()).toBeLessThan(5_000);
});

test("when the one read of a connection fails, every run it served fails with its reason and comes back at the same moment", async () => {
  const w = await start(4);
  talk(w, 3);
  for (const n of [0, 1, 2, 3]) await w.bind(n);
  arm(w.sim.faults, { kind: "status", status: 429, retryAfter: 90, times: 0, route: "GET conversations" });
  pass(1);
  expect((await dispatch(jobs, CYCLE)).queued).toBe(4);
  await w.work();
  const runs = await systemSql<
    { status: string; code: string; dueAt: Date }[]
  >`select status, reason -> 'params' ->> 'code' as code, due_at from job_runs where job = ${CYCLE}`;
  expect(runs.map((run) => [run.status, run.code])).toEqual(Array(4).fill(["queued", "rate_limited"]));
  expect(new Set(runs.map((run) => run.dueAt.getTime())).size).toBe(1);
  expect(w.sim.log.entries.filter((entry) => entry.path.endsWith("/conversations"))).toHaveLength(1);
  disarm(w.sim.faults);
  pass(120);
  await asOwner(() => sql`update queue_messages set visible_at = clock_timestamp()`);
  await w.work();
  expect(await systemSql`select distinct status from job_runs`).toEqual([{ status: "ok" }]);
  for (const n of [0, 1, 2, 3]) expect(await mirror(w.scope(n))).toEqual(upstream(w.sim.store));
});
