import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { app } from "#functions/api/connectors.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import { call, key, person } from "#test/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const RETRY = "connector_errors_retry";
const NARROW = "connectors_narrow_sync";

worlds();

/** What was asked of the simulated account since the last look. */
function lookAt(w: World): () => string[] {
  let seen = w.sim.log.entries.length;
  return () => {
    const paths = w.sim.log.entries.slice(seen).map((entry) => entry.path.replace(/^.*\/accounts\/\d+\//, ""));
    seen = w.sim.log.entries.length;
    return paths;
  };
}
const say = ({ sim }: World, row: { id: number; contactId: number }) =>
  Verbs.addMessage(sim.store, { conversationId: row.id, content: "one more", type: 0, from: { type: "Contact", id: row.contactId } });
const errors = () =>
  systemSql<{ status: string; attempts: number }[]>`select status, attempts from connector_errors where status <> 'resolved' order by id`;
const narrowRuns = () =>
  systemSql<{ trigger: string; status: string }[]>`select trigger, status from job_runs where job = ${NARROW} order by asked_at, id`;
const hints = () => asOwner(() => sql<{ recordRef: string }[]>`select record_ref from connector_hints order by id`);

test("a stream that failed is read again when it is due, and nothing else is", async () => {
  const w = await start(1);
  talk(w, 4);
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, route: "GET conversations" });
  await w.run(CYCLE);
  disarm(w.sim.faults);
  const asked = lookAt(w);
  expect(await w.run(RETRY)).toMatchObject({ status: "ok", reason: { code: "nothing_due" } });
  expect(asked()).toEqual([]);
  pass(60);
  expect(await w.run(RETRY)).toMatchObject({ status: "ok", counters: { asked: 1 } });
  expect(await narrowRuns()).toEqual([{ trigger: "retry", status: "ok" }]);
  const paths = asked();
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !path.startsWith("conversations"))).toEqual([]);
  expect(await errors()).toEqual([]);
  expect(await hints()).toEqual([]);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a record that was set aside is asked for by its id, and no list is read", async () => {
  const w = await start(1);
  const rows = [talk(w, 3), talk(w, 3)];
  await w.bind(0);
  arm(w.sim.faults, { kind: "patch", route: "GET conversations/:id/messages", row: 1, key: "created_at", value: "junk", times: 1 });
  await w.run(CYCLE);
  disarm(w.sim.faults);
  const asked = lookAt(w);
  pass(60);
  await w.run(RETRY);
  const paths = asked();
  const bad = rows.find((row) => paths[0] === `conversations/${row.id}`);
  expect(paths).toEqual([`conversations/${bad?.id}`, `conversations/${bad?.id}/messages`]);
  expect(await errors()).toEqual([]);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("each failed retry counts once and waits twice as long; the fifth attempt is a dead letter, which a person puts back alone", async () => {
  const w = await start(1);
  const row = talk(w, 3);
  await w.bind(0);
  arm(w.sim.faults, { kind: "patch", route: "GET conversations/:id/messages", row: 1, key: "created_at", value: "junk", times: 0 });
  await w.run(CYCLE);
  const waits: number[] = [];
  for (let attempt = 2; attempt <= 5; attempt++) {
    const [error] = await systemSql<
      { wait: number; left: number }[]
    >`select extract(epoch from next_retry_at - updated_at)::float8 as wait, extract(epoch from next_retry_at - ${Clock.now()})::float8 as left from connector_errors`;
    waits.push(error?.wait ?? 0);
    // Seconds pass while a run is made.
    pass((error?.left ?? 0) - 10);
    expect(await w.run(RETRY)).toMatchObject({ reason: { code: "nothing_due" } });
    pass(11);
    await w.run(RETRY);
    expect(await errors()).toEqual([{ status: attempt === 5 ? "dead_letter" : "retrying", attempts: attempt }]);
  }
  expect(waits).toEqual([30, 60, 120, 240]);
  pass(100_000);
  expect(await w.run(RETRY)).toMatchObject({ reason: { code: "nothing_due" } });
  disarm(w.sim.faults);
  const [projectId = ""] = w.scope(0).projects;
  const headers = await key(await person(w, "owner"), ["read", "write"], [projectId]);
  const { body: listed } = await call(app, "GET", "/connectors/errors/dead-letter", headers);
  expect(listed.errors).toMatchObject([{ record_ref: `message:${row.id}:${row.messages[1]?.id}`, attempts: 5 }]);
  const put = await call(app, "POST", `/connectors/errors/dead-letter/${listed.errors[0].id}/retry`, headers);
  expect(put).toMatchObject({ status: 200, body: { error: { status: "pending", attempts: 0 }, run_id: expect.any(String) } });
  await w.work();
  expect(await errors()).toEqual([]);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("a cycle that meets a bad record before its time does not spend its attempts", async () => {
  const w = await start(1);
  const row = talk(w, 3);
  await w.bind(0);
  arm(w.sim.faults, { kind: "patch", route: "GET conversations/:id/messages", row: 1, key: "created_at", value: "junk", times: 0 });
  await w.run(CYCLE);
  await systemSql`update connector_errors set next_retry_at = next_retry_at + interval '1 day'`;
  for (let n = 0; n < 6; n++) {
    pass(900);
    say(w, row);
    await w.run(CYCLE);
  }
  expect(await errors()).toEqual([{ status: "pending", attempts: 1 }]);
});

test("a person does not wait for anything to be due", async () => {
  const w = await start(1);
  talk(w, 3);
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 429, retryAfter: 3_000, times: 0, route: "GET conversations" });
  await w.run(CYCLE);
  disarm(w.sim.faults);
  pass(1);
  expect(await w.run(RETRY, 0, "manual")).toMatchObject({ status: "ok", counters: { asked: 1 } });
  expect(await errors()).toEqual([]);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("of two projects that one connection feeds, only one asks", async () => {
  const w = await start(2);
  talk(w, 3);
  await w.bind(0);
  await w.bind(1);
  arm(w.sim.faults, { kind: "patch", route: "GET conversations/:id/messages", row: 1, key: "created_at", value: "junk", times: 1 });
  await w.run(CYCLE);
  disarm(w.sim.faults);
  pass(60);
  expect(await w.run(RETRY, 0)).toMatchObject({ counters: { asked: 1 } });
  expect(await w.run(RETRY, 1)).toMatchObject({ reason: { code: "nothing_due" } });
  expect(await narrowRuns()).toHaveLength(1);
  for (const n of [0, 1]) expect(await mirror(w.scope(n))).toEqual(upstream(w.sim.store));
});

test("while the upstream is down a run fails and keeps what was asked for; one record that is broken does not hold up the others", async () => {
  const w = await start(1);
  const rows = [talk(w, 2), talk(w, 2), talk(w, 2)];
  await w.bind(0);
  await w.run(CYCLE);
  const hint = (id: number) =>
    transaction(
      w.scope(0),
      () => sql`
        insert into connector_hints (connection_id, account_scope_id, stream, record_ref, why, asked_at)
        values (${w.connectionId}, ${w.accountScopeId}, 'conversations', ${`conversation:${id}`}, 'webhook', now())`,
    );
  for (const row of rows) {
    say(w, row);
    await hint(row.id);
  }
  arm(w.sim.faults, { kind: "status", status: 429, retryAfter: 600, times: 0 });
  expect(await w.run(NARROW)).toMatchObject({ status: "queued", reason: { params: { code: "rate_limited" } } });
  expect(await hints()).toHaveLength(3);
  disarm(w.sim.faults);
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, path: `/conversations/${rows[1]?.id}` });
  pass(601);
  expect(await w.run(NARROW, 0, "manual")).toMatchObject({ status: "ok" });
  expect(await hints()).toEqual([]);
  expect(await errors()).toEqual([{ status: "pending", attempts: 1 }]);
  disarm(w.sim.faults);
  pass(60);
  await w.run(RETRY);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("what is asked for again while it is being read is read once more", async () => {
  const w = await start(1);
  const row = talk(w, 2);
  await w.bind(0);
  await w.run(CYCLE);
  const insert = () =>
    transaction(
      w.scope(0),
      () => sql`
        insert into connector_hints as h (connection_id, account_scope_id, stream, record_ref, why, asked_at)
        values (${w.connectionId}, ${w.accountScopeId}, 'conversations', ${`conversation:${row.id}`}, 'webhook', now())
        on conflict (connection_id, stream, record_ref) do update set asks = h.asks + 1`,
    );
  say(w, row);
  await insert();
  let meanwhile = Promise.resolve<unknown>(undefined);
  arm(w.sim.faults, {
    kind: "hook",
    route: "GET conversations/:id/messages",
    times: 1,
    run: () => {
      meanwhile = insert();
    },
  });
  const asked = lookAt(w);
  await w.run(NARROW);
  await meanwhile;
  expect(asked().filter((path) => path.endsWith("/messages"))).toHaveLength(2);
  expect(await hints()).toEqual([]);
});

test("a crawl that failed is the reconciliation's to try again, as a dead letter too", async () => {
  const w = await start(1);
  talk(w, 2);
  await w.bind(0);
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, route: "GET conversations" });
  await w.run("connectors_reconciliation_daily");
  disarm(w.sim.faults);
  pass(60);
  expect(await w.run(RETRY, 0, "manual")).toMatchObject({ reason: { code: "nothing_due" } });
  const [error] = await systemSql<
    { id: number; stream: string }[]
  >`update connector_errors set status = 'dead_letter' returning id, stream`;
  expect(error?.stream).toBe("conversations_crawl");
  const headers = await key(await person(w, "owner"), ["write"], w.projects);
  const { body } = await call(app, "POST", `/connectors/errors/dead-letter/${error?.id}/retry`, headers);
  expect(await systemSql`select job from job_runs where id = ${body.run_id}`).toEqual([{ job: "connectors_reconciliation_daily" }]);
  expect(await hints()).toEqual([]);
});
