import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { EVENTS } from "#test/simulators/attio/behaviour.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { simulated } from "#test/simulators/attio/server.ts";
import { addWebhook } from "#test/simulators/attio/studio.ts";
import { sign } from "#test/simulators/attio/webhooks.ts";
import * as Postman from "#test/simulators/postman.ts";

type Event = { event_type: string; id: Record<string, string>; actor: unknown; [key: string]: unknown };
type Got = { headers: Record<string, unknown>; raw: string; webhookId: string; event: Event };
const NOW = new Date("2026-03-10T12:00:00Z");
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A receiver on a port of its own, and a workspace that sends it everything. Answers come from `statuses`, then 200. */
async function listening(statuses: number[] = []) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const raw = Buffer.concat(parts).toString();
      const { webhook_id, events } = JSON.parse(raw) as { webhook_id: string; events: [Event] };
      got.push({ headers: request.headers, raw, webhookId: webhook_id, event: events[0] });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const sim = simulated({ size: "empty", now: () => NOW });
  const { store, postman } = sim.world;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const webhook = addWebhook(store, { url, subscriptions: EVENTS.map((event_type) => ({ event_type, filter: null })) });
  const types = async () => {
    await Postman.settled(postman);
    return got.map((one) => one.event.event_type);
  };
  return { ...sim, store, postman, webhook, got, types };
}

describe("webhooks", () => {
  test("carry ids and an actor, never a value, and are signed over the raw body", async () => {
    const { store, webhook, got, types } = await listening();
    const { id } = Sample.deal(store, "Secret deal", { value: 5 });
    expect(await types()).toEqual(["record.created"]);
    const [first] = got;
    const deals = store.objects.get("deals");
    expect(JSON.parse(first?.raw ?? "")).toEqual({
      webhook_id: webhook.id,
      events: [
        {
          event_type: "record.created",
          id: { workspace_id: store.workspaceId, object_id: deals?.id, record_id: id },
          actor: { type: "api-token", id: expect.any(String) },
        },
      ],
    });
    expect(first?.headers["attio-signature"]).toBe(sign(webhook.secret, first?.raw ?? ""));
    expect(first?.headers["x-attio-signature"]).toBe(first?.headers["attio-signature"]);
    expect(first?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("tell of each changed attribute, of merges, notes, tasks and deletions", async () => {
    const { store, got, types } = await listening();
    const [a, b] = [Sample.company(store, "A"), Sample.company(store, "B")];
    await types();
    got.length = 0;
    Records.editRecord(store, { object: "companies", id: a.id, values: { name: ["A2"], description: ["new"] } });
    Records.editRecord(store, { object: "companies", id: a.id, values: { name: ["A2"] } });
    const note = Papers.addNote(store, { object: "companies", recordId: a.id, title: "t", content: "c" });
    Papers.editNote(store, { id: note.id, content: "d" });
    const task = Papers.addTask(store, { content: "call" });
    Papers.completeTask(store, { id: task.id });
    Records.mergeRecords(store, { object: "companies", into: a.id, from: b.id });
    Records.deleteRecord(store, { object: "companies", id: a.id });
    expect((await types()).toSorted()).toEqual(
      [
        ...["record.updated", "record.updated", "note.created", "note-content.updated", "task.created", "task.updated"],
        ...["record.merged", "record.deleted"],
      ].toSorted(),
    );
    const of = (type: string) => got.filter((one) => one.event.event_type === type).map((one) => one.event);
    const slugs = of("record.updated").map(
      (one) => store.objects.get("companies")?.attributes.find(({ id }) => id === one.id.attribute_id)?.slug,
    );
    expect(slugs.toSorted()).toEqual(["description", "name"]);
    expect(of("record.merged")[0]).toMatchObject({ id: { record_id: a.id }, duplicate_record_id: b.id });
    expect(of("note.created")[0]).toMatchObject({ id: { note_id: note.id }, parent_record_id: a.id });
  });

  test("go only to those who asked for them", async () => {
    const { store, webhook, types } = await listening();
    const people = store.objects.get("people")?.id ?? "";
    webhook.subscriptions = [
      { event_type: "record.created", filter: { $and: [{ field: "id.object_id", operator: "equals", value: people }] } },
      { event_type: "record.deleted", filter: { $or: [{ field: "id.object_id", operator: "not_equals", value: people }] } },
    ];
    const acme = Sample.company(store, "Acme");
    Sample.person(store, "Ada L", "ada@acme.example");
    Papers.addTask(store, { content: "call" });
    Records.deleteRecord(store, { object: "companies", id: acme.id });
    expect((await types()).toSorted()).toEqual(["record.created", "record.deleted"]);
  });

  test("come again after an answer other than 2xx, with the same key, and are given up at last", async () => {
    const { store, got, postman, types } = await listening([500, 302, 200, 500, 500, 500, 500]);
    Sample.company(store, "Acme");
    expect(await types()).toHaveLength(3);
    expect(new Set(got.map((one) => one.headers["idempotency-key"])).size).toBe(1);
    Sample.company(store, "Never heard of");
    expect(await types()).toHaveLength(7);
    expect(postman.delivered).toBe(1);
  });

  test("the secret is shown once, and the list of webhooks hides it", async () => {
    const { app, world } = simulated({ size: "empty", now: () => NOW });
    const headers = { authorization: `Bearer ${world.tokens.full}`, "content-type": "application/json" };
    const body = JSON.stringify({
      data: { target_url: "https://hook.example/x", subscriptions: [{ event_type: "task.created", filter: null }] },
    });
    const made = (await (await app.request("/v2/webhooks", { method: "POST", headers, body })).json()) as { data: { secret?: string } };
    expect(made.data.secret).toMatch(/^[0-9a-f]{32}$/);
    const listed = (await (await app.request("/v2/webhooks", { headers })).json()) as { data: Record<string, unknown>[] };
    expect([listed.data.length, listed.data.some((one) => "secret" in one)]).toEqual([1, false]);
  });
});

describe("what goes wrong with them", () => {
  const troubled = async (trouble: Postman.Trouble) => {
    const made = await listening();
    const answer = await made.control.request("/_sim/webhook-fault", { method: "POST", body: JSON.stringify(trouble) });
    expect(await answer.json()).toEqual({ armed: 1 });
    return made;
  };

  test("one comes twice, under one key", async () => {
    const { store, got, types } = await troubled({ kind: "duplicate" });
    Sample.company(store, "Acme");
    expect(await types()).toEqual(["record.created", "record.created"]);
    expect(got[0]?.headers["idempotency-key"]).toBe(got[1]?.headers["idempotency-key"]);
  });

  test("one comes after the next, or late", async () => {
    const { store, types } = await troubled({ kind: "reorder" });
    const { id } = Sample.company(store, "Acme");
    Records.deleteRecord(store, { object: "companies", id });
    expect(await types()).toEqual(["record.deleted", "record.created"]);
    const late = await troubled({ kind: "delay", ms: 200 });
    const { id: other } = Sample.company(late.store, "Acme");
    Records.deleteRecord(late.store, { object: "companies", id: other });
    expect(await late.types()).toEqual(["record.deleted", "record.created"]);
  });

  test("one is never sent", async () => {
    const { store, types } = await troubled({ kind: "drop", nth: 2 });
    for (const name of ["A", "B", "C"]) Sample.company(store, name);
    expect(await types()).toHaveLength(2);
  });

  test("one has a wrong signature, an unknown event, or five megabytes", async () => {
    const { store, postman, webhook, got, types } = await troubled({ kind: "badSignature" });
    Sample.company(store, "A");
    await types();
    expect(got[0]?.headers["attio-signature"]).toMatch(/^[0-9a-f]{64}$/);
    expect(got[0]?.headers["attio-signature"]).not.toBe(sign(webhook.secret, got[0]?.raw ?? ""));
    Postman.arm(postman, { kind: "unknownEvent" });
    Sample.company(store, "B");
    expect((await types()).at(-1)).toBe("galaxy.discovered");
    Postman.arm(postman, { kind: "huge", bytes: 5_500_000 });
    Sample.company(store, "C");
    await types();
    expect(got.at(-1)?.raw.length).toBeGreaterThan(5_500_000);
    expect(got.at(-1)?.headers["attio-signature"]).toBe(sign(webhook.secret, got.at(-1)?.raw ?? ""));
  });
});
