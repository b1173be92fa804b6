import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { cost } from "#core/cost/prices.ts";
import { sql, systemSql } from "#core/db.ts";
import type { Run } from "#core/jobs/run.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import * as Retention from "#core/platform/retention.ts";
import { app } from "#functions/api/costs.ts";
import { app as jobs } from "#functions/api/jobs.ts";
import { asOwner } from "#test/database.ts";
import { chunks, models, openai, RUN, requests, statuses, studioOf } from "#test/embedding.ts";
import { audited, call, person } from "#test/people.ts";
import { arm } from "#test/simulators/faults.ts";
import { pass, type World } from "#test/world.ts";

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

test("a price is the model's of its day; an unknown model is free at home and has none at OpenAI's", () => {
  const at = (day: string) => new Date(`${day}T12:00:00Z`);
  const million = { input: 1_000_000, output: 1_000_000 };
  const home = "http://localhost:54388/v1";
  const theirs = "https://api.openai.com/v1";
  expect(cost("text-embedding-3-small", theirs, at("2026-11-21"), million)).toBe(0.02);
  expect(cost("gpt-5.6-luna", theirs, at("2026-07-29"), million)).toBe(7);
  expect(cost("gpt-5.6-luna", theirs, at("2026-07-30"), million)).toBeCloseTo(1.4);
  expect(cost("e5-passage", home, at("2026-11-21"), million)).toBe(0);
  for (const url of [theirs, "https://eu.api.openai.com/v1"]) expect(cost("e5-passage", url, at("2026-11-21"), million)).toBeUndefined();
  expect(cost("e5-passage", "https://openai.com.example/v1", at("2026-11-21"), million)).toBe(0);
});

test("each request is a row with what it came to, and a run's costs are in its row", async () => {
  const w = await studioOf(2);
  for (const n of [0, 1]) await chunks(w, ["the same text"], n);
  for (const n of [0, 1]) await w.run(RUN, n);
  const row = { purpose: "embedding", model: config.EMBEDDING_MODEL, job: RUN, askedBy: `job:${RUN}`, texts: 1, settled: true };
  expect(await ledger()).toEqual([
    { ...row, tokens: openai.world.used.input, usd: (openai.world.used.input * 0.02) / 1e6, cached: false },
    { ...row, tokens: 0, usd: 0, cached: true },
  ]);
  const [run] = await systemSql<
    { usd: number }[]
  >`select cost_usd::float8 as usd from job_runs where job = ${RUN} order by asked_at limit 1`;
  expect(run?.usd).toBeCloseTo((openai.world.used.input * 0.02) / 1e6);
});

test("a spent budget of a project is a reason that anybody sees, nothing is asked, and work goes on the next day", async () => {
  const w = await studioOf(2);
  Clock.set(new Date("2026-03-02T22:00:00Z"), 0);
  for (const n of [0, 1]) await chunks(w, ["a text of some length"], n);
  expect((await budget(w, 0.00000001)).body.budget).toEqual({ usd_per_day: 0, usd_per_run: 0.5 });
  expect(await w.run(RUN, 0)).toMatchObject({
    status: "ok",
    reason: { code: "budget_exhausted", params: { of: "project", until: "2026-03-03T00:00:00.000Z" } },
  });
  expect(requests()).toEqual([]);
  expect(await statuses(w)).toEqual({ pending: 1 });
  const pm = await (await person(w, "pm", w.projects)).signIn();
  const shown = await call(jobs, "GET", `/jobs/scheduler?project_id=${w.projects[0]}`, pm);
  expect(shown.body.jobs.find((one: { job: string }) => one.job === RUN).reason.en).toContain("is spent");
  expect(await w.run(RUN, 1)).toMatchObject({ reason: null, counters: { embedded: 1 } });
  await budget(w, 0.01);
  pass(3 * 3_600);
  expect(await w.run(RUN, 0)).toMatchObject({ reason: null, counters: { embedded: 1 } });
});

test("a budget counts what was spent that day; two that spend at once do not overdraw it", async () => {
  const w = await studioOf();
  const text = "word ".repeat(2_000);
  const atMost = (Buffer.byteLength(text.trim()) / 2.5) * 2e-8;
  await put(w, "/costs/budget", { usd_per_day: Math.ceil(atMost * 2.2 * 1e4) / 1e4 });
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => embedQuestion(w.scope(0), `${text} ${n}`)));
  const refused = answers.filter((one) => "reason" in one && one.reason.code === "budget_exhausted");
  expect(refused.length).toBeGreaterThan(0);
  const [spent] = await systemSql<{ usd: number; limit: number }[]>`
    select (select sum(price_usd)::float8 from cost_ledger) as usd, budget_usd_day::float8 as limit from account_scopes where id = ${w.accountScopeId}`;
  expect(spent?.usd).toBeLessThanOrEqual(spent?.limit ?? 0);
});

test("a run has a budget of its own, and the next one another", async () => {
  const w = await studioOf();
  const text = "word ".repeat(3_900);
  await chunks(
    w,
    Array.from({ length: 8 }, (_, n) => `${text} ${n}`),
  );
  await budget(w, 1, 0.0007);
  expect(await w.run(RUN)).toMatchObject({ reason: { code: "budget_exhausted", params: { of: "run", limit: 0.0007 } } });
  const before = (await statuses(w)).ready ?? 0;
  expect(before).toBeLessThan(8);
  for (let n = 0; n < 8 && (await statuses(w)).ready !== 8; n++) await w.run(RUN);
  expect(await statuses(w)).toEqual({ ready: 8 });
});

test("what a call may come to is set aside before it is made, and stays so if its process dies", async () => {
  const w = await studioOf();
  arm(openai.faults, { kind: "hang", ms: 600 });
  const asking = embedQuestion(w.scope(0), "When is it due?", { timeoutMs: 300 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await ledger()).toMatchObject([{ purpose: "question", settled: false, tokens: 6 }]);
  expect(await asking).toMatchObject({ reason: { code: "network" } });
});

test("costs are told by project, job, model, day and asker, to those they concern", async () => {
  const w = await studioOf(2);
  Clock.set(new Date("2026-03-02T12:00:00Z"), 0);
  await chunks(w, ["a text"], 0);
  await w.run(RUN, 0);
  await embedQuestion(w.scope(0), "When?", { by: "anna" });
  Clock.set(new Date("2026-03-03T12:00:00Z"), 0);
  await embedQuestion(w.scope(1), "When?", { by: "boris" });
  const [a = "", b = ""] = w.projects;
  const pm = await (await person(w, "pm", [a])).signIn();
  const owner = await (await person(w, "owner")).signIn();
  const keys = async (path: string, as: Record<string, string>) =>
    (await call(app, "GET", path, as)).body.costs.map((row: { key: string; calls: number; cached: number }) => [
      row.key,
      row.calls,
      row.cached,
    ]);
  expect(await keys(`/costs?project_id=${a}`, pm)).toEqual([["2026-03-02", 2, 0]]);
  expect(await keys(`/costs?project_id=${a}&by=job`, pm)).toEqual([
    [RUN, 1, 0],
    ["question", 1, 0],
  ]);
  expect(await keys(`/costs?project_id=${a}&by=user`, pm)).toEqual([
    ["anna", 1, 0],
    [`job:${RUN}`, 1, 0],
  ]);
  expect((await call(app, "GET", `/costs?project_id=${b}`, pm)).status).toBe(404);
  expect((await call(app, "GET", "/costs/studio", pm)).status).toBe(403);
  expect(await keys("/costs/studio", owner)).toEqual([
    ["2026-03-02", 2, 0],
    ["2026-03-03", 1, 1],
  ]);
  expect(await keys("/costs/studio?by=project&from=2026-03-03&to=2026-03-03", owner)).toEqual([[b, 1, 1]]);
  expect(await keys("/costs/studio?by=model", owner)).toEqual([[config.EMBEDDING_MODEL, 3, 1]]);
  expect((await call(app, "GET", "/costs/studio?from=yesterday", owner)).status).toBe(400);
  const [row] = (await call(app, "GET", `/costs?project_id=${a}&by=model`, pm)).body.costs;
  expect(row).toMatchObject({
    texts: 2,
    input_tokens: openai.world.used.input,
    output_tokens: 0,
    usd: (openai.world.used.input * 0.02) / 1e6,
  });
  expect((await call(app, "GET", "/costs/studio", owner)).body.budget).toEqual({ usd_per_day: 10 });
});

test("an owner sets budgets, which is written down; another studio sees nothing of it", async () => {
  const w = await studioOf();
  const pm = await (await person(w, "pm", w.projects)).signIn();
  expect((await call(app, "PUT", `/projects/${w.projects[0]}/budget`, pm, { usd_per_day: 5, usd_per_run: 1 })).status).toBe(403);
  expect((await budget(w, 5, 1)).body.budget).toEqual({ usd_per_day: 5, usd_per_run: 1 });
  expect((await budget(w, null, null)).body.budget).toEqual({ usd_per_day: 1, usd_per_run: 0.5 });
  expect((await put(w, "/costs/budget", { usd_per_day: 3 })).body.budget).toEqual({ usd_per_day: 3 });
  expect((await put(w, "/costs/budget", { usd_per_day: -1 })).status).toBe(400);
  expect((await audited(w.accountScopeId)).filter((action) => action === "budget_set")).toHaveLength(3);
});

test("the earlier name of the job runs it", async () => {
  const w = await studioOf();
  await chunks(w, ["a text"]);
  const pm = await (await person(w, "pm", w.projects)).signIn();
  const { status, body } = await call(jobs, "POST", `/jobs/embeddings/run?project_id=${w.projects[0]}`, pm);
  expect([status, body.job_run.job, body.job_run.trigger]).toEqual([202, RUN, "manual"]);
  await w.work();
  expect(await statuses(w)).toEqual({ ready: 1 });
});

test("in economy mode a run does half and leaves the rest; by hand it does all", { timeout: 120_000 }, async () => {
  config.EMBEDDING_DIMENSIONS = 4;
  const w = await studioOf(1, { economy: true });
  await chunks(
    w,
    Array.from({ length: 2_100 }, (_, n) => `text ${n}`),
  );
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: { code: "economy_mode" }, counters: { embedded: 2_048 } });
  expect(await statuses(w)).toEqual({ ready: 2_048, pending: 52 });
  expect(await w.run(RUN)).toMatchObject({ status: "queued", reason: { code: "economy_mode" } });
  expect(await w.run(RUN, 0, "manual")).toMatchObject({ status: "ok", reason: null, counters: { embedded: 52 } });
});

test("vectors that nothing asked for in three months go, as do rests that are over", async () => {
  const w = await studioOf();
  await embedQuestion(w.scope(0), "Old?");
  pass(80 * 86_400);
  await embedQuestion(w.scope(0), "New?");
  await asOwner(() => sql`insert into model_rests (credential, reason, until) values ('x', '{}', ${Clock.now()})`);
  pass(20 * 86_400);
  const [projectId = ""] = w.projects;
  await Retention.cleanup({ projectId, accountScopeId: w.accountScopeId, budget: { left: () => true } } as unknown as Run);
  const [left] = await asOwner(
    () => sql`select (select count(*) from embedding_cache) as vectors, (select count(*) from model_rests) as rests`,
  );
  expect(left).toEqual({ vectors: 1, rests: 0 });
});
