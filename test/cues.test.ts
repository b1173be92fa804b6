import { expect, test } from "vitest";
import { systemSql } from "#core/db.ts";
import { vocabulary } from "#core/events/vocabulary.ts";
import { start, talk, worlds } from "#test/chat.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const CUES = ["approval_requested", "approval_approved", "scope_change_requested"];

type Heard = { eventType: string; actor: string; sourceRef: string; occurredAt: Date; payload: Record<string, unknown>; projectId: string };

async function heard(w: World, n = 0): Promise<Heard[]> {
  return systemSql<Heard[]>`
    select event_type, actor, source_ref, occurred_at, payload, project_id from kag_event_log
    where project_id = ${w.projects[n] ?? ""} and event_type = any (${CUES}::text[]) order by id`;
}

worlds();

test("what clients and the team say becomes one event a message and kind, with the message as its evidence", async () => {
  const w = await start(2);
  const { store } = w.sim;
  const row = talk(w, 0);
  const client = { type: "Contact", id: row.contactId } as const;
  const team = { type: "User", id: 1 } as const;
  const at = Math.floor(store.now()) - 7_200;
  const say = (content: string, from: typeof client | typeof team, more: object = {}) =>
    Verbs.addMessage(store, { conversationId: row.id, content, type: from === team ? 1 : 0, from, createdAt: at, ...more });
  const asked = say("Согласуйте, пожалуйста, макет", team);
  const given = say("Смета согласована. Ещё хотим добавить чат.", client);
  say("Согласовано, спасибо!", team);
  say("That is out of scope, we need a change request", team);
  say("Please approve before Friday", team, { private: true });
  Verbs.addMessage(store, { conversationId: row.id, content: "Please approve the design", type: 3, createdAt: at });
  Verbs.addMessage(store, { conversationId: row.id, content: "Approved by Irina", type: 2, createdAt: at });
  await w.bind(0);
  await w.bind(1);
  await w.run(CYCLE);
  const told = await heard(w);
  expect(told.map((event) => [event.eventType, event.actor, event.sourceRef])).toEqual(
    expect.arrayContaining([
      ["approval_requested", "team", `chatwoot:message:${asked.id}`],
      ["approval_approved", "client", `chatwoot:message:${given.id}`],
      ["scope_change_requested", "client", `chatwoot:message:${given.id}`],
    ]),
  );
  expect(told).toHaveLength(3);
  expect(await heard(w, 1)).toHaveLength(3);
  for (const event of told) {
    expect(event.occurredAt).toEqual(new Date(at * 1_000));
    const keys = vocabulary[event.eventType as keyof typeof vocabulary].payload;
    expect(Object.keys(event.payload).toSorted()).toEqual(["connection_id", ...keys].toSorted());
  }
});

test("an edit that comes to say it tells it once; one that repeats it, takes it back or says it again tells nothing, nor does a deletion", async () => {
  const w = await start(1);
  const row = talk(w, 3);
  const id = row.messages[0]?.id ?? 0;
  await w.bind(0);
  await w.run(CYCLE);
  expect(await heard(w)).toEqual([]);
  for (const content of ["approved", "Approved!", "not approved", "approved", "Approved, and could you also add export?"]) {
    Verbs.editMessage(w.sim.store, { id, content });
    pass(900);
    await w.run(CRAWL, 0, "manual");
    pass(900);
    await w.run(CRAWL, 0, "manual");
  }
  const kinds = async () => (await heard(w)).map((event) => event.eventType);
  expect(await kinds()).toEqual(["approval_approved", "scope_change_requested"]);
  Verbs.deleteMessage(w.sim.store, { id });
  pass(900);
  await w.run(CRAWL, 0, "manual");
  expect(await kinds()).toHaveLength(2);
});
