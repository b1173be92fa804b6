import { randomUUID } from "node:crypto";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { expect, test } from "vitest";
import { sql, systemSql } from "#core/db.ts";
import { app as connections } from "#functions/api/connections.ts";
import { app } from "#functions/api/webhooks.ts";
import { start, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import {
  connect,
  deliveries,
  hex,
  hints,
  OTHER,
  receiving,
  runs,
  SAMPLE,
  SECRET,
  type Sent,
  SOURCES,
  type Source,
  seconds,
  send,
} from "#test/deliveries.ts";
import { call, person } from "#test/people.ts";
import { pass } from "#test/world.ts";

worlds();

test.each(SOURCES)("%s: whatever is wrong, the answer is the same, and nothing comes of it", async (source) => {
  const { w, id } = await receiving(source);
  const signature = { chatwoot: "x-chatwoot-signature", linear: "linear-signature", attio: "attio-signature" }[source];
  const another = await connect({ ...w, sim: { ...w.sim, accountId: 77 } }, source, OTHER);
  const elsewhere = SOURCES.find((one) => one !== source) as Source;
  const foreign = await connect(w, elsewhere, OTHER);
  const unsigned = await connect({ ...w, sim: { ...w.sim, accountId: 78 } }, source);
  await systemSql`update connections set webhook_secret = null where id = ${unsigned}`;
  const wrong: Sent[] = [
    { secret: OTHER },
    { secret: "x" },
    { drop: signature },
    { connection: another },
    { connection: foreign, secret: OTHER },
    { connection: unsigned },
    { connection: randomUUID() },
    { connection: "1 or 1=1" },
  ];
  if (source !== "attio") wrong.push({ at: seconds() - 400 }, { at: seconds() + 400 });
  if (source === "chatwoot") wrong.push({ drop: "x-chatwoot-timestamp" }, { at: Number.NaN });
  if (source === "linear") wrong.push({ at: seconds() - 65 }, { at: seconds() + 65 }, { body: "not json" });
  const answers = new Set<string>();
  for (const sent of wrong) {
    const { status, body } = await send(source, id, sent);
    answers.add(JSON.stringify([status, { ...body, request_id: "" }]));
  }
  expect([...answers].map((answer) => JSON.parse(answer))).toEqual([
    [401, expect.objectContaining({ ok: false, error: "webhook_refused" })],
  ]);
  expect([await deliveries(), await hints(), await runs()]).toEqual([[], [], []]);
});

test("a changed byte, a shorter signature, one in another alphabet: all refused", async () => {
  const { id } = await receiving("attio");
  const body = JSON.stringify(SAMPLE.attio);
  const good = await hex(SECRET, body);
  const bad = [
    good.slice(2),
    `${good}00`,
    good.replace(/^./, (c) => (c === "0" ? "1" : "0")),
    "zz".repeat(32),
    "\u00e9".repeat(64),
    "",
    `sha256=${good}`,
  ];
  for (const signature of bad) {
    const { status } = await call(app, "POST", `/webhooks/attio/${id}`, { "attio-signature": signature }, body);
    expect(status, signature).toBe(401);
  }
  expect((await call(app, "POST", `/webhooks/attio/${id}`, { "x-attio-signature": good.toUpperCase() }, body)).status).toBe(200);
});

test.each(SOURCES)("%s: a replay answers as before and does nothing", async (source) => {
  const { id } = await receiving(source);
  for (let n = 0; n < 3; n++) expect((await send(source, id, { id: "one and the same" })).status).toBe(200);
  expect(await deliveries()).toHaveLength(1);
  expect(await asOwner(() => sql`select asks from connector_hints`)).toEqual([{ asks: 1 }]);
});

test("a body above 5 MB is refused before it is read; one below is not", async () => {
  const { id } = await receiving("chatwoot");
  const big = (bytes: number) => ({ ...SAMPLE.chatwoot, content: "ж".repeat(bytes / 2) });
  expect(await send("chatwoot", id, { body: big(4_900_000) })).toMatchObject({ status: 200 });
  expect(await send("chatwoot", id, { body: big(5_100_000) })).toMatchObject({ status: 413, body: { error: "body_too_large" } });
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(100_000));
    },
  });
  const request = new Request(`http://x/webhooks/chatwoot/${id}`, { method: "POST", body: endless, duplex: "half" } as RequestInit);
  expect((await app.fetch(request, { address: "203.0.113.7" })).status).toBe(413);
  expect(pulled).toBeLessThan(60);
});

test("a Chatwoot that does not sign is known by the token in its address, and by nothing less", async () => {
  const { id } = await receiving("chatwoot");
  const post = (query: string) => call(app, "POST", `/webhooks/chatwoot/${id}${query}`, {}, SAMPLE.chatwoot);
  for (const query of ["", "?token=", "?token=guess", `?token=${SECRET}x`]) expect((await post(query)).status, query).toBe(401);
  expect((await post(`?token=${encodeURIComponent(SECRET)}`)).status).toBe(200);
  // A signature that is there has to be right, whatever the address says.
  const forged = { "x-chatwoot-signature": "sha256=00", "x-chatwoot-timestamp": String(seconds()) };
  const answered = await call(app, "POST", `/webhooks/chatwoot/${id}?token=${encodeURIComponent(SECRET)}`, forged, SAMPLE.chatwoot);
  expect(answered.status).toBe(401);
  expect((await call(app, "POST", `/webhooks/attio/${id}?token=${encodeURIComponent(SECRET)}`, {}, SAMPLE.attio)).status).toBe(401);
});

test("what Linear's own client accepts is accepted here, and what it refuses is refused", async () => {
  const { id } = await receiving("linear");
  const client = new LinearWebhookClient(SECRET);
  for (const at of [seconds(), seconds() - 50, seconds() - 70, seconds() + 70]) {
    for (const secret of [SECRET, OTHER]) {
      const body = JSON.stringify({ ...SAMPLE.linear, webhookTimestamp: at * 1_000 });
      const signature = await hex(secret, body);
      const theirs = (() => {
        try {
          return client.verify(Buffer.from(body), signature, at * 1_000);
        } catch {
          return false;
        }
      })();
      const ours = await call(app, "POST", `/webhooks/linear/${id}`, { "linear-signature": signature }, body);
      expect(ours.status === 200, `${at} ${secret}`).toBe(theirs);
    }
  }
});

test("an owner sets and rotates the secret; nobody is shown it", async () => {
  const w = await start(1);
  const owner = await (await person(w, "owner")).signIn();
  const draft = { source: "chatwoot", name: "Chat", base_url: w.sim.baseUrl, external_account: "9", api_token: "t" };
  const post = (more: object) => call(connections, "POST", "/connections", owner, { ...draft, ...more });
  expect((await post({ webhook_secret: "too short" })).status).toBe(400);
  const made = await post({});
  const { id } = made.body.connection;
  expect(made.body.connection.webhooks).toBe(false);
  for (const secret of [SECRET, OTHER]) {
    const { body } = await post({ webhook_secret: secret });
    expect(body.connection).toMatchObject({ id, webhooks: true });
    expect(JSON.stringify(body)).not.toContain(secret);
    expect((await send("chatwoot", id, { secret })).status).toBe(200);
  }
  expect((await send("chatwoot", id, { secret: SECRET })).status).toBe(401);
  // Credentials alone leave the secret as it is.
  await post({ api_token: "another" });
  expect((await send("chatwoot", id, { secret: OTHER })).status).toBe(200);
  const [row] = await systemSql<
    { webhookSecret: string; credentials: string }[]
  >`select webhook_secret, credentials from connections where id = ${id}`;
  expect(row?.webhookSecret).toMatch(/^v1\./);
  // One column's seal does not open as the other's.
  await systemSql`update connections set webhook_secret = credentials where id = ${id}`;
  expect((await send("chatwoot", id, { secret: "another" })).status).toBe(401);
});

test("how fresh a delivery is goes by the product's clock", async () => {
  const { id } = await receiving("chatwoot");
  const at = seconds();
  pass(290);
  expect((await send("chatwoot", id, { at })).status).toBe(200);
  pass(20);
  expect((await send("chatwoot", id, { at })).status).toBe(401);
});
