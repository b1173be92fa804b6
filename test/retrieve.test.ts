import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "#core/db.ts";
import type { Vector } from "#core/memory/ann.ts";
import { type Ask, retrieve } from "#core/memory/retrieve.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { ask, type Library, library, type Text, write } from "#test/texts.ts";

let database: TestDatabase;
let here: Library;
const project = (n: number): Text[] => {
  const talk = (thread: string, lines: readonly [string, string][]): Text[] =>
    lines.map(([author, text], at) => ({ ref: `cwmsg:test:${n}-${thread}-${at}`, thread: `${n}-${thread}`, author, text }));
  return [
    ...talk("a", [
      ["Anna Petrova", "Hello! How is the landing page going?"],
      ["Igor", "Nearly done. The header needs work, see ABC-123."],
      ["Anna Petrova", "When will you send the invoice?"],
      ["Igor", "Tomorrow morning, I promise."],
      ["Anna Petrova", "Write to billing@example.com please."],
    ]),
    ...talk("b", [
      ["Мария", "Добрый день! Когда вы запустите сайт?"],
      ["Igor", "В пятницу, 12 мая, мы всё опубликуем."],
      ["Мария", "Логотип нам нравится, спасибо."],
    ]),
    {
      ref: `lindoc:test:${n}`,
      thread: `doc-${n}`,
      title: "Plan",
      kind: "document",
      text: "The rollout happens in three phases.",
      private: true,
    },
  ];
};
const found = async (query: string, more: Partial<Ask> = {}, n = 0, vector?: Vector) =>
  retrieve(here.scope(n), { ...ask, query, topK: 5, deadline: performance.now() + 10_000, ...more }, vector);

beforeAll(async () => {
  database = await freshDatabase();
  here = await library(3);
  await write(here, project(0), 0);
  await write(here, project(1), 1);
  const pages = ["Apples", "Pears", "Plums", "Figs"].map((title) => ({
    ref: `lindoc:test:${title}`,
    thread: title,
    title,
    kind: "document",
    text: `${title} are fruit that somebody described.`,
  }));
  const named = {
    ref: "lindoc:test:olga",
    thread: "olga",
    title: "Olga Bern",
    kind: "document",
    text: "Olga Bern wrote the Autumn Almanac, which others described.",
  };
  const home = {
    ref: "lindoc:test:almanac",
    thread: "almanac",
    title: "Autumn Almanac",
    kind: "document",
    text: "Printed once a year in Riga.",
  };
  await write(here, [...pages, named, home], 2);
});
afterAll(() => database.close());

test("a Russian word finds what is said with another of its root, in its own project alone", async () => {
  const [first] = (await found("публикация")).chunks;
  expect(first?.text).toContain("опубликуем");
  expect((await found("публикация", {}, 2)).chunks.filter(({ text }) => text.includes("опубликуем"))).toEqual([]);
});

test("a question finds the answer that follows it, said by the one who is asked about", async () => {
  const { chunks, partial, crossLanguageLimited } = await found("When will Igor send the invoice?");
  expect(chunks.slice(0, 2).map(({ text }) => text)).toContain("Tomorrow morning, I promise.");
  expect({ partial, crossLanguageLimited }).toEqual({ partial: false, crossLanguageLimited: false });
});

test("codes and addresses are found as they are", async () => {
  expect((await found("ABC-123")).chunks[0]?.text).toContain("ABC-123");
  expect((await found("who wrote billing@example.com?")).chunks[0]?.text).toContain("billing@example.com");
});

test("what a text names is found where it is at home", async () => {
  const { chunks } = await found("In which city is what Olga Bern wrote printed?", {}, 2);
  expect(chunks.find(({ title }) => title === "Autumn Almanac")).toMatchObject({ why: { mentioned: expect.any(Number) } });
});

test("a client is shown nothing private, and a filter leaves out what it does not allow", async () => {
  expect((await found("rollout phases")).chunks[0]?.title).toBe("Plan");
  expect((await found("rollout phases", { audience: "client" })).chunks).toEqual([]);
  expect((await found("invoice", { kinds: ["document"] })).chunks).toEqual([]);
  expect((await found("invoice", { from: new Date("2999-01-01") })).chunks).toEqual([]);
});

test("what is asked in a language that the project does not speak is marked, for want of vectors", async () => {
  expect((await found("что обещал Игорь?", {}, 2)).crossLanguageLimited).toBe(true);
  expect((await found("что обещал Игорь?")).crossLanguageLimited).toBe(false);
});

test("time that has run out gives what there is, and says so", async () => {
  expect(await found("invoice", { deadline: performance.now() - 1 })).toMatchObject({ chunks: [], partial: true });
});

test("hostile, empty and endless questions are words like any other", async () => {
  const hostile = [
    "'; drop table rag_chunks; --",
    "(a|b)*+?[^",
    "invoice & !( | <-> :*",
    "the of and",
    "",
    "   ",
    "🎉🎉",
    "invoice\0invoice",
    "%_%",
    "x".repeat(4_000),
    "invoice ".repeat(500),
    Array.from({ length: 900 }, (_, n) => `w${n}`).join(" "),
    "n:anna n:igor",
  ];
  for (const query of hostile) expect((await found(query)).partial, query).toBe(false);
  expect((await found("invoice ".repeat(500))).chunks.some(({ text }) => text.includes("invoice"))).toBe(true);
});

test("no question finds a text of another project, by its words or by its vector", async () => {
  await asOwner(async () => {
    await sql`
      insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
      select project_id, account_scope_id, 'probe:3', part, chunk_no, 3, array[sin(chunk_no), cos(chunk_no), sin(chunk_no * 7)]::vector::halfvec
      from rag_chunks cross join unnest(array['turn', 'window']) as p (part)`;
    await sql`update rag_chunks set embedding_status = 'ready', embedding_model = 'probe:3'`;
  });
  const [theirs, mine] = [0, 1].map((n) => new Set(project(n).map(({ ref }) => ref))) as [Set<string>, Set<string>];
  const words = project(0).flatMap(({ text }) => text.split(" "));
  for (let n = 0; n < 1_000; n++) {
    const query = Array.from({ length: 1 + (n % 5) }, (_, k) => words[(n * 7 + k * 13) % words.length]).join(" ");
    const { chunks } = await found(query, {}, 1 + (n % 2), { model: "probe:3", vector: [Math.sin(n), Math.cos(n), Math.sin(n * 7)] });
    expect(chunks.length).toBe(5);
    expect(chunks.every(({ sourceRef }) => !theirs.has(sourceRef) && mine.has(sourceRef) === (n % 2 === 0))).toBe(true);
  }
}, 120_000);

// The embedded database has one connection: nothing is locked against another.
test.skipIf(!process.env.TEST_DATABASE_URL)("vectors that take too long leave the words their time", async () => {
  const vector = { model: "probe:3", vector: [1, 0, 0] };
  const words = (await found("invoice")).chunks.map(({ chunkNo }) => chunkNo);
  expect(words.length).toBeGreaterThan(0);
  const freed = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holder = asOwner(async () => {
    await sql`lock table rag_vectors in access exclusive mode`;
    held.resolve();
    await freed.promise;
  });
  await held.promise;
  const late = await found("invoice", { deadline: performance.now() + 3_000 }, 0, vector);
  freed.resolve();
  await holder;
  expect(late.partial).toBe(true);
  expect(late.chunks.map(({ chunkNo }) => chunkNo)).toEqual(words);
});

test("a mode follows what is mentioned only if it says so", async () => {
  const query = "In which city is what Olga Bern wrote printed?";
  const follows = async (mode: string) => (await found(query, { mode }, 2)).chunks.some(({ why }) => "mentioned" in why);
  expect(await Promise.all(["naive", "global", "local", "hybrid", "mix"].map(follows))).toEqual([false, false, true, true, true]);
});

test.skipIf(!process.env.TEST_DATABASE_URL)(
  "a filter looks among all that have a word, however many the newest are that it leaves out",
  async () => {
    await asOwner(async () => {
      await sql`set local session_replication_role = replica`;
      await sql`
      insert into rag_chunks (project_id, account_scope_id, connection_id, source_kind, source_ref, thread_ref, ord, text, text_hash, language, private, content_tokens,
        occurred_at, words, indexed_at, created_at, updated_at)
      select ${here.projects[2] ?? ""}, ${here.accountScopeId}, ${here.connectionId}, 'message', 'cwmsg:crowd:' || n, 'crowd', n, 'zebra ' || n, md5(n::text), 'en', n > 3, 1,
        now() + n * interval '1 second', array_to_tsvector(array['zebra']), now(), now(), now()
      from generate_series(1, 41000) n order by n`;
      await sql`
      insert into rag_postings (project_id, account_scope_id, term, chunk_no, tf, dl)
      select project_id, account_scope_id, 'zebra', chunk_no, 1, 2 from rag_chunks where thread_ref = 'crowd'`;
    });
    const open = await found("zebra", { audience: "client" }, 2);
    expect(open.chunks.map(({ sourceRef }) => sourceRef).toSorted()).toEqual(["cwmsg:crowd:1", "cwmsg:crowd:2", "cwmsg:crowd:3"]);
  },
);
