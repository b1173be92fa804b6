import { describe, expect, test } from "vitest";
import { SIZES } from "#test/simulators/attio/data.ts";
import type { Row } from "#test/simulators/attio/rows.ts";
import { simulated } from "#test/simulators/attio/server.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { CLIENTS, TEAM } from "#test/simulators/cast.ts";
import { faulty } from "#test/simulators/log.ts";
import { specs } from "#test/simulators/spec.ts";
import { STORIES } from "#test/simulators/story.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const held = (store: Store.Store) =>
  JSON.stringify([store.records, store.notes, store.tasks, store.entries, store.members].map((map) => [...map.values()]));
const of = (store: Store.Store, object: string) => [...store.records.values()].filter((row) => row.object === object);
const said = (row: Row | undefined, slug: string, key = "value") => row?.values[slug]?.map((one) => one[key]);

describe("the demo's data", () => {
  test("is the same for the same seed, to the byte, and after a reset", async () => {
    const digest = (seed: number) => held(simulated({ seed, now: () => NOW, validate: false }).world.store);
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
    const sim = simulated({ seed: 1, now: NOW, filledAt: NOW, validate: false });
    const before = held(sim.world.store);
    sim.clock.set(new Date("2026-08-01T00:00:00Z"));
    await sim.control.request("/_sim/reset", { method: "POST" });
    expect([...sim.world.store.records.values()].map((one) => one.created_at)).toEqual(
      (JSON.parse(before) as [Row[]])[0].map((one) => one.created_at),
    );
  });

  test("has the promised size and ends before now, and nothing in it precedes what it belongs to", () => {
    for (const size of ["small", "large"] as const) {
      const { store } = simulated({ size, seed: 1, now: () => NOW, validate: false }).world;
      const { days: _, ...counts } = SIZES[size];
      expect(Store.counts(store)).toMatchObject({ ...counts, lists: 3, members: TEAM.length });
      const now = Store.stamp(NOW.getTime() / 1_000);
      for (const row of store.records.values()) {
        expect(row.created_at < now).toBe(true);
        for (const value of Object.values(row.values).flat()) {
          expect(value.active_from >= row.created_at && value.active_from < now).toBe(true);
          const target = store.records.get(String(value.target_record_id));
          if (value.attribute_type === "record-reference")
            expect(target && (row.object === "deals" || target.created_at <= row.created_at)).toBe(true);
        }
      }
      for (const task of store.tasks.values()) expect((task.completed_at ?? now) > task.created_at).toBe(true);
      const times = of(store, "companies").map((row) => row.created_at);
      expect(new Set(times).size).toBeLessThan(times.length - 4);
    }
  });

  test("tells the story: its clients, contacts, deals with their stages, and notes", () => {
    const { store } = simulated({ seed: 4, now: () => NOW, validate: false }).world;
    const companies = of(store, "companies");
    for (const client of CLIENTS)
      expect(companies.filter((row) => said(row, "domains", "domain")?.includes(client.domain))).toHaveLength(1);
    const people = new Set(of(store, "people").flatMap((row) => said(row, "email_addresses", "email_address")));
    for (const { email } of CLIENTS.flatMap((one) => one.contacts)) expect(people).toContain(email);
    for (const told of STORIES.flatMap((one) => one.deals)) {
      const row = of(store, "deals").find((one) => said(one, "name")?.[0] === told.title);
      const stages = [...(row?.past.stage ?? []), ...(row?.values.stage ?? [])].map((one) => (one.status as { title: string }).title);
      expect(stages).toEqual(told.stages.map((one) => one.stage));
    }
    const notes = [...store.notes.values()];
    for (const { body } of STORIES.flatMap((one) => one.notes)) expect(notes.some((one) => one.markdown === body)).toBe(true);
    const subscription = notes.find((one) => one.markdown.startsWith("Ольга просит перенести запуск подписки"));
    expect(said(store.records.get(subscription?.recordId ?? ""), "name")).toEqual(["Северный чай: сайт и подписка"]);
    expect(notes.some((one) => /[а-я]/.test(one.markdown)) && notes.some((one) => /[a-z]{5}/.test(one.markdown))).toBe(true);
  });

  test("holds a namesake of a client, a company without a domain, and deals with and without a probability", () => {
    const { store } = simulated({ seed: 1, now: () => NOW, validate: false }).world;
    const companies = of(store, "companies");
    expect(companies.filter((row) => said(row, "name")?.[0] === CLIENTS[0]?.company)).toHaveLength(2);
    expect(companies.filter((row) => (row.values.domains ?? []).length === 0)).toHaveLength(1);
    const without = of(store, "deals").filter((row) => (row.values.probability ?? []).length === 0).length;
    expect(without).toBeGreaterThan(20);
    expect(without).toBeLessThan(60);
  });

  test.skipIf(specs() === undefined)("every row of the demo passes", async () => {
    const { app, world } = simulated({ size: "small", seed: 3, rateLimit: false });
    const headers = { authorization: `Bearer ${world.tokens.full}`, "content-type": "application/json" };
    const read = async (path: string, body?: unknown) => {
      const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
      const answer = await app.request(`/v2/${path}`, init);
      expect(answer.status, path).toBe(200);
      return ((await answer.json()) as { data: unknown[] }).data;
    };
    for (const object of ["companies", "people", "deals"]) {
      expect(await read(`objects/${object}/records/query`, {})).toHaveLength(SIZES.small[object as "deals"]);
      await read(`objects/${object}`);
      await read(`objects/${object}/attributes`);
    }
    await read("objects/deals/attributes/stage/statuses");
    await read("objects/companies/attributes/categories/options");
    for (const offset of [0, 50, 100]) expect(await read(`notes?limit=50&offset=${offset}`)).toHaveLength(50);
    expect(await read("tasks")).toHaveLength(60);
    for (const list of (await read("lists")) as { api_slug: string }[]) {
      await read(`lists/${list.api_slug}/entries/query`, {});
      await read(`lists/${list.api_slug}/attributes`);
    }
    expect(await read("workspace_members")).toHaveLength(TEAM.length);
    expect(faulty(world.gate.log)).toEqual([]);
  });
});
