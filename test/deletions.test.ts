import { expect, test } from "vitest";
import * as Connection from "#core/connectors/connection.ts";
import { systemSql, transaction } from "#core/db.ts";
import { app } from "#functions/api/connectors.ts";
import { start, talk, types, worlds } from "#test/chat.ts";
import { mirror, upstream } from "#test/mirror.ts";
import { call, person } from "#test/people.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const STREAM = "conversations_crawl";
worlds();

/** Two inboxes with 15 conversations each; the agent sees the first of them. */
async function half(): Promise<World> {
  const w = await start(1, { size: "empty" });
  const { store } = w.sim;
  const inboxes = [1, 2].map((n) => People.addInbox(store, { name: `Inbox ${n}` }));
  for (const inbox of inboxes) for (let n = 0; n < 15; n++) talk(w, 2, { inboxId: inbox.id });
  await w.bind(0);
  await w.run(CYCLE);
  return w;
}

async function use(w: World, token: string): Promise<void> {
  const draft = Connection.Draft.parse({
    source: "chatwoot",
    name: "Chat",
    baseUrl: w.sim.baseUrl,
    externalAccount: String(w.sim.accountId),
    apiToken: token,
  });
  const { accountScopeId } = w;
  await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "test", true));
}

const crawl = async (w: World) => {
  pass(86_400);
  return w.run(CRAWL, 0, "manual");
};
const withheld = async () =>
  (await systemSql<{ n: number }[]>`select withheld_deletions as n from connector_sync_state where stream = ${STREAM}`)[0]?.n;
const deleted = async (w: World) => (await types(0, w)).filter((type) => type.endsWith("_deleted")).length;

test("a token that loses half its rights deletes nothing, and what it found gone waits to be confirmed", async () => {
  const w = await half();
  await use(w, w.sim.tokens.agent);
  for (let n = 0; n < 3; n++) expect((await crawl(w)).status).toBe("ok");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await deleted(w)).toBe(0);
  expect(await withheld()).toBeGreaterThan(10);
  await use(w, w.sim.tokens.admin);
  await crawl(w);
  expect(await withheld()).toBe(0);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});

test("approved, the next pass looks again, deletes so many and not one more", async () => {
  const w = await half();
  const rows = [...w.sim.store.conversations.values()];
  for (const row of rows.slice(0, 12)) Verbs.deleteConversation(w.sim.store, { id: row.id });
  await crawl(w);
  await crawl(w);
  const count = (await withheld()) ?? 0;
  expect(count).toBe(12);
  expect((await mirror(w.scope(0))).conversations).toHaveLength(30);

  const owner = await (await person(w, "owner")).signIn();
  const approve = (body: object) =>
    call(app, "POST", "/connectors/deletions/approve", owner, { connection_id: w.connectionId, stream: STREAM, ...body });
  expect((await approve({ count: 12, stream: "contacts_crawl" })).status).toBe(404);
  // Two more go: missed once by the next pass, and for the second time by the one that looks again.
  for (const row of rows.slice(12, 14)) Verbs.deleteConversation(w.sim.store, { id: row.id });
  await crawl(w);
  expect((await approve({ count: 12 })).status).toBe(200);
  await crawl(w);
  expect((await mirror(w.scope(0))).conversations).toHaveLength(30);
  expect(await withheld()).toBe(14);
  expect((await approve({ count: 14 })).status).toBe(200);
  await crawl(w);
  expect(await withheld()).toBe(0);
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect((await types(0, w)).filter((type) => type === "conversation_deleted")).toHaveLength(14);
});
