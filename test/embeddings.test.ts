import { expect, test } from "vitest";
import { config } from "#core/config.ts";
import { sql } from "#core/db.ts";
import { budget } from "#core/jobs/budget.ts";
import * as Ask from "#core/memory/ask.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import * as OpenAi from "#core/memory/openai.ts";
import { retrieve } from "#core/memory/retrieve.ts";
import { asOwner } from "#test/database.ts";
import { chunks, models, openai, RUN, statuses, stored, studioOf } from "#test/embedding.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { ask } from "#test/texts.ts";
import { pass } from "#test/world.ts";

models();

test("each chunk has a vector of its own text and one with what was said before, whatever the thread", async () => {
  const w = await studioOf();
  await chunks(w, [
    { thread: "a", text: "Hello there" },
    { thread: "b", text: "Another talk" },
    { thread: "a", text: "A secret", private: true },
    { thread: "a", text: "When is the deadline?" },
    { thread: "a", text: "  On\n Friday  " },
    { text: "   " },
    { kind: "document", title: "The plan", thread: "d", text: "Section one" },
    { kind: "document", title: "The plan", thread: "d", text: "Section two" },
  ]);
  expect(await w.run(RUN)).toMatchObject({ status: "ok", reason: null, counters: { embedded: 8, failed: 0 } });
  expect(new Set(openai.world.embedded)).toEqual(
    new Set([
      "Hello there",
      "Another talk",
      "A secret",
      "Hello there\nA secret",
      "When is the deadline?",
      "Hello there\nWhen is the deadline?",
      "On Friday",
      "Hello there\nWhen is the deadline?\nOn Friday",
      "The plan\nSection one",
      "The plan\nSection two",
    ]),
  );
  expect(openai.world.embedded).toHaveLength(10);
  const rows = await stored(w);
  const model = `${config.EMBEDDING_MODEL}:64`;
  expect(rows.get("Hello there")).toMatchObject({ status: "ready", attempts: 0, model, parts: [`${model} turn`, `${model} window`] });
  expect(rows.get("   ")).toMatchObject({ status: "ready", parts: [] });
});

test("the same text in two projects of a studio is paid for once, asked at the same moment too", async () => {
  const w = await studioOf(2);
  for (const n of [0, 1]) await chunks(w, ["the same text", `only ${n}`], n);
  await w.run(RUN, 0);
  expect(await w.run(RUN, 1)).toMatchObject({ counters: { embedded: 2, asked: 1, known: 1 } });
  for (const n of [0, 1]) await chunks(w, ["asked at once", `alone ${n}`], n);
  arm(openai.faults, { kind: "slow", ms: 400, times: 0 });
  await Promise.all([w.run(RUN, 0), w.run(RUN, 1)]);
  for (const n of [0, 1]) expect(await statuses(w, n)).toEqual({ ready: 4 });
  expect(openai.world.embedded.filter((text) => text === "asked at once")).toHaveLength(1);
  expect(openai.world.embedded.filter((text) => text === "the same text")).toHaveLength(1);
  const [row] = await asOwner(
    () => sql`select count(*) as n from rag_vectors v join rag_chunks c using (project_id, chunk_no) where c.text = 'the same text'`,
  );
  expect(row).toEqual({ n: 4 });
});

test("another model embeds again by and by; the vectors of the one before are kept until all is done", async () => {
  const w = await studioOf();
  await chunks(w, ["one", "two"]);
  await w.run("memory_index");
  await w.run(RUN);
  config.EMBEDDING_MODEL = "text-embedding-3-large";
  arm(openai.faults, { kind: "status", status: 500, times: 0, nth: 2 });
  await chunks(w, ["three"]);
  await w.run(RUN);
  expect((await stored(w)).get("three")?.parts).toEqual(["text-embedding-3-large:64 turn", "text-embedding-3-large:64 window"]);
  expect((await stored(w)).get("one")?.parts).toEqual(["text-embedding-3-small:64 turn", "text-embedding-3-small:64 window"]);
  const asked = async () => {
    const embedded = await embedQuestion(w.scope(0), "one");
    if (!("vector" in embedded)) throw new Error(embedded.reason.code);
    const { chunks: found, reasons } = await retrieve(
      w.scope(0),
      { ...ask, query: "one", topK: 5, deadline: performance.now() + 10_000 },
      embedded,
    );
    return {
      found: found.filter(({ similarity }) => similarity !== undefined).map(({ text }) => text),
      reasons: reasons.map(({ code }) => code),
    };
  };
  disarm(openai.faults);
  pass(3_600);
  // By the vectors of the few that are done nothing else would be found.
  expect(await asked()).toEqual({ found: [], reasons: ["not_yet_embedded"] });
  await w.run(RUN, 0, "manual");
  expect(await asked()).toMatchObject({ found: expect.arrayContaining(["one", "two", "three"]), reasons: [] });
  for (const { parts, model } of (await stored(w)).values()) {
    expect(parts).toEqual(["text-embedding-3-large:64 turn", "text-embedding-3-large:64 window"]);
    expect(model).toBe("text-embedding-3-large:64");
  }
});

test("what is new and what is old share each batch, so that neither waits for ever", async () => {
  const w = await studioOf();
  config.EMBEDDING_DIMENSIONS = 8;
  const day = (n: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + n * 86_400_000);
  await chunks(
    w,
    Array.from({ length: 400 }, (_, n) => ({ text: `text ${n}`, at: day(n) })),
  );
  arm(openai.faults, { kind: "status", status: 429, retryAfter: 600, times: 0, nth: 5 });
  await w.run(RUN);
  const ready = [...(await stored(w)).values()].filter((one) => one.status === "ready").map((one) => Number(one.text.split(" ")[1]));
  expect(ready.length).toBe(256);
  expect(ready.filter((n) => n < 64)).toHaveLength(64);
  expect(ready.filter((n) => n >= 208)).toHaveLength(192);
});

test("two workers on one project: one embeds, nothing is embedded twice", async () => {
  const w = await studioOf();
  await chunks(
    w,
    Array.from({ length: 100 }, (_, n) => `text ${n}`),
  );
  await Promise.all([w.run(RUN), w.run(RUN), w.work()]);
  expect(await statuses(w)).toEqual({ ready: 100 });
  expect(new Set(openai.world.embedded).size).toBe(openai.world.embedded.length);
});

test("what was said before a text and comes, changes or goes later is in its window all the same", async () => {
  const w = await studioOf();
  const at = (n: number) => new Date(Date.parse("2026-03-01T10:00:00Z") + n * 60_000);
  const say = (ord: number, text: string) => chunks(w, [{ thread: "a", text, ord, at: at(ord) }]);
  for (const [ord, text] of [
    [1, "one"],
    [3, "three"],
    [4, "four"],
    [5, "five"],
  ] as const)
    await say(ord, text);
  await w.run(RUN);
  await say(2, "two");
  expect(await statuses(w)).toEqual({ pending: 3, ready: 2 });
  openai.world.embedded.length = 0;
  await w.run(RUN);
  expect(openai.world.embedded.toSorted()).toEqual(["one\ntwo", "one\ntwo\nthree", "two", "two\nthree\nfour"]);
  await asOwner(() => sql`delete from rag_chunks where text = 'four'`);
  openai.world.embedded.length = 0;
  await w.run(RUN);
  expect(openai.world.embedded).toEqual(["two\nthree\nfive"]);
  expect(await statuses(w)).toEqual({ ready: 4 });
});

test("a window follows what is no message, and passes over private notes as it was made to", async () => {
  const w = await studioOf();
  const at = (n: number) => new Date(Date.parse("2026-03-01T10:00:00Z") + n * 60_000);
  const said = (ord: number, text: string, more: object = {}) => ({ thread: "a", kind: "comment", text, ord, at: at(ord), ...more });
  await chunks(w, [
    said(1, "on 12 May", { kind: "issue" }),
    ...[2, 3, 4].map((ord) => said(ord, `note ${ord}`, { private: true })),
    ...[5, 6, 7].map((ord) => said(ord, `reply ${ord}`)),
  ]);
  await w.run(RUN);
  const again = async (work: () => Promise<unknown>) => {
    await work();
    openai.world.embedded.length = 0;
    await w.run(RUN);
    return openai.world.embedded.toSorted();
  };
  expect(
    await again(async () => {
      await asOwner(() => sql`delete from rag_chunks where text = 'on 12 May'`);
      await chunks(w, [said(1, "on 9 June", { kind: "issue" })]);
    }),
  ).toEqual(["on 9 June", "on 9 June\nnote 2", "on 9 June\nnote 2\nnote 3", "on 9 June\nreply 5", "on 9 June\nreply 5\nreply 6"]);
  // Of what the client was not meant to read, only the notes after it know.
  const status = () => asOwner(() => sql`select text from rag_chunks where embedding_status = 'pending' order by text`);
  await asOwner(() => sql`delete from rag_chunks where text = 'note 3'`);
  expect((await status()).map(({ text }) => text)).toEqual(["note 4"]);
});

test("each answer is kept at once, and when the time is over no other request is begun", async () => {
  const w = await studioOf();
  const server = await OpenAi.open(budget({ seconds: 1, requests: 0 }), config.EMBEDDING_MODEL);
  arm(openai.faults, { kind: "slow", ms: 1_300, times: 0, nth: 2 });
  const kept: number[] = [];
  const texts = new Map(Array.from({ length: 640 }, (_, n) => [`hash ${n}`, `text ${n}`]));
  const asked = Ask.all(
    Ask.asking(server, { scope: w.scope(0), by: "a test" }, "embedding", config.EMBEDDING_MODEL),
    texts,
    async (vectors) => {
      kept.push(vectors.size);
    },
  );
  await expect.poll(() => kept, { timeout: 5_000 }).toEqual([64]);
  expect(await asked).toMatchObject({ stopped: undefined, refused: new Map(), failed: new Map() });
  expect(kept.length).toBeLessThanOrEqual(5);
  expect((await asked).vectors.size).toBe(kept.length * 64);
});
