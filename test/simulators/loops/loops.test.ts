import { afterEach, describe, expect, test } from "vitest";
import { arm } from "#test/simulators/faults.ts";
import { faulty } from "#test/simulators/log.ts";
import { SIZES } from "#test/simulators/loops/data.ts";
import { type Options, type Simulated, simulated } from "#test/simulators/loops/server.ts";
import * as Store from "#test/simulators/loops/store.ts";
import { specs } from "#test/simulators/spec.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const open: Simulated[] = [];
afterEach(() => {
  for (const sim of open.splice(0)) expect(faulty(sim.world.gate.log)).toEqual([]);
});

function audience(options: Options = {}) {
  const sim = simulated({ size: "empty", now: NOW, rateLimit: false, ...options });
  sim.clock.set(NOW, 0);
  open.push(sim);
  const { store, tokens, gate } = sim.world;
  const send = async (method: string, path: string, body?: unknown, key = tokens.key) => {
    const answer = await sim.app.request(`/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text ? JSON.parse(text) : undefined) as never, headers: answer.headers };
  };
  const ok = async <T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await send(method, path, body);
    expect([answer.status, answer.status === 200 ? "" : answer.body], path).toEqual([200, ""]);
    return answer.body;
  };
  /** A refusal that is meant: it must not fail the test as a wrong request. */
  const refused = async (method: string, path: string, body?: unknown) => {
    const { status, body: said } = await send(method, path, body);
    gate.log.entries.length = 0;
    expect(said).toMatchObject({ success: false, message: expect.any(String) });
    return status;
  };
  const lists = [...store.lists.keys()] as [string, string];
  return { ...sim, store, gate, send, ok, refused, lists };
}

describe("contacts", () => {
  test("are created once: the same address or user id is a conflict", async () => {
    const { ok, refused, lists } = audience();
    const made = await ok("POST", "contacts/create", {
      email: "Dana@Client.example",
      firstName: "Dana",
      userId: "u1",
      healthScore: 72,
      isClient: true,
      renewalDate: 1_800_000_000_000,
      mailingLists: { [lists[0]]: true },
    });
    expect(made).toEqual({ success: true, id: expect.stringMatching(/^cm[0-9a-f]{23}$/) });
    expect(await refused("POST", "contacts/create", { email: "dana@client.example" })).toBe(409);
    expect(await refused("POST", "contacts/create", { email: "other@client.example", userId: "u1" })).toBe(409);
    expect(await ok("GET", "contacts/find?email=dana%40client.example")).toEqual([
      {
        id: made.id,
        email: "dana@client.example",
        firstName: "Dana",
        lastName: null,
        source: "API",
        subscribed: true,
        userGroup: "",
        userId: "u1",
        mailingLists: { [lists[0]]: true },
        optInStatus: null,
        healthScore: 72,
        isClient: true,
        renewalDate: 1_800_000_000_000,
      },
    ]);
    expect(await ok("GET", "contacts/find?userId=nobody")).toEqual([]);
  });

  test("are updated or made by address or user id, and get a new address by their user id", async () => {
    const { ok, refused, store, lists } = audience();
    const put = (body: unknown) => ok("PUT", "contacts/update", body);
    const { id } = await put({ email: "dana@client.example", userId: "u1", company: "Client" });
    expect((await put({ userId: "u1", email: "dana@new.example", mailingLists: { [lists[1]]: true } })).id).toBe(id);
    expect((await put({ email: "dana@new.example", healthScore: 5, mailingLists: { [lists[1]]: false } })).id).toBe(id);
    expect(store.contacts.get(String(id))).toMatchObject({
      email: "dana@new.example",
      custom: { company: "Client", healthScore: 5 },
      mailingLists: {},
    });
    await put({ email: "other@client.example" });
    expect(await refused("PUT", "contacts/update", { userId: "u1", email: "other@client.example" })).toBe(400);
    expect(await refused("PUT", "contacts/update", { userId: "u9" })).toBe(400);
    expect(store.contacts.size).toBe(2);
  });

  test("take no address that is none, no unknown property, nothing but scalars", async () => {
    const { refused, ok, store } = audience();
    const create = (more: unknown) => refused("POST", "contacts/create", { email: "dana@client.example", ...(more as object) });
    expect(await create({ email: "dana" })).toBe(400);
    expect(await create({ email: undefined })).toBe(400);
    expect(await create({ favouriteColour: "blue" })).toBe(400);
    expect(await create({ healthScore: "high" })).toBe(400);
    expect(await create({ company: null })).toBe(400);
    expect(await create({ company: ["a"] })).toBe(400);
    expect(await create({ mailingLists: { nowhere: true } })).toBe(400);
    expect(await refused("PUT", "contacts/update", { firstName: "Dana" })).toBe(400);
    expect(store.contacts.size).toBe(0);
    expect(await ok("POST", "contacts/properties", { name: "favouriteColour", type: "string" })).toEqual({ success: true });
    await ok("POST", "contacts/create", { email: "dana@client.example", favouriteColour: "blue" });
  });

  test("an update that leaves `subscribed` out leaves an unsubscribed one alone; one that says it does not", async () => {
    const { ok, control, store } = audience();
    const { id } = await ok("POST", "contacts/create", { email: "dana@client.example" });
    const mutate = JSON.stringify({ verb: "unsubscribe", args: { email: "dana@client.example" } });
    await control.request("/_sim/mutate", { method: "POST", body: mutate });
    await ok("PUT", "contacts/update", { email: "dana@client.example", firstName: "Dana" });
    expect(store.contacts.get(String(id))?.subscribed).toBe(false);
    await ok("PUT", "contacts/update", { email: "dana@client.example", subscribed: true });
    expect(store.contacts.get(String(id))?.subscribed).toBe(true);
  });

  test("are deleted by one of both, and then are not found", async () => {
    const { ok, refused } = audience();
    await ok("POST", "contacts/create", { email: "dana@client.example", userId: "u1" });
    expect(await refused("POST", "contacts/delete", { email: "dana@client.example", userId: "u1" })).toBe(400);
    expect(await ok("POST", "contacts/delete", { userId: "u1" })).toMatchObject({ success: true });
    expect(await refused("POST", "contacts/delete", { userId: "u1" })).toBe(404);
    expect(await refused("GET", "contacts/find?email=a@b.example&userId=u1")).toBe(400);
    expect(await refused("GET", "contacts/find")).toBe(400);
  });

  test("are suppressed by a hard bounce or a complaint, which can be lifted a number of times in thirty days", async () => {
    const { ok, refused, store, control } = audience();
    await ok("POST", "contacts/create", { email: "dana@client.example" });
    const path = "contacts/suppression?email=dana@client.example";
    expect(await refused("DELETE", path)).toBe(400);
    for (const verb of ["hardBounce", "reportSpam"]) {
      await control.request("/_sim/mutate", { method: "POST", body: JSON.stringify({ verb, args: { email: "dana@client.example" } }) });
      expect(await ok("GET", path)).toMatchObject({ isSuppressed: true, contact: { email: "dana@client.example" } });
      await ok("DELETE", path);
    }
    expect(await ok("GET", path)).toMatchObject({ isSuppressed: false, removalQuota: { limit: 100, remaining: 98 } });
    expect([...store.contacts.values()][0]?.subscribed).toBe(false);
    expect(await refused("GET", "contacts/suppression?userId=nobody")).toBe(404);
  });

  test("properties are told apart: all, and the team's own", async () => {
    const { ok, refused } = audience();
    expect(await ok<unknown[]>("GET", "contacts/properties")).toHaveLength(13);
    expect(await ok<unknown[]>("GET", "contacts/properties?list=custom")).toMatchObject([
      { key: "company", label: "Company", type: "string" },
      {},
      {},
      {},
    ]);
    expect(await refused("POST", "contacts/properties", { name: "company", type: "string" })).toBe(400);
    expect(await refused("POST", "contacts/properties", { name: "email", type: "string" })).toBe(400);
    expect(await refused("POST", "contacts/properties", { name: "tags", type: "array" })).toBe(400);
    expect(await ok<unknown[]>("GET", "lists")).toMatchObject([{ name: "Newsletter", isPublic: true }, { isPublic: false }]);
  });
});

describe("the door", () => {
  test("a wrong method is 405, a wrong path 404, a wrong key 401", async () => {
    const { refused, send, ok } = audience();
    expect(await refused("POST", "contacts/update", { email: "a@b.example" })).toBe(405);
    expect(await refused("GET", "contacts/create")).toBe(405);
    expect(await refused("GET", "people")).toBe(404);
    expect(await send("GET", "api-key", undefined, "wrong")).toMatchObject({ status: 401, body: { success: false } });
    expect(await ok("GET", "api-key")).toEqual({ success: true, teamName: "Foxglove Studio" });
  });

  test("lets ten requests a second through and says how many are left, never when to come back", async () => {
    const { send, clock } = audience({ rateLimit: 10 });
    const statuses = [];
    for (let n = 0; n < 12; n++) statuses.push((await send("GET", "lists")).status);
    expect(statuses.indexOf(429)).toBe(10);
    const { headers } = await send("GET", "lists");
    expect([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining"), headers.get("retry-after")]).toEqual(["10", "0", null]);
    clock.set(new Date(NOW.getTime() + 500), 0);
    expect((await send("GET", "lists")).headers.get("x-ratelimit-remaining")).toBe("4");
  });

  test("faults strike here as they do elsewhere", async () => {
    const { send, world } = audience({ size: "small" });
    arm(world.gate.faults, { kind: "status", status: 503, html: true });
    arm(world.gate.faults, { kind: "patch", row: 0, key: "email", value: null, route: "GET contacts/find" });
    const raw = await send("GET", "lists").catch((error: unknown) => error);
    expect(raw).toBeInstanceOf(SyntaxError);
    expect((await send("GET", "contacts/find?email=hannah@oakline.example")).body).toMatchObject([{ email: null, firstName: "Hannah" }]);
  });
});

describe("the demo's data", () => {
  test("is the same for the same seed, and has the clients' people in it", () => {
    const held = (seed: number) => JSON.stringify([...simulated({ seed, validate: false }).world.store.contacts.values()]);
    expect(held(1)).toBe(held(1));
    expect(held(1)).not.toBe(held(2));
    const { store } = simulated({ size: "large", validate: false }).world;
    expect(Store.counts(store)).toMatchObject({ contacts: SIZES.large, lists: 2, properties: 4 });
    expect(Store.counts(store).subscribed).toBeLessThan(950);
    expect(Store.find(store, { email: "olga@sevchai.example" })).toMatchObject({ userGroup: "client", custom: { isClient: true } });
  });
});

describe.skipIf(specs() === undefined)("held against the vendor's description", () => {
  test("what is not in it is noted, and what we do not have is loud", async () => {
    const { send, world } = audience();
    const verdict = async (method: string, path: string, body?: unknown) => {
      const { status } = await send(method, path, body);
      return [status, world.gate.log.entries.pop()?.verdict];
    };
    expect(await verdict("POST", "contacts/update", {})).toEqual([405, "invalid"]);
    expect(await verdict("POST", "contacts/create", { email: "a@b.example", company: { name: "x" } })).toEqual([400, "invalid"]);
    expect(await verdict("GET", "lists?page=2")).toEqual([200, "unknown-param"]);
    expect(await verdict("POST", "events/send", { email: "a@b.example", eventName: "x" })).toEqual([501, "sim-drift"]);
  });

  test("every contact of the demo passes", async () => {
    const { ok, store } = audience({ size: "small" });
    for (const { email } of store.contacts.values()) {
      expect(await ok("GET", `contacts/find?email=${encodeURIComponent(email)}`)).toHaveLength(1);
      await ok("GET", `contacts/suppression?email=${encodeURIComponent(email)}`);
    }
  });
});
