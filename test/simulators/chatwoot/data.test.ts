import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SIZES } from "#test/simulators/chatwoot/data.ts";
import { simulated } from "#test/simulators/chatwoot/server.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import { faulty } from "#test/simulators/log.ts";
import { specs } from "#test/simulators/spec.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const headers = { api_access_token: "sim-admin-token" };

describe("the demo's data", () => {
  const digest = (seed: number) => {
    const { conversations, contacts } = simulated({ size: "small", seed, now: () => NOW }).world.store;
    return createHash("sha256")
      .update(JSON.stringify([[...conversations.values()], [...contacts.values()]]))
      .digest("hex");
  };
  test("is the same for the same seed, to the byte", () => {
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });

  test("comes back the same after a reset, and after a restart at another time", async () => {
    const first = simulated({ seed: 1, now: NOW, validate: false });
    const before = JSON.stringify([...first.world.store.messages.keys(), ...first.world.store.conversations.values()]);
    first.clock.set(new Date("2026-08-01T00:00:00Z"));
    await first.control.request("/_sim/reset", { method: "POST" });
    expect(JSON.stringify([...first.world.store.messages.keys(), ...first.world.store.conversations.values()])).toBe(before);
    const { store } = simulated({ seed: 1, now: new Date("2026-08-01T00:00:00Z"), filledAt: NOW, validate: false }).world;
    expect(store.now()).toBeGreaterThan(NOW.getTime() / 1_000 + 86_400);
    expect([...store.messages.values()].at(-1)?.created_at).toBeCloseTo(
      [...first.world.store.messages.values()].at(-1)?.created_at ?? 0,
      0,
    );
  });

  test("has the promised size, ends before now, and holds one of everything", () => {
    for (const size of ["small", "large"] as const) {
      const { store } = simulated({ size, seed: 1, now: () => NOW }).world;
      const messages = [...store.messages.values()];
      expect(Store.counts(store)).toMatchObject({ conversations: SIZES[size].conversations, messages: SIZES[size].messages, inboxes: 4 });
      expect(Math.max(...messages.map((one) => one.created_at))).toBeLessThan(NOW.getTime() / 1_000);
      expect(messages.every((one, n) => n === 0 || one.created_at >= (messages[n - 1]?.created_at ?? 0))).toBe(true);
      expect(new Set([...store.conversations.values()].map((one) => one.status))).toEqual(
        new Set(["open", "resolved", "pending", "snoozed"]),
      );
      expect(new Set(messages.map((one) => one.message_type))).toEqual(new Set([0, 1, 2, 3]));
      const some = (wanted: (one: (typeof messages)[number]) => boolean) => messages.some(wanted);
      expect([
        some((one) => one.private),
        some((one) => one.content === null && one.attachments.length > 0),
        some((one) => "email" in one.content_attributes),
        some((one) => /[а-я]/.test(one.content ?? "")),
        some((one) => (one.content ?? "").includes("\u200d")),
        some((one) => (one.content ?? "").length > 1_000),
      ]).not.toContain(false);
    }
  });

  test.skipIf(specs() === undefined)("every row of the demo passes", async () => {
    const { app, world } = simulated({ size: "small", seed: 3, rateLimit: false });
    for (let page = 1; page <= 9; page++) await app.request(`/api/v1/accounts/1/conversations?status=all&page=${page}`, { headers });
    for (const id of world.store.conversations.keys())
      await app.request(`/api/v1/accounts/1/conversations/${id}/messages?after=0&before=99999`, { headers });
    for (const list of [
      "contacts?sort=name",
      "contacts?sort=name&page=3",
      "inboxes",
      "labels",
      "agents",
      "teams",
      "custom_attribute_definitions",
      "webhooks",
    ])
      expect((await app.request(`/api/v1/accounts/1/${list}`, { headers })).status).toBe(200);
    expect(faulty(world.log)).toEqual([]);
    expect(world.log.total).toBe(217);
  });
});
