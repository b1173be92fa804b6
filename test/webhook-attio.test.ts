import { afterEach, beforeEach, expect, test } from "vitest";
import * as Secret from "#core/connectors/secret.ts";
import { systemSql } from "#core/db.ts";
import { listen, type Server } from "#local/server.ts";
import { type Crm, crms, fill, startCrm } from "#test/crm.ts";
import { mirror, upstream } from "#test/mirror-attio.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { addWebhook } from "#test/simulators/attio/studio.ts";
import { arm, settled } from "#test/simulators/postman.ts";

const EVENTS = [
  "record.created",
  "record.updated",
  "record.deleted",
  "note.created",
  "note.updated",
  "note-content.updated",
  "task.created",
  "task.updated",
];

crms();
let server: Server;
beforeEach(async () => {
  server = await listen("127.0.0.1", 0);
});
afterEach(() => server.close());

/** A workspace whose first cycle is done, and which tells the product's port of what happens. */
async function subscribed(): Promise<{ w: Crm; arrive: () => Promise<void> }> {
  const w = await startCrm(1);
  fill(w, 3);
  await w.bind(0);
  await w.run("connectors_sync_cycle");
  const subscriptions = EVENTS.map((event_type) => ({ event_type, filter: null }));
  const { secret } = addWebhook(w.sim.store, { url: `${server.url}/webhooks/attio/${w.connectionId}`, subscriptions });
  const sealed = Secret.seal(secret, Secret.forWebhooks(w.connectionId));
  await systemSql`update connections set webhook_secret = ${sealed} where id = ${w.connectionId}`;
  const arrive = async () => {
    await settled(w.sim.postman);
    await w.work();
  };
  return { w, arrive };
}

test("records, notes and tasks are here once their webhooks have come, without a sweep", async () => {
  const { w, arrive } = await subscribed();
  const { store } = w.sim;
  const company = Sample.company(store, "Ромашка", "romashka.example");
  await arrive();
  const deal = Sample.deal(store, "Сайт", { value: 7, companyId: company.id });
  Sample.person(store, "Анна Петрова", "anna@romashka.example", company.id);
  await arrive();
  Records.moveStage(store, { id: deal.id, stage: "Proposal" });
  Papers.addNote(store, { object: "deals", recordId: deal.id, title: "Звонок", content: "Ждут смету" });
  await arrive();
  expect(await mirror(w.scope(0))).toEqual(upstream(store));
  const ignored = await systemSql`select from webhook_deliveries where outcome = 'ignored'`;
  expect(ignored).toEqual([]);
});

test("a delivery that comes again with its key is taken once, and a forged one not at all", async () => {
  const { w, arrive } = await subscribed();
  arm(w.sim.postman, { kind: "duplicate" });
  Sample.company(w.sim.store, "Twice");
  await arrive();
  arm(w.sim.postman, { kind: "badSignature", times: 1 });
  Sample.company(w.sim.store, "Forged");
  await arrive();
  expect(await systemSql`select event, outcome from webhook_deliveries`).toEqual([{ event: "record.created", outcome: "hinted" }]);
});
