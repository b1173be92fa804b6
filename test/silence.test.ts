import { expect, test } from "vitest";
import * as Silence from "#core/chats/silence.ts";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { vocabulary } from "#core/events/vocabulary.ts";
import { start, talk, worlds } from "#test/chat.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const DAY = 86_400;

type Told = { eventType: string; actor: string; occurredAt: Date; payload: Record<string, unknown> };

worlds();

/** A project whose first conversation has the messages given, each `[who, days ago]`; read, and then judged as often as one likes. */
async function chat(said: readonly (readonly ["client" | "team", number])[], more: { status?: string } = {}) {
  const w = await start(1);
  Clock.set(new Date(Math.floor(w.sim.store.now()) * 1_000), 0);
  const now = Clock.now().getTime() / 1_000;
  const row = talk(w, 0, { createdAt: now - 100 * DAY, ...more });
  const say = (who: "client" | "team", daysAgo: number, given: object = {}) =>
    Verbs.addMessage(w.sim.store, {
      conversationId: row.id,
      content: `${who} ${daysAgo}`,
      type: who === "team" ? 1 : 0,
      from: who === "team" ? { type: "User", id: 1 } : { type: "Contact", id: row.contactId },
      createdAt: now - daysAgo * DAY,
      ...given,
    });
  const messages = said.map(([who, daysAgo]) => say(who, daysAgo));
  if (more.status) row.status = more.status;
  await w.bind(0);
  await w.run(CYCLE);
  return { w, row, say, messages, ago: (daysAgo: number) => new Date((now - daysAgo * DAY) * 1_000) };
}

const note = (w: World, days = 4) => Silence.note(w.scope(0), Clock.now(), days);
async function told(w: World): Promise<Told[]> {
  return systemSql<Told[]>`
    select event_type, actor, occurred_at, payload from kag_event_log
    where project_id = ${w.projects[0] ?? ""} and event_type like 'client_silent_%' order by id`;
}
const kinds = async (w: World) => (await told(w)).map((event) => event.eventType.replace("client_silent_", ""));

test("the client is silent from the fourth day after the team's last word, once, until the client writes again", async () => {
  const { w, say, messages, ago } = await chat([
    ["client", 10],
    ["team", 4.5],
  ]);
  for (let n = 0; n < 10; n++) await note(w);
  const [began, ...others] = await told(w);
  expect(others).toEqual([]);
  expect(began).toMatchObject({
    eventType: "client_silent_started",
    actor: "system",
    occurredAt: ago(0.5),
    payload: { message_id: messages[1]?.id, client_message_id: messages[0]?.id },
  });
  pass(2 * DAY);
  const answer = say("client", -1);
  await w.run(CYCLE);
  for (let n = 0; n < 10; n++) await note(w);
  const [, ended, ...more] = await told(w);
  expect(more).toEqual([]);
  expect(ended).toMatchObject({
    eventType: "client_silent_ended",
    actor: "client",
    occurredAt: ago(-1),
    payload: { message_id: messages[1]?.id, by: "reply", client_message_id: answer.id },
  });
  for (const event of [began, ended]) {
    const keys = vocabulary[event?.eventType as keyof typeof vocabulary].payload;
    expect(Object.keys(event?.payload ?? {}).toSorted()).toEqual(["connection_id", ...keys].toSorted());
  }
  say("team", -1.1);
  pass(5 * DAY);
  await w.run(CYCLE);
  await note(w);
  expect(await kinds(w)).toEqual(["started", "ended", "started"]);
});

test("a client who wrote last, one who never wrote, one not yet late; notes, bots and failed messages are not heard", async () => {
  const last = await chat([
    ["team", 30],
    ["client", 20],
  ]);
  last.say("team", 10, { private: true });
  last.say("team", 9, { from: null });
  last.say("team", 8, { status: "failed" });
  pass(900);
  await last.w.run(CRAWL, 0, "manual");
  expect(await note(last.w)).toEqual({ started: 0, ended: 0 });
  const never = await chat([["team", 5]]);
  expect(await note(never.w)).toEqual({ started: 1, ended: 0 });
  expect((await told(never.w))[0]?.payload.client_message_id).toBeNull();
  const early = await chat([
    ["client", 9],
    ["team", 3.99],
  ]);
  expect(await note(early.w)).toEqual({ started: 0, ended: 0 });
  expect(await note(early.w, 3)).toEqual({ started: 1, ended: 0 });
});

test("what the team adds prolongs a silence and starts none of its own", async () => {
  const { w, say, messages, ago } = await chat([
    ["client", 40],
    ["team", 30],
    ["team", 29],
    ["team", 12],
    ["team", 1],
  ]);
  await note(w);
  const [began, ...others] = await told(w);
  expect(others).toEqual([]);
  expect(began).toMatchObject({ occurredAt: ago(25), payload: { message_id: messages[2]?.id } });
  say("team", 0);
  pass(6 * DAY);
  await w.run(CYCLE);
  await note(w);
  expect(await kinds(w)).toEqual(["started"]);
});

test("a resolved conversation waits for nobody: none begins, a running one ends, and the team's next word can begin another", async () => {
  const done = await chat([["team", 9]], { status: "resolved" });
  expect(await note(done.w)).toEqual({ started: 0, ended: 0 });
  const { w, row, say } = await chat([["team", 9]]);
  await note(w);
  Verbs.setStatus(w.sim.store, { id: row.id, status: "resolved" });
  pass(900);
  await w.run(CYCLE);
  await note(w);
  expect(await told(w)).toMatchObject([{}, { actor: "system", payload: { by: "resolved", client_message_id: null } }]);
  Verbs.setStatus(w.sim.store, { id: row.id, status: "open" });
  pass(900);
  await w.run(CYCLE);
  await note(w);
  expect(await kinds(w)).toEqual(["started", "ended"]);
  say("team", -1);
  pass(6 * DAY);
  await w.run(CYCLE);
  await note(w);
  expect(await kinds(w)).toEqual(["started", "ended", "started"]);
});

test("a late import that shows an answer ends the silence, an older one changes nothing; deletions are followed", async () => {
  const { w, row, say, messages } = await chat([
    ["client", 20],
    ["team", 10],
  ]);
  await note(w);
  say("client", 15);
  pass(900);
  await w.run(CRAWL, 0, "manual");
  expect(await note(w)).toEqual({ started: 0, ended: 0 });
  const answer = say("client", 9);
  pass(900);
  await w.run(CRAWL, 0, "manual");
  await note(w);
  const [began, ended] = await told(w);
  expect(ended).toMatchObject({ eventType: "client_silent_ended", payload: { by: "reply", client_message_id: answer.id } });
  expect(ended?.occurredAt).toEqual(began?.occurredAt);
  // The answer is taken back: that silence has been told, and is not told again.
  Verbs.deleteMessage(w.sim.store, { id: answer.id });
  pass(900);
  await w.run(CRAWL, 0, "manual");
  expect(await note(w)).toEqual({ started: 0, ended: 0 });
  // A new one hangs on the team's next message, and ends when the team takes back all it said.
  const nudge = say("team", 0);
  pass(5 * DAY);
  await w.run(CYCLE);
  expect(await note(w)).toEqual({ started: 1, ended: 0 });
  for (const id of [nudge.id, messages[1]?.id ?? 0]) Verbs.deleteMessage(w.sim.store, { id });
  pass(900);
  await w.run(CRAWL, 0, "manual");
  expect(await note(w)).toEqual({ started: 0, ended: 1 });
  expect((await told(w)).at(-1)?.payload.by).toBe("withdrawn");
  say("team", -5);
  pass(5 * DAY);
  await w.run(CYCLE);
  expect(await note(w)).toEqual({ started: 1, ended: 0 });
  Verbs.deleteConversation(w.sim.store, { id: row.id });
  for (let n = 0; n < 2; n++) {
    pass(DAY);
    await w.run(CRAWL, 0, "manual");
  }
  expect(await note(w)).toEqual({ started: 0, ended: 1 });
  expect((await told(w)).at(-1)?.payload.by).toBe("deleted");
});
