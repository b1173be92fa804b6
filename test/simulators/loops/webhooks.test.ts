import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { check } from "#test/simulators/loops/check.ts";
import * as Contacts from "#test/simulators/loops/contacts.ts";
import * as Mail from "#test/simulators/loops/mail.ts";
import { simulated } from "#test/simulators/loops/server.ts";
import { addWebhook, sign } from "#test/simulators/loops/webhooks.ts";
import * as Postman from "#test/simulators/postman.ts";

type Got = { id: string; timestamp: string; signature: string; raw: string; body: { eventName: string } };
const NOW = new Date("2026-03-10T12:00:00Z");
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening() {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const raw = Buffer.concat(parts).toString();
      const header = (name: string) => String(request.headers[`webhook-${name}`]);
      const body = JSON.parse(raw) as Got["body"];
      got.push({ id: header("id"), timestamp: header("timestamp"), signature: header("signature"), raw, body });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const sim = simulated({ size: "empty", now: () => NOW });
  const { store } = sim.world;
  const webhook = addWebhook(store, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` });
  const dana = Contacts.createContact(store, { email: "dana@client.example", userId: "u1", healthScore: 7 });
  const names = async () => {
    await Postman.settled(sim.postman);
    return got.map((one) => one.body.eventName);
  };
  return { ...sim, store, webhook, dana, got, names };
}

describe("webhooks", () => {
  test("are signed as Standard Webhooks are: id, time and body", async () => {
    const { webhook, dana, got, names } = await listening();
    expect(await names()).toEqual(["contact.created"]);
    const [first] = got as [Got];
    expect(first.timestamp).toBe(String(NOW.getTime() / 1_000));
    expect(first.signature).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(first.signature).toBe(sign(webhook.secret, first.id, first.timestamp, first.raw));
    expect(first.body).toMatchObject({
      eventTime: NOW.getTime() / 1_000,
      webhookSchemaVersion: "1.0.0",
      contactIdentity: { id: dana.id, email: "dana@client.example", userId: "u1" },
      contact: { subscribed: true, healthScore: 7 },
    });
  });

  test("tell of unsubscribing, bounces, complaints, lists and deletion, as the description has them", async () => {
    const { store, got, names } = await listening();
    const by = { email: "dana@client.example" };
    const [list = ""] = store.lists.keys();
    Contacts.updateContact(store, { ...by, mailingLists: { [list]: true } });
    Mail.leaveList(store, { ...by, list });
    Mail.unsubscribe(store, by);
    Mail.resubscribe(store, by);
    Mail.softBounce(store, by);
    Mail.hardBounce(store, by);
    Mail.reportSpam(store, by);
    Contacts.deleteContact(store, by);
    expect((await names()).toSorted()).toEqual(
      [
        ...["contact.created", "contact.deleted", "contact.mailingList.subscribed", "contact.mailingList.unsubscribed"],
        ...["contact.unsubscribed", "contact.unsubscribed", "contact.unsubscribed", "contact.unsubscribed"],
        ...["email.hardBounced", "email.resubscribed", "email.softBounced", "email.spamReported", "email.unsubscribed"],
      ].toSorted(),
    );
    const described = check();
    for (const { body } of described ? got : []) {
      const schema = body.eventName.replace(/(^|\.)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
      expect(described?.named(`Webhook${schema}Payload`, body), body.eventName).toEqual([]);
    }
  });

  test("can be late, stale, spoilt or gone", async () => {
    const { store, postman, webhook, got, names } = await listening();
    await names();
    const by = { email: "dana@client.example" };
    Postman.arm(postman, { kind: "staleTimestamp", seconds: 3_600 });
    Mail.softBounce(store, by);
    await names();
    const stale = got.at(-1) as Got;
    expect(stale.timestamp).toBe(String(NOW.getTime() / 1_000 - 3_600));
    expect(stale.signature).toBe(sign(webhook.secret, stale.id, stale.timestamp, stale.raw));
    Postman.arm(postman, { kind: "badSignature" });
    Mail.softBounce(store, by);
    await names();
    const spoilt = got.at(-1) as Got;
    expect(spoilt.signature).not.toBe(sign(webhook.secret, spoilt.id, spoilt.timestamp, spoilt.raw));
    Postman.arm(postman, { kind: "drop" });
    Mail.softBounce(store, by);
    expect(await names()).toHaveLength(3);
  });
});
