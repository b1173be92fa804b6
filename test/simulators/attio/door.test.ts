import { afterEach, describe, expect, test } from "vitest";
import { names, nothingWrong, workspace } from "#test/simulators/attio/asking.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import * as Studio from "#test/simulators/attio/studio.ts";
import { specs } from "#test/simulators/spec.ts";

afterEach(nothingWrong);

describe("tokens", () => {
  test("self tells the workspace, or that there is none", async () => {
    const { app, tokens, send, control } = workspace();
    const self = async (token: string) => (await (await send("GET", "self", undefined, token)).json()) as Record<string, unknown>;
    expect(await self(tokens.full)).toMatchObject({ active: true, workspace_name: "Foxglove Studio", token_type: "Bearer" });
    expect(await self("wrong")).toEqual({ active: false });
    expect((await app.request("/v2/objects")).status).toBe(401);
    await control.request("/_sim/mutate", { method: "POST", body: JSON.stringify({ verb: "revokeToken", args: { token: tokens.full } }) });
    expect(await self(tokens.full)).toEqual({ active: false });
    expect((await send("GET", "objects")).status).toBe(401);
  });

  test("one that has lost half of its rights sees half of the records and of what hangs on them, without a word", async () => {
    const { query, data, tokens, store } = workspace();
    for (let n = 0; n < 40; n++) {
      const { id: recordId } = Sample.company(store, `Company ${n}`);
      Papers.addNote(store, { object: "companies", recordId, title: `${n}`, content: "" });
    }
    const half = names(await query("companies", {}, tokens.half));
    expect(half.length).toBeGreaterThan(10);
    expect(half.length).toBeLessThan(30);
    expect(await data("GET", "notes?limit=50", undefined, tokens.half)).toHaveLength(half.length);
    Studio.narrow(store, { on: true });
    expect(names(await query("companies"))).toEqual(half);
  });
});

describe.skipIf(specs() === undefined)("held against the vendor's description", () => {
  test("what is not in it is refused as the vendor would, and noted", async () => {
    const { send, world } = workspace();
    const verdict = async (method: string, path: string, body?: unknown) => {
      const { status } = await send(method, path, body);
      const last = world.gate.log.entries.at(-1);
      world.gate.log.entries.length = 0;
      return [status, last?.verdict];
    };
    expect(await verdict("GET", "objects/companies/records")).toEqual([404, "invalid"]);
    expect(await verdict("GET", "activities")).toEqual([404, "invalid"]);
    expect(await verdict("GET", "tasks?is_completed=maybe")).toEqual([400, "invalid"]);
    expect(await verdict("GET", "notes/not-a-uuid")).toEqual([400, "invalid"]);
    expect(await verdict("POST", "objects/companies/records", { values: {} })).toEqual([400, "invalid"]);
    expect(await verdict("POST", "webhooks", { data: { target_url: "http://plain.example", subscriptions: [] } })).toEqual([
      400,
      "invalid",
    ]);
    expect(await verdict("POST", "objects/companies/records/query", { limit: 5, cursor: "x" })).toEqual([200, "unknown-param"]);
    expect(await verdict("GET", "notes?updated_after=2026")).toEqual([200, "unknown-param"]);
    expect(await verdict("GET", "meetings")).toEqual([501, "sim-drift"]);
  });

  test("an answer that the vendor would not give becomes a 500", async () => {
    const { send, world, store } = workspace();
    const row = Sample.company(store, "Acme");
    row.json = JSON.stringify({ id: row.id, values: {} });
    expect((await send("POST", "objects/companies/records/query", {})).status).toBe(500);
    expect(world.gate.log.entries.pop()).toMatchObject({ verdict: "sim-drift" });
  });
});
