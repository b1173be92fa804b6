import { expect, test } from "vitest";
import { config } from "#core/config.ts";
import { sql, transaction } from "#core/db.ts";
import { app as webhooks } from "#functions/api/webhooks.ts";
import { again, asked, audience, audiences, clients, loops, SYNC } from "#test/audience.ts";
import { asOwner } from "#test/database.ts";
import { call } from "#test/people.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Contacts from "#test/simulators/loops/contacts.ts";
import * as Mail from "#test/simulators/loops/mail.ts";
import { addWebhook } from "#test/simulators/loops/webhooks.ts";
import { settled } from "#test/simulators/postman.ts";
import { pass } from "#test/world.ts";

audiences();

test("who has left is never sent again: an unsubscribe survives ten syncs", { timeout: 60_000 }, async () => {
  const w = await clients(["stays@client.test", "leaves@client.test", "removed@client.test"]);
  await w.run(SYNC);
  Mail.unsubscribe(loops.store, { email: "leaves@client.test" });
  Contacts.deleteContact(loops.store, { email: "removed@client.test" });
  const contacts = [...w.sim.store.contacts.values()];
  const before = asked("PUT").length;
  for (let n = 0; n < 10; n++) {
    for (const { id } of contacts) {
      People.editContact(w.sim.store, { id, name: `Name ${n}` });
    }
    pass(3_600);
    // A changed contact has no activity: the crawl sees it.
    await w.run("connectors_reconciliation_daily", 0, "manual");
    await w.run(SYNC);
  }
  expect(asked("PUT").length - before).toBe(10);
  expect(audience()).not.toContain("removed@client.test");
  const [left] = [...loops.store.contacts.values()].filter((one) => one.email === "leaves@client.test");
  expect(left?.subscribed).toBe(false);
  expect([...loops.store.contacts.values()].find((one) => one.email === "stays@client.test")).toMatchObject({
    firstName: "Name",
    lastName: "9",
  });
  const policies = await asOwner(
    () => sql`select contact_global_id, channel, opted_out, opted_out_source from contact_channel_policies order by contact_global_id`,
  );
  expect(policies).toEqual([
    { contactGlobalId: "email:leaves@client.test", channel: "email", optedOut: true, optedOutSource: "loops" },
    { contactGlobalId: "email:removed@client.test", channel: "email", optedOut: true, optedOutSource: "loops" },
  ]);
});

test("who leaves and does not change is seen by a slow look around", async () => {
  const w = await clients(["stays@client.test", "leaves@client.test"]);
  await w.run(SYNC);
  Mail.unsubscribe(loops.store, { email: "leaves@client.test" });
  await again(w);
  expect(asked("GET")).toHaveLength(0);
  pass(6 * 3_600);
  expect(await w.run(SYNC)).toMatchObject({ counters: { sent: 0, opted_out: 1 } });
  expect(asked("GET")).toHaveLength(2);
});

test("a webhook of Loops opts out at once; what is not signed does nothing", async () => {
  const w = await clients(["leaves@client.test", "bounces@client.test", "stays@client.test"], { projects: 2 });
  await w.run(SYNC);
  const { secret, url } = addWebhook(loops.store, { url: `http://bellwether.test/webhooks/loops/${w.accountScopeId}` });
  config.LOOPS_WEBHOOK_SECRET = secret;
  const letters: { headers: Record<string, string>; body: string }[] = [];
  const { seal } = loops.postman.options;
  const letter = (eventName: string, email: string, seconds = loops.clock.now()) => {
    const body = { eventName, contactIdentity: { id: "x", email, userId: null } };
    const raw = JSON.stringify(body);
    letters.push({ headers: seal({ url, body }, raw, `msg_${letters.length}`, seconds), body: raw });
    return letters.at(-1) as (typeof letters)[number];
  };
  const post = ({ headers, body }: (typeof letters)[number], account = w.accountScopeId) =>
    call(webhooks, "POST", `/webhooks/loops/${account}`, headers, body);
  pass(0);
  const good = letter("contact.unsubscribed", "LEAVES@client.test");
  expect((await post({ ...good, headers: { ...good.headers, "webhook-signature": "v1,AAAA" } })).status).toBe(401);
  expect((await post({ ...good, body: good.body.replace("LEAVES", "stays") })).status).toBe(401);
  expect((await post(letter("contact.unsubscribed", "stays@client.test", loops.clock.now() - 400))).status).toBe(401);
  expect((await post(good, "00000000-0000-4000-8000-000000000000")).status).toBe(401);
  expect(
    (await post({ ...good, headers: { ...good.headers, "webhook-signature": `v1,AAAA ${good.headers["webhook-signature"]}` } })).status,
  ).toBe(200);
  expect((await post(good)).status).toBe(200);
  expect((await post(letter("email.hardBounced", "bounces@client.test"))).status).toBe(200);
  expect((await post(letter("email.delivered", "stays@client.test"))).status).toBe(200);
  await settled(loops.postman);
  const opted = await transaction(
    { projects: w.projects, accountScopeId: w.accountScopeId },
    () => sql<{ id: string; n: number }[]>`
    select contact_global_id as id, count(*) as n from contact_channel_policies where opted_out group by 1 order by 1`,
  );
  expect(opted).toEqual([
    { id: "email:bounces@client.test", n: 2 },
    { id: "email:leaves@client.test", n: 2 },
  ]);
  delete config.LOOPS_WEBHOOK_SECRET;
  expect((await post(good)).status).toBe(401);
});
