import { describe, expect, test } from "vitest";
import * as People from "#test/simulators/chatwoot/people.ts";
import { type Options, simulated, startChatwoot } from "#test/simulators/chatwoot/server.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { sign } from "#test/simulators/chatwoot/webhooks.ts";
import { arm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import { faulty } from "#test/simulators/log.ts";
import { specs } from "#test/simulators/spec.ts";

type Rows = { data: { payload: { id: number; status: unknown }[] } };
const NOW = new Date("2026-03-10T12:00:00Z");
const headers = { api_access_token: "sim-admin-token", "content-type": "application/json" };

function account(fault?: Fault, options: Options = {}) {
  const sim = simulated({ size: "empty", now: () => NOW, pageSize: 2, ...options });
  const { store } = sim.world;
  const contact = People.createContact(store, { name: "Dana", email: "dana@client.example" });
  for (let n = 0; n < 6; n++) {
    const { id } = Verbs.createConversation(store, { inboxId: 1, contactId: contact.id, createdAt: NOW.getTime() / 1_000 + n });
    Verbs.addMessage(store, { conversationId: id, content: `message in ${id}` });
  }
  if (fault) arm(sim.world.faults, fault);
  const page = async (n = 1) =>
    sim.app.request(`/api/v1/accounts/1/conversations?status=all&sort_by=created_at_asc&page=${n}`, { headers });
  const ids = async (n: number) => ((await (await page(n)).json()) as Rows).data.payload.map((row) => row.id);
  return { ...sim, store, page, ids };
}

describe("faults", () => {
  test("429 comes bare, with seconds, or with a date, and strikes the calls it names", async () => {
    const { page, world } = account({ kind: "status", status: 429, nth: 2, times: 1, route: "GET conversations" });
    const answers = [await page(), await page(), await page()];
    expect(answers.map((one) => one.status)).toEqual([200, 429, 200]);
    expect([answers[1]?.headers.get("content-type"), answers[1]?.headers.get("retry-after"), await answers[1]?.text()]).toEqual([
      "text/plain",
      null,
      "Retry later\n",
    ]);
    arm(world.faults, { kind: "status", status: 429, retryAfter: 90 });
    expect((await page()).headers.get("retry-after")).toBe("90");
    arm(world.faults, { kind: "status", status: 503, retryAfter: "date", seconds: 120, html: true });
    const dated = await page();
    expect([dated.headers.get("retry-after"), dated.headers.get("content-type")]).toEqual(["Tue, 10 Mar 2026 12:02:00 GMT", "text/html"]);
  });

  test("one stream is forbidden for ever while the others answer", async () => {
    const { page, app } = account({ kind: "status", status: 403, route: "GET contacts*", times: 0 });
    for (let n = 0; n < 3; n++) expect((await app.request("/api/v1/accounts/1/contacts", { headers })).status).toBe(403);
    expect((await page()).status).toBe(200);
  });

  test("probability is drawn from the seed, so a schedule repeats", async () => {
    const run = async () => {
      const { page } = account({ kind: "status", status: 500, times: 0, probability: 0.4, seed: 7 });
      const found = [];
      for (let n = 0; n < 30; n++) found.push((await page()).status);
      return found;
    };
    const first = await run();
    expect(first).toEqual(await run());
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  test("truncated JSON, a byte order mark and a wrong content type come with 200", async () => {
    const { page, world } = account({ kind: "truncate" });
    const cut = await page();
    expect(cut.status).toBe(200);
    await expect(cut.json()).rejects.toThrow();
    arm(world.faults, { kind: "bom" });
    const marked = new Uint8Array(await (await page()).arrayBuffer());
    expect([...marked.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    arm(world.faults, { kind: "contentType", body: "<html>maintenance</html>" });
    expect((await page()).headers.get("content-type")).toBe("text/html");
  });

  test("a row appears on two pages; a page is empty although more follow", async () => {
    const { ids, world } = account({ kind: "duplicate", nth: 2 });
    expect([await ids(1), await ids(2), await ids(3)]).toEqual([
      [1, 2],
      [2, 3, 4, 3],
      [5, 6],
    ]);
    arm(world.faults, { kind: "emptyPage", nth: 2 });
    expect([await ids(1), await ids(2), await ids(3)]).toEqual([[1, 2], [], [5, 6]]);
  });

  test("a change between two pages moves a row past the reader", async () => {
    const { ids, world, store } = account();
    arm(world.faults, { kind: "hook", nth: 2, run: () => Verbs.deleteConversation(store, { id: 1 }) });
    expect([await ids(1), await ids(2)]).toEqual([
      [1, 2],
      [4, 5],
    ]);
  });

  test("one record is damaged: wrong type, missing key, a new enum value, odd text", async () => {
    const { page, world } = account();
    arm(world.faults, { kind: "patch", row: 0, key: "created_at", value: "not a time" });
    arm(world.faults, { kind: "patch", row: 1, key: "id", remove: true });
    arm(world.faults, { kind: "patch", row: 1, key: "status", value: "frozen" });
    arm(world.faults, { kind: "patch", row: 0, key: "uuid", value: ODD_TEXTS.loneSurrogate });
    const [first, second] = ((await (await page()).json()) as { data: { payload: Record<string, unknown>[] } }).data.payload;
    expect(first).toMatchObject({ created_at: "not a time", uuid: "half \ud83d of a pair" });
    expect(second).toMatchObject({ status: "frozen" });
    expect(second).not.toHaveProperty("id");
    expect(faulty(world.log)).toEqual([]);
  });

  test("over a socket: a reset in the body, and a hang that ends with the client", async () => {
    const sim = await startChatwoot({ size: "empty", now: () => NOW });
    const url = `${sim.baseUrl}/api/v1/accounts/1/inboxes`;
    arm(sim.faults, { kind: "reset" });
    await expect(fetch(url, { headers }).then((one) => one.text())).rejects.toThrow();
    arm(sim.faults, { kind: "hang" });
    await expect(fetch(url, { headers, signal: AbortSignal.timeout(100) })).rejects.toThrow();
    arm(sim.faults, { kind: "drip", chunk: 200, everyMs: 1 });
    expect(await fetch(url, { headers }).then((one) => one.json())).toHaveProperty("payload");
    await sim.close();
  });

  test("the rate limit answers by the minute, and can be off", async () => {
    const { page } = account(undefined, { rateLimit: 3 });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await page()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});

describe("the control plane", () => {
  test("arms faults, changes the account, moves the clock, tells the log, starts over", async () => {
    const { control, page, store } = account(undefined, { now: NOW });
    const post = async (path: string, body: unknown = {}) => {
      const answer = await control.request(`/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
      return [answer.status, await answer.json()] as const;
    };
    expect(await post("fault", { kind: "status", status: 502, html: true })).toEqual([200, { armed: 1 }]);
    expect((await page()).status).toBe(502);
    expect((await post("fault", { kind: "nonsense" }))[0]).toBe(400);
    await post("clock", { now: "2026-04-01T00:00:00Z", speed: 0 });
    expect(await post("mutate", { verb: "addMessage", args: { conversationId: 1, content: "from outside" } })).toMatchObject([
      200,
      { results: [{ content: "from outside", created_at: Date.parse("2026-04-01") / 1_000 }] },
    ]);
    expect(Store.conversation(store, 1).messages).toHaveLength(2);
    const log = (await (await control.request("/_sim/log")).json()) as { total: number; entries: { fault: string }[] };
    expect([log.total, log.entries[0]?.fault]).toEqual([1, "status"]);
    expect((await post("reset"))[1]).toMatchObject({ conversations: 0, inboxes: 1 });
  });
});

describe.skipIf(specs() === undefined)("held against the vendor's description", () => {
  test("a bad request is answered as the vendor would, and noted", async () => {
    const { app, world } = account();
    const verdict = async (path: string, init: RequestInit = {}) => {
      const { status } = await app.request(`/api/v1/accounts/1/${path}`, { headers, ...init });
      return [status, world.log.entries.at(-1)?.verdict];
    };
    expect(await verdict("conversations?page=two")).toEqual([200, "invalid"]);
    expect(await verdict("conversations?status=closed")).toEqual([200, "invalid"]);
    expect(await verdict("contacts?sort=updated_at")).toEqual([200, "invalid"]);
    expect(await verdict("contacts/list")).toEqual([404, "invalid"]);
    expect(await verdict("tickets")).toEqual([404, "invalid"]);
    expect(
      await verdict("conversations/filter", {
        method: "POST",
        body: JSON.stringify({ payload: [{ attribute_key: "status", filter_operator: "is", values: ["open"] }] }),
      }),
    ).toEqual([422, "invalid"]);
    expect(await verdict("contacts?sort=-created_at&include_contact_inboxes=false")).toEqual([200, "ok"]);
    expect(await verdict("conversations?order_by=desc")).toEqual([200, "unknown-param"]);
  });

  test("an answer that the vendor would not give becomes a 500", async () => {
    const { page, world, store } = account();
    Object.assign(Store.conversation(store, 1), { json: undefined, status: "archived" });
    const answer = await page();
    expect([answer.status, world.log.entries.at(-1)?.verdict]).toEqual([500, "sim-drift"]);
    expect(world.log.entries.at(-1)?.problems.join()).toContain("status");
  });
});

test("webhooks are signed and sent once, with words for types and no activity", async () => {
  const { app, store } = account();
  const got: { headers: Headers; body: string }[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (_url, init) => {
    got.push({ headers: new Headers(init?.headers), body: String(init?.body) });
    return new Response(null, { status: 500 });
  };
  try {
    const made = await app.request("/api/v1/accounts/1/webhooks", {
      method: "POST",
      headers,
      body: JSON.stringify({ url: "https://hook.example/x", subscriptions: ["message_created", "conversation_status_changed"] }),
    });
    const { secret } = ((await made.json()) as { payload: { webhook: { secret: string } } }).payload.webhook;
    Verbs.addMessage(store, { conversationId: 1, content: "hello" });
    Verbs.setStatus(store, { id: 1, status: "resolved" });
    expect(got.map((one) => (JSON.parse(one.body) as { event: string }).event)).toEqual(["message_created", "conversation_status_changed"]);
    const [first] = got;
    expect(JSON.parse(first?.body ?? "")).toMatchObject({
      message_type: "incoming",
      created_at: NOW.toISOString(),
      conversation: { id: 1 },
    });
    expect(first?.headers.get("x-chatwoot-signature")).toBe(
      sign(secret, first?.headers.get("x-chatwoot-timestamp") ?? "", first?.body ?? ""),
    );
    expect(first?.headers.get("x-chatwoot-delivery")).toMatch(/^[0-9a-f-]{36}$/);
  } finally {
    globalThis.fetch = original;
  }
});
