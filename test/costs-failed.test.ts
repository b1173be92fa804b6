import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as z from "zod";
import { config } from "#core/config.ts";
import { sql, systemSql } from "#core/db.ts";
import { complete } from "#core/memory/complete.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import { asOwner } from "#test/database.ts";
import { chunks, models, openai, RUN, requests, studioOf } from "#test/embedding.ts";
import { arm, type Fault } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

models();

const ledger = () =>
  systemSql<{ tokens: number; out: number; usd: number; settled: boolean }[]>`
    select input_tokens as tokens, output_tokens as out, price_usd::float8 as usd, settled from cost_ledger where not cached order by id`;
const extract = { purpose: "extraction" as const, system: "Read.", messages: [], schema: z.object({}), maxTokens: 100 };

test.each<[string, Fault]>([
  ["an answer that was cut short", { kind: "truncate", times: 0 }],
  ["an answer of another kind", { kind: "contentType", body: "<html>", times: 0 }],
  ["a server that fell", { kind: "status", status: 502, times: 0 }],
  ["a connection that broke", { kind: "reset", afterBytes: 10, times: 0 }],
])("each try that may be on the bill is written with the most it may have come to, as of %s", async (_, fault) => {
  const w = await studioOf();
  arm(openai.faults, fault);
  await expect(complete(w.scope(0), extract)).rejects.toThrow();
  expect(openai.log.entries).toHaveLength(3);
  const rows = await ledger();
  expect(rows).toHaveLength(3);
  for (const { tokens, out, usd, settled } of rows) {
    expect([out, settled]).toEqual([100, true]);
    expect(usd).toBeCloseTo((tokens * 0.2 + 100 * 1.2) / 1e6, 12);
  }
});

test("an answer that comes too late is on the bill; one that came on the second try is there beside the first", async () => {
  const w = await studioOf();
  arm(openai.faults, { kind: "hang", ms: 900 });
  expect(await embedQuestion(w.scope(0), "When is it due?", { timeoutMs: 300 })).toMatchObject({ reason: { code: "network" } });
  await expect.poll(ledger).toMatchObject([{ tokens: 6, settled: true }]);
  arm(openai.faults, { kind: "truncate" });
  expect(await embedQuestion(w.scope(0), "When is it due?")).toMatchObject({ cached: false });
  expect(await ledger()).toMatchObject([{ tokens: 6 }, { tokens: 6, settled: true }, { tokens: 4, settled: true }]);
});

test.each([400, 401, 403, 404, 429])("what was refused costs nothing: %s", async (status) => {
  const w = await studioOf();
  arm(openai.faults, { kind: "status", status, times: 0 });
  await expect(complete(w.scope(0), extract)).rejects.toThrow();
  expect(await ledger()).toEqual([]);
});

test("where nobody listens nothing is spent, also when the circuit opens over it", async () => {
  const w = await studioOf();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  config.OPENAI_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await promisify(server.close.bind(server))();
  for (let n = 0; n < 2; n++) await expect(complete(w.scope(0), extract)).rejects.toThrow();
  await expect(complete(w.scope(0), extract)).rejects.toMatchObject({ why: { code: "circuit_open" } });
  expect(await ledger()).toEqual([]);
});

test("answers of other dimensions are paid for as they say, and end with the budget instead of coming again for ever", async () => {
  openai.world.dimensions = 10;
  const w = await studioOf();
  const text = "word ".repeat(2_000);
  await chunks(w, [text]);
  // Room for one request at most, by the price that is set aside for it.
  await asOwner(() => sql`update projects set budget_usd_day = 0.0001`);
  expect(await w.run(RUN, 0, "manual")).toMatchObject({ status: "queued", reason: { params: { code: "invalid_data" } } });
  expect((await ledger()).reduce((sum, { tokens }) => sum + tokens, 0)).toBe(openai.world.used.input);
  let ended: unknown;
  for (let n = 0; n < 6 && ended !== "budget_exhausted"; n++) {
    pass(3_600);
    ended = (await w.run(RUN, 0, "manual")).reason?.code;
  }
  expect(ended).toBe("budget_exhausted");
  const spent = requests().length;
  pass(3_600);
  await w.run(RUN, 0, "manual");
  expect(requests()).toHaveLength(spent);
});

test("a try is not made again that the budget has no room for", async () => {
  const w = await studioOf();
  arm(openai.faults, { kind: "truncate", times: 0 });
  await asOwner(() => sql`update projects set budget_usd_day = 0.0003`);
  await expect(complete(w.scope(0), extract)).rejects.toMatchObject({ why: { code: "budget_exhausted" } });
  expect(openai.log.entries).toHaveLength(2);
});
