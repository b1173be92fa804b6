import { expect, test } from "vitest";
import * as z from "zod";
import { config } from "#core/config.ts";
import { systemSql } from "#core/db.ts";
import { complete } from "#core/memory/complete.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import { app } from "#functions/api/costs.ts";
import { chunks, models, openai, RUN, requests, studioOf } from "#test/embedding.ts";
import { call, person } from "#test/people.ts";
import { arm } from "#test/simulators/faults.ts";
import type { World } from "#test/world.ts";

models();

const ledger = () =>
  systemSql<
    {
      purpose: string;
      model: string;
      job: string | null;
      askedBy: string;
      texts: number;
      tokens: number;
      usd: number;
      cached: boolean;
      settled: boolean;
    }[]
  >`
    select purpose, model, job, asked_by, texts, input_tokens as tokens, price_usd::float8 as usd, cached, settled from cost_ledger order by id`;
const put = async (w: World, path: string, body: object) => call(app, "PUT", path, await (await person(w, "owner")).signIn(), body);
const budget = (w: World, usd_per_day: number | null, usd_per_run: number | null = null, n = 0) =>
  put(w, `/projects/${w.projects[n]}/budget`, { usd_per_day, usd_per_run });
const Deal = z.object({ deadline: z.string().max(50).nullable() });
const asked = {
  purpose: "extraction" as const,
  system: "Read.",
  messages: [{ role: "user" as const, content: "By Friday." }],
  schema: Deal,
};

test("a question is embedded once for a studio, with the model for questions, and compared with the stored one's", async () => {
  config.EMBEDDING_QUERY_MODEL = "e5-query";
  config.EMBEDDING_MODEL = "e5-passage";
  openai.world.dimensions = 64;
  const w = await studioOf(2);
  const first = await embedQuestion(w.scope(0), "When is\n it due?", { by: "anna" });
  expect(first).toMatchObject({ model: "e5-passage:64", cached: false, costUsd: 0, vector: { length: 64 } });
  const second = await embedQuestion(w.scope(1), "When is it due?", { by: "boris" });
  expect(second).toEqual({ ...first, cached: true });
  expect(requests()).toHaveLength(1);
  expect((await ledger()).map(({ model, askedBy, cached }) => [model, askedBy, cached])).toEqual([
    ["e5-query", "anna", false],
    ["e5-query", "boris", true],
  ]);
});

test.each([
  ["no_key", () => Object.assign(config, { OPENAI_BASE_URL: "https://api.openai.com/v1", OPENAI_API_KEY: undefined })],
  ["auth", () => Object.assign(openai.world, { revoked: true })],
  ["network", () => arm(openai.faults, { kind: "hang", ms: 2_000, times: 0 })],
  ["upstream", () => arm(openai.faults, { kind: "status", status: 500, times: 0 })],
  ["rate_limited", () => arm(openai.faults, { kind: "status", status: 429, retryAfter: 60, times: 0 })],
  ["invalid_data", () => Object.assign(openai.world, { dimensions: 3 })],
])("a question that cannot be embedded has the reason instead: %s", async (code, spoil) => {
  const w = await studioOf();
  spoil();
  expect(await embedQuestion(w.scope(0), "When?", { timeoutMs: 400 })).toEqual({ reason: expect.objectContaining({ code }) });
});

test("questions that are not waited for do not keep the texts from their vectors", async () => {
  const w = await studioOf();
  await chunks(w, ["one"]);
  arm(openai.faults, { kind: "hang", ms: 1_000, times: 6 });
  const asked = Array.from({ length: 6 }, (_, n) => embedQuestion(w.scope(0), `When, ${n}?`, { timeoutMs: 300 }));
  for (const one of await Promise.all(asked)) expect(one).toMatchObject({ reason: { code: "network" } });
  // The last of them end after their askers have gone.
  await expect.poll(ledger, { timeout: 5_000 }).toEqual(Array(6).fill(expect.objectContaining({ settled: true })));
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: null, counters: { embedded: 1 } });
});

test("a completion is held to its schema, counted, and asks for just that", async () => {
  const w = await studioOf();
  openai.world.answer = ({ schema, messages }) => {
    expect(schema).toEqual({
      type: "object",
      properties: { deadline: { type: ["string", "null"] } },
      required: ["deadline"],
      additionalProperties: false,
    });
    expect(messages).toEqual([{ role: "system", content: "Read." }, ...asked.messages]);
    return '{"deadline":"Friday"}';
  };
  const { value, costUsd } = await complete(w.scope(0), { ...asked, by: "anna" });
  expect(value).toEqual({ deadline: "Friday" });
  const { input, output } = openai.world.used;
  expect(costUsd).toBeCloseTo((input * 0.2 + output * 1.2) / 1e6, 12);
  expect(await ledger()).toMatchObject([{ purpose: "extraction", model: "gpt-5.6-luna", askedBy: "anna", tokens: input, settled: true }]);
});

test.each([
  ["refused", () => ({ refusal: "I cannot." })],
  ["cut short", () => ({ cut: '{"deadline":"Fri' })],
  ["no JSON", () => "Friday"],
  ["of another form", () => '{"deadline":5}'],
])("an answer that is %s is none, and is paid for", async (_, answer) => {
  const w = await studioOf();
  openai.world.answer = answer;
  await expect(complete(w.scope(0), asked)).rejects.toMatchObject({ why: { code: "invalid_data" } });
  expect(await ledger()).toMatchObject([{ settled: true }]);
});

test("no model words anything in economy mode, and none past the budget", async () => {
  const w = await studioOf(1, { economy: true });
  await expect(complete(w.scope(0), { ...asked, purpose: "wording" })).rejects.toMatchObject({ why: { code: "economy_mode" } });
  await budget(w, 0);
  await expect(complete(w.scope(0), asked)).rejects.toMatchObject({ why: { code: "budget_exhausted" } });
  expect(openai.log.entries).toEqual([]);
});
