import { expect, test } from "vitest";
import { sql, systemSql, transaction } from "#core/db.ts";
import { app } from "#functions/api/connectors.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { call, key, person } from "#test/people.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const garble = (w: World): void => {
  for (const row of [0, 1, 2])
    arm(w.sim.faults, { kind: "patch", route: "GET conversations", row, key: "created_at", value: "junk", times: 0 });
};

worlds();

/** Two projects fed by an inbox each of one account, a third inbox that feeds none, and one conversation in each. */
async function shared() {
  const w = await start(2);
  const inboxes = [0, 1, 2].map((n) => People.addInbox(w.sim.store, { name: `Inbox ${n}` }));
  const rows = inboxes.map((inbox) => talk(w, 2, { inboxId: inbox.id }));
  for (const n of [0, 1]) await w.bind(n, { inboxIds: [inboxes[n]?.id ?? 0] });
  const pms = await Promise.all([0, 1].map(async (n) => (await person(w, "pm", [w.projects[n] ?? ""])).signIn()));
  const owner = await (await person(w, "owner")).signIn();
  return { w, rows, inboxes, pms, owner };
}

const errors = async (w: World, n: number, headers: Record<string, string>): Promise<string[]> =>
  (await call(app, "GET", `/connectors/errors?project_id=${w.projects[n]}`, headers)).body.errors.map(
    (error: { record_ref: string }) => error.record_ref,
  );
const set = async (status: string): Promise<Map<string, number>> => {
  const rows = await systemSql<{ id: number; recordRef: string }[]>`
    update connector_errors set status = ${status} where record_ref is not null returning id, record_ref`;
  return new Map(rows.map((row) => [row.recordRef, row.id]));
};

test("a record set aside is an error of the projects it goes to, and one that goes nowhere known is the owners' to see", async () => {
  const { w, rows, pms, owner } = await shared();
  garble(w);
  await w.run(CYCLE);
  const refs = rows.map((row) => `conversation:${row.id}`);
  for (const n of [0, 1]) {
    expect(await errors(w, n, pms[n] ?? {})).toEqual([refs[n]]);
    expect((await errors(w, n, owner)).toSorted()).toEqual([refs[n], refs[2]].toSorted());
  }
  expect(await errors(w, 0, await key(await person(w, "owner"), ["read"], w.projects))).toEqual([refs[0]]);
});

test("a message and a conversation known only by their names go where the conversation is held", async () => {
  const { w, rows, pms } = await shared();
  await w.run(CYCLE);
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, path: `/conversations/${rows[1]?.id}/messages` });
  arm(w.sim.faults, {
    kind: "patch",
    route: "GET conversations/:id/messages",
    path: `/conversations/${rows[0]?.id}/`,
    row: 1,
    key: "created_at",
    value: "junk",
    times: 0,
  });
  pass(86_400);
  await w.run("connectors_reconciliation_daily", 0, "manual");
  expect(await errors(w, 0, pms[0] ?? {})).toEqual([`message:${rows[0]?.id}:${rows[0]?.messages[1]?.id}`]);
  expect(await errors(w, 1, pms[1] ?? {})).toEqual([`conversation:${rows[1]?.id}`]);
});

test("what is said of how much is missing counts a project's own records", async () => {
  const { w, inboxes, pms } = await shared();
  const other = talk(w, 1, { inboxId: inboxes[1]?.id ?? 0 });
  arm(w.sim.faults, { kind: "status", status: 500, times: 0, path: `/conversations/${other.id}/messages` });
  const run = await w.run(CYCLE);
  const figures = async (n: number) =>
    (await call(app, "GET", `/connectors/reconciliation?project_id=${w.projects[n]}`, pms[n])).body.metrics[0];
  expect(await figures(0)).toMatchObject({ missing_count: 0, completeness_pct: 100 });
  expect(await figures(1)).toMatchObject({ missing_count: 1 });
  expect(run).toMatchObject({ counters: { set_aside: 0 }, reason: null });
  const warned = await systemSql<{ projectId: string }[]>`
    select project_id from kag_event_log where event_type = 'process_warning' and payload -> 'reason' ->> 'code' = 'set_aside'`;
  expect(warned).toEqual([{ projectId: w.projects[1] }]);
});

test("a dead letter is put back by those whose record it is, and retried for them alone", async () => {
  const { w, rows, pms, owner } = await shared();
  garble(w);
  await w.run(CYCLE);
  const dead = await set("dead_letter");
  const put = (n: number, of: number, headers: Record<string, string> = pms[n] ?? {}) =>
    call(
      app,
      "POST",
      `/connectors/errors/dead-letter/${dead.get(`conversation:${rows[of]?.id}`)}/retry?project_id=${w.projects[n]}`,
      headers,
      {},
    );
  expect((await put(0, 1)).status).toBe(404);
  expect((await put(0, 2)).status).toBe(404);
  expect((await put(0, 0)).status).toBe(200);
  expect((await put(0, 2, owner)).status).toBe(200);
  await set("pending");
  pass(3_600);
  disarm(w.sim.faults);
  expect(await w.run("connector_errors_retry", 0, "manual")).toMatchObject({ counters: { asked: 2 } });
});

test("deletions that are withheld are told to the projects they would be in", async () => {
  const { w, inboxes, pms } = await shared();
  const many = Array.from({ length: 15 }, () => talk(w, 1, { inboxId: inboxes[1]?.id ?? 0 }));
  await w.run(CYCLE);
  for (const { id } of many) Verbs.deleteConversation(w.sim.store, { id });
  for (let n = 0; n < 2; n++) {
    pass(86_400);
    await w.run("connectors_reconciliation_daily", 0, "manual");
  }
  const withheld = async (n: number) =>
    (await call(app, "GET", `/connectors/state?project_id=${w.projects[n]}`, pms[n])).body.streams.reduce(
      (sum: number, stream: { withheld_deletions: number }) => sum + stream.withheld_deletions,
      0,
    );
  expect([await withheld(0), await withheld(1)]).toEqual([0, 15]);
  const warned = await systemSql<{ projectId: string }[]>`
    select distinct project_id from kag_event_log where payload -> 'reason' ->> 'code' = 'needs_confirmation'`;
  expect(warned).toEqual([{ projectId: w.projects[1] }]);
});

test("what one project lost is no warning to another", async () => {
  const { w, inboxes } = await shared();
  await w.run(CYCLE);
  const before = Math.floor(w.sim.store.now()) - 86_400;
  for (let n = 0; n < 5; n++) talk(w, 0, { inboxId: inboxes[1]?.id ?? 0, createdAt: before - n });
  pass(86_400);
  await w.run("connectors_reconciliation_daily", 0, "manual");
  const warned = await systemSql<{ projectId: string }[]>`
    select distinct project_id from kag_event_log where payload -> 'reason' ->> 'code' = 'incomplete'`;
  expect(warned).toEqual([{ projectId: w.projects[1] }]);
});

test("a person who writes to two projects at once is a contact of both", async () => {
  const { w, rows, inboxes } = await shared();
  const both = Verbs.createConversation(w.sim.store, { inboxId: inboxes[1]?.id ?? 0, contactId: rows[0]?.contactId ?? 0 });
  await w.run(CYCLE);
  const contacts = await asOwner(
    () => sql<{ n: number }[]>`select count(*) as n from cw_contacts where contact_id = ${rows[0]?.contactId ?? 0} group by project_id`,
  );
  expect(contacts).toHaveLength(2);
  const held = await asOwner(() => sql`select project_id, contact_id from cw_conversations where conversation_id = ${both.id}`);
  expect(held).toEqual([{ projectId: w.projects[1], contactId: rows[0]?.contactId }]);
});

test("who leaves a project with their last conversation there is no contact of it any more", async () => {
  const { w, rows } = await shared();
  await w.bind(0, { labels: ["vip"] });
  const [one, other] = rows as [(typeof rows)[0], (typeof rows)[0]];
  const second = Verbs.createConversation(w.sim.store, { inboxId: 1, contactId: one.contactId });
  for (const { id } of [one, other, second]) Verbs.label(w.sim.store, { id, labels: ["vip"] });
  await w.run(CYCLE);
  const contacts = async () =>
    (await transaction(w.scope(0), () => sql<{ id: number }[]>`select contact_id as id from cw_contacts order by 1`)).map((row) => row.id);
  expect(await contacts()).toEqual([one.contactId, other.contactId].toSorted());
  for (const { id } of [other, second]) Verbs.label(w.sim.store, { id, labels: [] });
  pass(900);
  await w.run(CYCLE);
  expect(await contacts()).toEqual([one.contactId]);
});
