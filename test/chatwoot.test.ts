import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm, ODD_TEXTS } from "#test/simulators/faults.ts";
import { clear, faulty } from "#test/simulators/log.ts";
import { fingerprint, pass, type World, world } from "#test/world.ts";

let database: TestDatabase;
let open: World[] = [];
const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  Clock.reset();
  for (const one of open) {
    expect(faulty(one.sim.log)).toEqual([]);
    await one.sim.close();
  }
  open = [];
});
afterAll(() => database.close());

async function start(...given: Parameters<typeof world>): Promise<World> {
  const made = await world(...given);
  open.push(made);
  return made;
}

/** A conversation with so many messages, an hour apart, the last one an hour ago. */
function talk({ sim }: World, count: number, given: Partial<Verbs.NewConversation> = {}) {
  const { store } = sim;
  const now = Math.floor(store.now());
  const contact = People.createContact(store, { name: `Person ${store.next.contact}`, email: `p${store.next.contact}@client.test` });
  const inboxId = given.inboxId ?? [...store.inboxes.keys()][0] ?? 1;
  const row = Verbs.createConversation(store, { inboxId, contactId: contact.id, createdAt: now - (count + 1) * 3_600, ...given });
  for (let n = 0; n < count; n++) {
    const from = n % 2 ? ({ type: "User", id: 1 } as const) : ({ type: "Contact", id: row.contactId } as const);
    Verbs.addMessage(store, {
      conversationId: row.id,
      content: `message ${n} of ${row.id}`,
      type: n % 2 ? 1 : 0,
      from,
      createdAt: now - (count - n) * 3_600,
    });
  }
  return row;
}
const types = async (n: number, w: World) =>
  (
    await systemSql<
      { eventType: string }[]
    >`select event_type from kag_event_log where project_id = ${w.projects[n] ?? ""} and source = 'chatwoot' order by id`
  ).map((row) => row.eventType);

test("a whole account is mirrored, and a second cycle writes nothing and asks little", async () => {
  const w = await start(1, { size: "small" });
  await w.bind(0);
  const first = await w.run(CYCLE);
  expect(first.status).toBe("ok");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const before = await fingerprint();
  clear(w.sim.log);
  pass(60);
  const second = await w.run(CYCLE);
  expect(second).toMatchObject({ status: "ok", counters: { rows: 0, events: 0 } });
  expect(await fingerprint()).toEqual(before);
  expect(w.sim.log.entries.length).toBeLessThanOrEqual(5);
});

test("status, labels, assignee, new messages and edits of a conversation that moved are followed, each transition once", async () => {
  const w = await start(1);
  const row = talk(w, 6);
  await w.bind(0);
  await w.run(CYCLE);
  const edited = row.messages[1]?.id ?? 0;
  const deleted = row.messages[2]?.id ?? 0;
  Verbs.editMessage(w.sim.store, { id: edited, content: "edited" });
  Verbs.deleteMessage(w.sim.store, { id: deleted });
  Verbs.setStatus(w.sim.store, { id: row.id, status: "resolved", by: 1 });
  Verbs.assign(w.sim.store, { id: row.id, assigneeId: 1 });
  Verbs.label(w.sim.store, { id: row.id, labels: ["vip"] });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const seen = await types(0, w);
  for (const type of [
    "message_edited",
    "message_deleted",
    "conversation_status_changed",
    "conversation_assigned",
    "conversation_created",
  ]) {
    expect(seen.filter((one) => one === type)).toHaveLength(1);
  }
  expect(seen.filter((one) => one === "message_sent")).toHaveLength(6);
  pass(900);
  await w.run(CYCLE);
  expect(await types(0, w)).toHaveLength(seen.length);
});

test("a history of more than a window, imported out of order, arrives whole", async () => {
  const w = await start(1);
  const row = talk(w, 3);
  const old = Math.floor(w.sim.store.now()) - 400 * 86_400;
  Verbs.importOldMessages(w.sim.store, {
    conversationId: row.id,
    messages: Array.from({ length: 2_300 }, (_, n) => ({
      content: `old ${n}`,
      type: 0 as const,
      from: { type: "Contact" as const, id: row.contactId },
      createdAt: old + (2_300 - n),
    })),
  });
  await w.bind(0);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  // An import moves last_activity_at back: the cycle cannot see it, the crawl does.
  Verbs.importOldMessages(w.sim.store, {
    conversationId: row.id,
    messages: [{ content: "older still", type: 0, from: { type: "Contact", id: row.contactId }, createdAt: old - 10 }],
  });
  pass(900);
  await w.run(CRAWL);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("what the cycle cannot see is healed by the crawl, and what is gone goes after two complete crawls, text and all", async () => {
  const w = await start(1);
  const [kept, gone] = [talk(w, 4), talk(w, 4)];
  const stray = People.createContact(w.sim.store, { name: "Merged away", email: "m@client.test" });
  await w.bind(0);
  await w.run(CYCLE);
  Verbs.editMessage(w.sim.store, { id: kept.messages[0]?.id ?? 0, content: "quietly edited" });
  People.mergeContacts(w.sim.store, { baseId: kept.contactId, mergeeId: stray.id });
  Verbs.deleteConversation(w.sim.store, { id: gone.id });
  pass(900);
  expect((await w.run(CRAWL, 0, "manual")).status).toBe("ok");
  expect((await mirror(w.scope(0))).conversations).toHaveLength(2);
  const [metric] = await transaction(
    w.scope(0),
    () =>
      sql<
        Record<string, unknown>[]
      >`select stale_count, missing_count, extra_count, completeness_pct::float8 from sync_reconciliation_metrics`,
  );
  expect(metric).toMatchObject({ staleCount: 1, missingCount: 0, extraCount: 2 });
  expect(Number(metric?.completenessPct)).toBeLessThan(100);
  pass(86_400);
  await w.run(CRAWL, 0, "manual");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  const texts = await transaction(
    w.scope(0),
    () => sql<{ content: string | null }[]>`select content from cw_messages where conversation_id = ${gone.id}`,
  );
  expect(texts).toEqual(Array.from({ length: 4 }, () => ({ content: null })));
  expect((await types(0, w)).filter((type) => ["conversation_deleted", "contact_deleted"].includes(type))).toEqual([
    "conversation_deleted",
    "contact_deleted",
  ]);
});

test("one account feeds many projects: each holds its own and nothing else, for the requests of one", async () => {
  const w = await start(31);
  const { store } = w.sim;
  for (let n = 0; n < 30; n++) {
    const inbox = People.addInbox(store, { name: `Client ${n}` });
    for (let k = 0; k < 4; k++) talk(w, 3 + k, { inboxId: inbox.id });
  }
  const inboxes = [...store.inboxes.keys()].slice(1);
  await w.bind(30, { inboxIds: inboxes });
  await w.run(CYCLE, 30);
  const alone = w.sim.log.entries.length;
  await transaction(w.scope(30), () => sql`delete from project_sources`);
  await asOwner(() => sql`truncate connector_sync_state, cw_conversations, cw_contacts, cw_inboxes_raw cascade`);
  for (const [n, inbox] of inboxes.entries()) await w.bind(n, { inboxIds: [inbox] });
  clear(w.sim.log);
  pass(900);
  const { dispatch } = await import("#core/jobs/dispatch.ts");
  const { jobs } = await import("#core/jobs/catalogue.ts");
  expect((await dispatch(jobs, CYCLE)).queued).toBe(30);
  await w.work();
  const runs = await systemSql<
    { status: string; reason: { code: string } | null }[]
  >`select status, reason from job_runs where asked_at = ${Clock.now()}`;
  expect(runs.map((run) => run.status)).toEqual(Array(30).fill("ok"));
  expect(runs.filter((run) => run.reason?.code === "served_by")).toHaveLength(29);
  expect(w.sim.log.entries.length).toBeLessThanOrEqual(alone * 1.2);
  for (const [n, inbox] of inboxes.entries()) {
    expect(await mirror(w.scope(n))).toEqual(upstream(store, (row) => row.inboxId === inbox, false));
  }
});

test("a changed binding takes out what it left and back-fills what it now covers; a label that comes and goes does the same", async () => {
  const w = await start(1);
  const second = People.addInbox(w.sim.store, { name: "Second" });
  const [a, b] = [talk(w, 3), talk(w, 3, { inboxId: second.id })];
  await w.bind(0, { inboxIds: [a.inboxId] });
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, (row) => row.id === a.id, false));
  await w.bind(0, { inboxIds: [second.id] });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, (row) => row.id === b.id, false));
  await w.bind(0, { labels: ["vip"] });
  pass(900);
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).conversations).toEqual([]);
  Verbs.label(w.sim.store, { id: a.id, labels: ["vip"], by: 1 });
  pass(900);
  await w.run(CYCLE);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store, (row) => row.id === a.id, false));
  Verbs.label(w.sim.store, { id: a.id, labels: [], by: 1 });
  pass(900);
  await w.run(CYCLE);
  expect((await mirror(w.scope(0))).conversations).toEqual([]);
});

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
