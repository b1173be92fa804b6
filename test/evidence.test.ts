import { afterAll, beforeAll, expect, test } from "vitest";
import * as Answer from "#core/memory/answer.ts";
import * as Citations from "#core/memory/citations.ts";
import * as Extractive from "#core/memory/extractive.ts";
import { retrieve } from "#core/memory/retrieve.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { ask, type Library, library, write } from "#test/texts.ts";

// Thousands of texts take the embedded database half a minute.
const server = Boolean(process.env.TEST_DATABASE_URL);
const ANSWER = "cwmsg:test:0";
let database: TestDatabase | undefined;
let here: Library;
beforeAll(async () => {
  if (!server) return;
  database = await freshDatabase();
  here = await library(2);
  const topics = "homepage deadline banner invoice server review contract release payment sitemap".split(" ");
  for (const [n, size] of [500, 5_000].entries()) {
    const texts = Array.from({ length: size }, (_, k) => ({
      ref: `cwmsg:test:${k + 1}`,
      thread: `${n}-${Math.floor(k / 40)}`,
      text: `We talked about the ${topics[k % 10]} again, number ${k}.`,
    }));
    await write(here, [...texts, { ref: ANSWER, thread: `${n}-answer`, text: "The deadline of the homepage is the ninth of May." }], n);
  }
});
afterAll(() => database?.close());

async function judged(n: number, query: string): Promise<{ share: number; enough: boolean }> {
  const { chunks } = await retrieve(here.scope(n), { ...ask, query, topK: 10, deadline: performance.now() + 30_000 });
  expect(chunks[0]?.sourceRef).toBe(ANSWER);
  const cited = await Citations.chunks(
    here.scope(n),
    chunks.map(({ id }) => id),
    "team",
  );
  const { weights, passages } = await Extractive.read(
    here.scope(n),
    query,
    cited.map((one) => ({ ...one, score: 1, similarity: undefined })),
  );
  return Answer.relevance(weights, passages);
}

test.skipIf(!server)(
  "the same answer is as good in a project ten times as large, where every word is said ten times as often",
  async () => {
    const query = "When is the homepage deadline, roughly?";
    const [small, large] = [await judged(0, query), await judged(1, query)];
    expect(small.enough).toBe(true);
    expect(large.enough).toBe(true);
    expect(large.share).toBeCloseTo(small.share, 1);
  },
);
