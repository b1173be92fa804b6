import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Metrics from "#core/connectors/metrics.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { start, talk, types, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { clear } from "#test/simulators/log.ts";
import { fingerprint, pass } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";

worlds();

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
  const [metric, whole] = await transaction(
    w.scope(0),
    () =>
      sql<
        Record<string, unknown>[]
      >`select stale_count, missing_count, extra_count, completeness_pct::float8 from sync_reconciliation_metrics
        where connector in ('chatwoot', 'portfolio') and source = 'manual' order by id`,
  );
  expect(metric).toMatchObject({ staleCount: 1, missingCount: 0, extraCount: 2 });
  expect(Number(metric?.completenessPct)).toBeLessThan(100);
  expect(whole).toEqual(metric);
  const differences = await Metrics.differences(w.scope(0), { connector: "chatwoot", before: undefined, limit: 10 });
  expect(differences.map(({ recordRef, why }) => [recordRef, why]).toSorted()).toEqual(
    [
      [`message:${kept.messages[0]?.id}`, "stale"],
      [`conversation:${gone.id}`, "extra"],
      [`contact:${stray.id}`, "extra"],
    ].toSorted(),
  );
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
  >`select status, reason from job_runs where job = ${CYCLE} and asked_at = ${Clock.now()}`;
  expect(runs.map((run) => run.status)).toEqual(Array(30).fill("ok"));
  expect(runs.filter((run) => run.reason !== null).map((run) => run.reason)).toEqual(Array(29).fill({ code: "served_by", params: {} }));
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
