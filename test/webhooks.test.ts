import { randomUUID } from "node:crypto";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { app as connections } from "#functions/api/connections.ts";
import { app } from "#functions/api/webhooks.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { call, person } from "#test/people.ts";
import { pass, type World } from "#test/world.ts";

const SECRET = "a secret of this connection's webhooks";
const OTHER = "a secret of another connection's webhooks";

worlds();

/** HMAC-SHA256 in hex by the web's own cryptography, which the product does not use. */
async function hex(secret: string, text: string): Promise<string> {
  const bytes = (plain: string) => new TextEncoder().encode(plain);
  const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return Buffer.from(await crypto.subtle.sign("HMAC", key, bytes(text))).toString("hex");
}

type Sent = { secret?: string; at?: number; id?: string; body?: unknown; drop?: string; connection?: string };
type Source = "chatwoot" | "linear" | "attio";
const seconds = () => Math.floor(Clock.now().getTime() / 1_000);
const SAMPLE: Record<Source, object> = {
  chatwoot: { event: "message_created", id: 9, content: "Добрый день 👋", conversation: { id: 5 } },
  linear: { type: "Issue", action: "update", data: { id: "3c5a8d2e-issue", title: "Не грузится каталог" } },
  attio: { webhook_id: "w", events: [{ event_type: "note.created", id: { workspace_id: "w", note_id: "n-1" }, actor: {} }] },
};

/** Sends a delivery as the vendor would, or as `sent` has it otherwise. */
async function send(source: Source, connection: string, sent: Sent = {}) {
  const { secret = SECRET, at = seconds(), id = randomUUID() } = sent;
  const given = sent.body ?? SAMPLE[source];
  const timed = source === "linear" && typeof given === "object" ? { ...given, webhookTimestamp: at * 1_000 } : given;
  const body = typeof timed === "string" ? timed : JSON.stringify(timed);
  const headers = await signed(source, secret, at, id, body);
  if (sent.drop) delete headers[sent.drop];
  return call(app, "POST", `/webhooks/${source}/${sent.connection ?? connection}`, headers, body);
}

async function signed(source: Source, secret: string, at: number, id: string, body: string): Promise<Record<string, string>> {
  if (source === "linear") return { "linear-signature": await hex(secret, body), "linear-delivery": id, "linear-timestamp": "1" };
  if (source === "attio") return { "attio-signature": await hex(secret, body), "idempotency-key": id };
  const signature = `sha256=${await hex(secret, `${at}.${body}`)}`;
  return { "x-chatwoot-timestamp": String(at), "x-chatwoot-signature": signature, "x-chatwoot-delivery": id };
}

async function connect(w: World, source: Source, webhookSecret: string | undefined = SECRET): Promise<string> {
  const given = { source, name: source, baseUrl: w.sim.baseUrl, externalAccount: String(w.sim.accountId), apiToken: w.sim.tokens.admin };
  const draft = Connection.Draft.parse({ ...given, webhookSecret });
  const { accountScopeId } = w;
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "test", true));
  return id;
}

/** A world whose project is fed by a connection of the source, which signs its webhooks. */
async function receiving(source: Source): Promise<{ w: World; id: string }> {
  const w = await start(1);
  const id = await connect(w, source);
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  return { w, id };
}

const hints = () =>
  asOwner(() => sql<{ stream: string; recordRef: string }[]>`select stream, record_ref from connector_hints order by stream, record_ref`);
const deliveries = () =>
  systemSql<{ event: string; outcome: string }[]>`select event, outcome from webhook_deliveries order by received_at, event`;
const runs = () =>
  systemSql<{ status: string; trigger: string }[]>`select status, trigger from job_runs where job = 'connectors_narrow_sync'`;

const SOURCES: Source[] = ["chatwoot", "linear", "attio"];

test.each([
  ["chatwoot", "conversations", "conversation:5"],
  ["linear", "issues", "issue:3c5a8d2e-issue"],
  ["attio", "notes_sweep", "note:n-1"],
] as const)(
  "%s: a signed delivery becomes a hint and one run that a webhook asked for; its text is kept nowhere",
  async (source, stream, recordRef) => {
    const { id } = await receiving(source);
    const answered = await send(source, id);
    expect(answered).toMatchObject({ status: 200, body: { ok: true } });
    expect(await hints()).toEqual([{ stream, recordRef }]);
    expect(await runs()).toEqual([{ status: "queued", trigger: "webhook" }]);
    const [kept] = await asOwner(
      () =>
        sql<
          { all: string }[]
        >`select (select json_agg(d)::text from webhook_deliveries d) || (select json_agg(h)::text from connector_hints h) as all`,
    );
    expect(kept?.all).not.toMatch(/Добрый|каталог/);
  },
);

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

test.each(SOURCES)("%s: unknown events, what is no JSON and what names nothing are taken and ignored", async (source) => {
  const { id } = await receiving(source);
  const odd = [
    { event: "galaxy_discovered", type: "Galaxy", action: "align", events: [{ event_type: "galaxy.discovered", id: {} }] },
    { event: "message_created", conversation: { id: "5; drop table" }, type: "Issue", action: "x", data: { id: { a: 1 } }, events: "none" },
    { event: "\0", type: "\0", events: [{ event_type: "\0" }, null, 7] },
    ...(source === "linear" ? [] : ["not json", "", "[]", "null"]),
  ];
  for (const body of odd) expect((await send(source, id, { body })).status, JSON.stringify(body)).toBe(200);
  expect((await deliveries()).map((one) => one.outcome)).toEqual(odd.map(() => "ignored"));
  expect([await hints(), await runs()]).toEqual([[], []]);
});

test("a connection that feeds no living project takes its deliveries and asks for nothing", async () => {
  const { w, id } = await receiving("chatwoot");
  await systemSql`update projects set status = 'paused' where id = ${w.projects[0] ?? ""}`;
  expect((await send("chatwoot", id)).status).toBe(200);
  expect([await deliveries(), await hints(), await runs()]).toEqual([[{ event: "message_created", outcome: "ignored" }], [], []]);
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

test("each kind of event names the record that is read again", async () => {
  const { id } = await receiving("linear");
  const linear = (type: string, data: object) => send("linear", id, { body: { type, action: "create", data } });
  await linear("Comment", { id: "c", issueId: "i-1" });
  await linear("Comment", { id: "c", issue: { id: "i-2" } });
  await linear("Reaction", { id: "r", issueId: "i-1" });
  await linear("Attachment", { id: "a", issueId: "i-3" });
  await linear("Project", { id: "p-1" });
  await linear("ProjectUpdate", { id: "u", projectId: "p-2" });
  await linear("Document", { id: "d-1" });
  await linear("Comment", { id: "c-9", documentContentId: "dc" });
  await linear("Cycle", { id: "cy-1" });
  await linear("User", { id: "u-1" });
  await linear("IssueLabel", { id: "x" });
  const refs = [
    "comment:c-9",
    "cycle:cy-1",
    "document:d-1",
    "issue:i-1",
    "issue:i-2",
    "issue:i-3",
    "project:p-1",
    "project:p-2",
    "user:u-1",
  ];
  expect((await hints()).map((hint) => hint.recordRef).toSorted()).toEqual(refs);
  // Errors of what is read again belong to the stream that would have read it.
  const streams = [...new Set((await hints()).map((hint) => hint.stream))];
  expect(connectorOf("linear").cycle.map((stream) => stream.name)).toEqual(expect.arrayContaining(streams));
});

test("Attio's events hold ids only: a record of a known object is asked for as what it is, one of an unknown object as what it may be", async () => {
  const { w, id } = await receiving("attio");
  const record = (event_type: string, object_id: string, record_id: string, more = {}) => ({
    event_type,
    id: { workspace_id: "w", object_id, record_id },
    ...more,
  });
  const post = (...events: object[]) => send("attio", id, { body: { webhook_id: "w", events } });
  await post(record("record.created", "o-1", "r-1"));
  expect((await hints()).map((hint) => hint.recordRef)).toEqual(["company:r-1", "deal:r-1", "person:r-1"]);
  await asOwner(async () => {
    await sql`truncate connector_hints`;
    await sql`
      insert into connector_sync_state (connection_id, account_scope_id, stream, cursor, updated_at)
      values (${id}, ${w.accountScopeId}, 'workspace', '{"object:o-1": "people", "object:o-2": "deals", "object:o-3": "users"}', now())`;
  });
  await post(
    record("record.updated", "o-1", "r-1", { attribute_id: "a" }),
    record("record.updated", "o-1", "r-1"),
    record("record.merged", "o-2", "r-2", { duplicate_object_id: "o-2", duplicate_record_id: "r-3" }),
    record("record.deleted", "o-3", "r-4"),
    { event_type: "task.updated", id: { task_id: "t-1" } },
    { event_type: "note-content.updated", id: { note_id: "n-1" } },
    { event_type: "list-entry.created", id: { list_id: "l", entry_id: "e" }, parent_object_id: "o-2", parent_record_id: "r-5" },
  );
  const streams = [...new Set((await hints()).map((hint) => hint.stream))];
  expect(connectorOf("attio").cycle.map((stream) => stream.name)).toEqual(expect.arrayContaining(streams));
  const refs = ["deal:r-2", "deal:r-3", "deal:r-5", "entry:l:e", "note:n-1", "person:r-1", "task:t-1"];
  expect((await hints()).map((hint) => hint.recordRef).toSorted()).toEqual(refs);
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

test("deliveries out of order end with what the source holds", async () => {
  const w = await start(1);
  const id = await connect(w, "chatwoot");
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  const row = talk(w, 3);
  const body = { event: "conversation_updated", id: row.id, status: "a lie" };
  const late = { event: "message_created", id: 1, content: "a lie too", conversation: { id: row.id } };
  const gone = { event: "conversation_created", id: 404_404 };
  for (const one of [late, body, gone]) await send("chatwoot", id, { body: one });
  await w.work();
  const stored = await transaction(w.scope(0), () => sql`select content from cw_messages order by message_id`);
  expect(stored).toEqual(row.messages.map((message) => ({ content: message.content })));
  expect([await hints(), (await runs()).map((run) => run.status)]).toEqual([[], ["ok"]]);
});

test("a storm of a thousand deliveries is answered in time and makes few runs", async () => {
  const w = await start(1);
  const id = await connect(w, "chatwoot");
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  const rows = Array.from({ length: 10 }, () => talk(w, 2));
  const times: number[] = [];
  let next = 0;
  let done = false;
  const lane = async () => {
    for (let n = next++; n < 1_000; n = next++) {
      const began = performance.now();
      expect(
        (await send("chatwoot", id, { body: { event: "message_created", id: n, conversation: { id: rows[n % 10]?.id } } })).status,
      ).toBe(200);
      times.push(performance.now() - began);
    }
  };
  const working = (async () => {
    while (!done) {
      await w.work();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await w.work();
  })();
  await Promise.all(Array.from({ length: 8 }, lane));
  done = true;
  await working;
  const median = times.toSorted((a, b) => a - b)[500] ?? Number.NaN;
  const made = await runs();
  process.stdout.write(`1,000 deliveries: median ${median.toFixed(0)} ms, ${made.length} runs\n`);
  expect(median).toBeLessThan(200);
  expect(made.length).toBeLessThan(50);
  expect(made.every((run) => run.status === "ok")).toBe(true);
  expect(await hints()).toEqual([]);
}, 60_000);

test("how fresh a delivery is goes by the product's clock", async () => {
  const { id } = await receiving("chatwoot");
  const at = seconds();
  pass(290);
  expect((await send("chatwoot", id, { at })).status).toBe(200);
  pass(20);
  expect((await send("chatwoot", id, { at })).status).toBe(401);
});
