import { afterEach, expect, test, vi } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { listen, type Server } from "#local/server.ts";
import { type Working, work } from "#local/work.ts";
import { start, talk, worlds } from "#test/chat.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import type { World } from "#test/world.ts";

const SECRET = "what the simulator signs with";
const EVENTS = ["message_created", "message_updated", "conversation_created", "conversation_status_changed", "contact_updated"];

worlds();
let server: Server;
let working: Working;
afterEach(async () => {
  await working.stop();
  await server.close();
});

/** The product on its one port with its timers and queues, subscribed to a simulated account whose first cycle is done. */
async function subscribed(): Promise<{ w: World; row: ReturnType<typeof talk> }> {
  const w = await start(1);
  const row = talk(w, 3);
  await w.bind(0);
  await w.run("connectors_sync_cycle");
  const sealed = Secret.seal(SECRET, Secret.forWebhooks(w.connectionId));
  await systemSql`update connections set webhook_secret = ${sealed} where id = ${w.connectionId}`;
  server = await listen("127.0.0.1", 0);
  working = await work();
  // What is paid for waits for its hour in economy mode.
  const settled = async () =>
    expect(await systemSql`select from job_runs where status = 'running' or (status = 'queued' and due_at <= ${Clock.now()})`).toEqual([]);
  await vi.waitFor(settled, { timeout: 20_000 });
  const url = `${server.url}/webhooks/chatwoot/${w.connectionId}`;
  w.sim.store.webhooks.set(1, { id: 1, url, name: "Bellwether", subscriptions: EVENTS, secret: SECRET });
  return { w, row };
}

test("what happens in the account is in the raw table within two seconds of the webhook that announces it", {
  timeout: 60_000,
}, async () => {
  const { w, row } = await subscribed();
  const stored = (query: () => Promise<readonly object[]>) =>
    vi.waitFor(async () => expect(await transaction(w.scope(0), query)).toHaveLength(1), { timeout: 2_000, interval: 25 });
  const text = "Здравствуйте! Заказ №7 ещё не пришёл 🙁";
  const times: number[] = [];
  const timed = async (happen: () => unknown, query: () => Promise<readonly object[]>) => {
    const began = performance.now();
    happen();
    await stored(query);
    times.push(Math.round(performance.now() - began));
  };
  const message = { conversationId: row.id, content: text, type: 0 as const, from: { type: "Contact" as const, id: row.contactId } };
  await timed(
    () => Verbs.addMessage(w.sim.store, message),
    () => sql`select from cw_messages where content = ${text}`,
  );
  await timed(
    () => Verbs.setStatus(w.sim.store, { id: row.id, status: "resolved" }),
    () => sql`select from cw_conversations where status = 'resolved'`,
  );
  await timed(
    () => People.editContact(w.sim.store, { id: row.contactId, name: "Пётр" }),
    () => sql`select from cw_contacts where name = 'Пётр'`,
  );
  process.stdout.write(`from the change to the row: ${times.join(", ")} ms\n`);
});
