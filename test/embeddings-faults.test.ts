import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import * as z from "zod";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { sql, systemSql } from "#core/db.ts";
import { complete } from "#core/memory/complete.ts";
import { hash } from "#core/memory/inputs.ts";
import { asOwner } from "#test/database.ts";
import { chunks, models, openai, RUN, requests, statuses, stored, studioOf } from "#test/embedding.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

models();

/** Something happens while the model is at it. */
function whileAsked(work: () => Promise<unknown>): void {
  arm(openai.faults, { kind: "hook", run: () => void work() });
  arm(openai.faults, { kind: "slow", ms: 500 });
}

test("without a key the run says so and asks nothing", async () => {
  delete config.OPENAI_API_KEY;
  config.OPENAI_BASE_URL = "https://api.openai.com/v1";
  const w = await studioOf();
  await chunks(w, ["a text"]);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: { code: "no_key", params: { key: "OPENAI_API_KEY" } } });
  expect(await statuses(w)).toEqual({ pending: 1 });
});

test("a model without a known price is not called at OpenAI's own address", async () => {
  config.OPENAI_BASE_URL = "https://api.openai.com/v1";
  config.EMBEDDING_MODEL = "text-embedding-9";
  const w = await studioOf();
  await chunks(w, ["a text"]);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: { code: "unknown_price" } });
  expect(await stored(w)).toMatchObject(new Map([["a text", { status: "pending", attempts: 0 }]]));
});

test("a text that the model does not take fails alone, with the reason, and is not asked again", async () => {
  openai.world.poison = (text) => text.includes("poison");
  const w = await studioOf();
  await chunks(w, [...Array.from({ length: 150 }, (_, n) => `text ${n}`), "a poison text"]);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", counters: { embedded: 150, failed: 1 } });
  expect((await stored(w)).get("a poison text")).toMatchObject({ status: "failed", code: "text_refused", parts: [] });
  const asked = requests().length;
  await w.run(RUN);
  expect(requests().length).toBe(asked);
  // Another model may take it.
  openai.world.poison = () => false;
  config.EMBEDDING_MODEL = "text-embedding-3-large";
  pass(1_200);
  expect(await w.run(RUN, 0, "manual")).toMatchObject({ status: "ok", counters: { embedded: 151 } });
  expect((await stored(w)).get("a poison text")).toMatchObject({ status: "ready", attempts: 0, code: null });
});

test("a text over which the server falls does not keep the others back, and is given up after some tries", async () => {
  openai.world.breaks = (text) => text.includes("poison");
  const w = await studioOf();
  await chunks(w, [...Array.from({ length: 60 }, (_, n) => `text ${n}`), "a poison text"]);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", counters: { embedded: 60, again: 1 } });
  for (let n = 2; n <= 6; n++) {
    pass(1_200);
    expect(await w.run(RUN, 0, "manual")).toMatchObject({ status: "ok", counters: { again: Number(n < 6), failed: Number(n === 6) } });
  }
  expect((await stored(w)).get("a poison text")).toMatchObject({ status: "failed", attempts: 6, code: "upstream" });
});

test("a server that is down fails the run, not the texts", async () => {
  const w = await studioOf();
  await chunks(w, ["one", "two"]);
  arm(openai.faults, { kind: "status", status: 500, times: 0 });
  expect(await w.run(RUN)).toMatchObject({ status: "queued", reason: { params: { code: "upstream" } } });
  expect(await statuses(w)).toEqual({ pending: 2 });
  disarm(openai.faults);
  pass(3_600);
  expect(await w.run(RUN, 0, "manual")).toMatchObject({ status: "ok", counters: { embedded: 2 } });
});

test("a dead key is met once and rests, for all projects; another key begins afresh", async () => {
  openai.world.revoked = true;
  const w = await studioOf(2);
  await chunks(w, ["one"], 0);
  await chunks(w, ["two"], 1);
  for (const n of [0, 1]) expect(await w.run(RUN, n)).toMatchObject({ status: "ok", reason: { code: "auth" } });
  expect(requests()).toHaveLength(1);
  expect(await statuses(w)).toEqual({ pending: 1 });
  openai.world.revoked = false;
  openai.world.key = "sk-new";
  config.OPENAI_API_KEY = "sk-new";
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: null, counters: { embedded: 1 } });
  config.OPENAI_API_KEY = "sk-simulated";
  expect(await w.run(RUN, 1)).toMatchObject({ reason: { code: "auth" } });
  pass(1_201);
  openai.world.key = "sk-simulated";
  expect(await w.run(RUN, 1)).toMatchObject({ status: "ok", counters: { embedded: 1 } });
});

test("a storm of 429 puts all projects off until the hour that was named, without a lost attempt", async () => {
  const w = await studioOf(3);
  Clock.set(new Date("2026-03-02T10:07:00Z"), 0);
  for (const n of [0, 1, 2]) await chunks(w, [`text ${n}`], n);
  arm(openai.faults, { kind: "status", status: 429, retryAfter: 600, times: 0 });
  for (const n of [0, 1, 2]) {
    expect(await w.run(RUN, n)).toMatchObject({
      status: "queued",
      reason: { code: "rate_limited", params: { until: "2026-03-02T10:17:00.000Z" } },
    });
  }
  expect(requests()).toHaveLength(1);
  const waiting = await systemSql`select attempts, due_at from job_runs where job = ${RUN}`;
  expect(waiting).toEqual(Array(3).fill({ attempts: 0, dueAt: new Date("2026-03-02T10:17:00Z") }));
  expect(await stored(w)).toMatchObject(new Map([["text 0", { status: "pending", attempts: 0 }]]));
  disarm(openai.faults);
  Clock.set(new Date("2026-03-02T10:18:00Z"), 0);
  await w.run(RUN);
  for (const n of [0, 1, 2]) expect(await statuses(w, n)).toEqual({ ready: 1 });
  expect(requests()).toHaveLength(4);
});

const asked = { purpose: "extraction" as const, system: "Read.", messages: [], schema: z.object({}) };
const said = (code: string) => JSON.stringify({ error: { message: "No.", type: "invalid_request_error", param: null, code } });

test.each([
  [403, "model_not_found", "auth"],
  [429, "rate_limit_exceeded", "rate_limited"],
])("a model that answers %s %s rests alone: the others go on", async (status, code, why) => {
  const w = await studioOf();
  await chunks(w, ["one"]);
  arm(openai.faults, { kind: "status", status, retryAfter: 600, body: said(code), route: "POST chat/completions" });
  for (let n = 0; n < 2; n++) await expect(complete(w.scope(0), asked)).rejects.toMatchObject({ why: { code: why } });
  expect(openai.log.entries).toHaveLength(1);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: null, counters: { embedded: 1 } });
});

test.each([
  [401, "invalid_api_key"],
  [429, "insufficient_quota"],
  [403, "insufficient_quota"],
])("what is about the key itself, %s %s, rests it for all models", async (status, code) => {
  const w = await studioOf();
  await chunks(w, ["one"]);
  arm(openai.faults, { kind: "status", status, body: said(code), route: "POST chat/completions" });
  await expect(complete(w.scope(0), asked)).rejects.toMatchObject({ why: { code: "auth" } });
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: { code: "auth" } });
  expect(requests()).toEqual([]);
});

test("a 429 that does not say until when is waited out, then put off for a minute", async () => {
  const w = await studioOf();
  await chunks(w, ["one"]);
  arm(openai.faults, { kind: "status", status: 429, times: 2 });
  expect(await w.run(RUN)).toMatchObject({ status: "ok" });
  await chunks(w, ["two"]);
  arm(openai.faults, { kind: "status", status: 429, times: 0 });
  expect(await w.run(RUN)).toMatchObject({ status: "queued", reason: { code: "rate_limited" } });
});

test("a server that answers with other dimensions stops the run and costs no text a try that it is given up for", async () => {
  openai.world.dimensions = 10;
  const w = await studioOf();
  await chunks(w, ["one"]);
  expect(await w.run(RUN)).toMatchObject({ status: "queued", reason: { params: { code: "invalid_data" } } });
  expect(await statuses(w)).toEqual({ pending: 1 });
});

test("claims of a run that died are taken up again, and a chunk that goes meanwhile is left alone", async () => {
  const w = await studioOf();
  await chunks(w, ["one", "two", "killer"]);
  await asOwner(
    () => sql`update rag_chunks set embedding_status = 'processing', claimed_at = now() - interval '1 hour', embedding_attempts = 1`,
  );
  await asOwner(() => sql`update rag_chunks set embedding_attempts = 6 where text = 'killer'`);
  whileAsked(() => asOwner(() => sql`delete from rag_chunks where text = 'two'`));
  expect(await w.run(RUN)).toMatchObject({ status: "ok" });
  expect(await stored(w)).toMatchObject(
    new Map([
      ["one", { status: "ready" }],
      ["killer", { status: "failed", code: "attempts_spent" }],
    ]),
  );
});

test("a worker that dies between the answer and the write loses nothing: what was answered is kept and not paid for again", async () => {
  const w = await studioOf();
  await chunks(w, ["one", "two"]);
  whileAsked(() => asOwner(() => sql`update job_runs set lease_until = clock_timestamp() - interval '1 second' where status = 'running'`));
  await w.run(RUN);
  expect(await statuses(w)).toEqual({ processing: 2 });
  // The dead attempt's run is taken up again in place of the one that is asked for.
  await w.run(RUN);
  expect(await statuses(w)).toEqual({ ready: 2 });
  expect(requests()).toHaveLength(1);
  const [row] = await asOwner(
    () =>
      sql`select (select count(*) from cost_ledger) as paid, (select count(*) from rag_vectors) as vectors, (select count(*) from embedding_cache where embedding is null) as open`,
  );
  expect(row).toEqual({ paid: 2, vectors: 4, open: 0 });
});
test("a run that asked for too long leaves to another what that has taken over", async () => {
  const w = await studioOf();
  await chunks(w, ["one"]);
  const other = randomUUID();
  whileAsked(() =>
    asOwner(() => sql`update embedding_cache set asked_by = ${other}, asked_until = clock_timestamp() + interval '3 minutes'`),
  );
  arm(openai.faults, { kind: "status", status: 400 });
  await w.run(RUN);
  expect(await asOwner(() => sql`select asked_by from embedding_cache`)).toEqual([{ askedBy: other }]);
});

test("what another run is asking for is waited for, and the rest goes on without it", { timeout: 60_000 }, async () => {
  const w = await studioOf(1, { economy: true });
  await chunks(
    w,
    Array.from({ length: 300 }, (_, n) => `text ${n}`),
  );
  await asOwner(
    () => sql`
      insert into embedding_cache (account_scope_id, model, text_hash, dims, used_at, asked_by, asked_until)
      values (${w.accountScopeId}, ${config.EMBEDDING_MODEL}, ${hash("text 299")}, ${config.EMBEDDING_DIMENSIONS}, now(), ${randomUUID()}, clock_timestamp() + interval '3 minutes')`,
  );
  expect(await w.run(RUN)).toMatchObject({ status: "ok", counters: { embedded: 299 } });
  expect((await stored(w)).get("text 299")).toMatchObject({ status: "pending", attempts: 0 });
  expect(await statuses(w)).toEqual({ ready: 299, pending: 1 });
});

test.each([
  ["cut short", { kind: "truncate", times: 0 }],
  ["of another kind", { kind: "contentType", body: "<html>", times: 0 }],
  ["without the vectors", { kind: "emptyPage", times: 0 }],
] as const)("an answer %s fails the run, and the texts wait", async (_, fault) => {
  const w = await studioOf();
  await chunks(w, ["one", "two"]);
  arm(openai.faults, fault);
  expect(await w.run(RUN)).toMatchObject({ status: "queued", reason: { code: "retry_at" } });
  expect(await statuses(w)).toEqual({ pending: 2 });
});
