import { randomUUID } from "node:crypto";
import type * as Db from "#core/db.ts";
import * as Ann from "#core/memory/ann.ts";
import { Question } from "#core/memory/asked.ts";
import { query } from "#core/memory/query.ts";
import { retrieve } from "#core/memory/retrieve.ts";
import { ask, type Library, library } from "#test/texts.ts";
import type { Row } from "./main.ts";
import * as Crowd from "./support/crowd.ts";
import { benchDatabase } from "./support/database.ts";
import { embeddingRate } from "./support/embedding.ts";
import { indexingRate } from "./support/indexing.ts";

const SIZES = { "10k": 10_000, "100k": 100_000, "1m": 1_000_000 } as const;
const QUESTIONS = 50;
/** Asked before those, so that every connection has planned its statements. */
const WARM_UP = 10;
const LIMIT = 10;

type Timed = { whole: number[]; vectors: number[]; text: number[] };

/**
 * Milliseconds of a question in projects of 10,000, 100,000 and a million texts, as the application's role, beside the bare nearest-vector query (by the
 * index where the product has one) and the bare full-text query (any of the words, ts_rank, a GIN index of its own), as the owner; and how fast memory is filled. `--sizes 10k,100k`: only these.
 */
export async function run(say: (line: string) => void, flags: readonly string[] = []): Promise<Row[]> {
  const wanted = flags.includes("--sizes") ? (flags[flags.indexOf("--sizes") + 1] ?? "").split(",") : Object.keys(SIZES);
  const sizes = Object.entries(SIZES).filter(([name]) => wanted.includes(name));
  const { owner, drop } = await benchDatabase("query", 4);
  try {
    await Crowd.bases(owner);
    const at = await library(sizes.length);
    for (const [n, [name, count]] of sizes.entries()) {
      const began = performance.now();
      await Crowd.fill(owner, at, n, count);
      say(`${name}: made in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    }
    for (const [n, [, count]] of sizes.entries()) if (count > Ann.exact(Crowd.DIMENSIONS)) await Crowd.index(owner, [at.projects[n] ?? ""]);
    await owner`create index bench_words on rag_chunks using gin (words)`;
    await owner`vacuum (analyze) rag_chunks, rag_postings, rag_vectors`;
    const rows: Row[] = [];
    for (const [n, [name, count]] of sizes.entries()) rows.push(...table(name, await time(owner, at, n, count)));
    return [...rows, ...(await rates(owner))];
  } finally {
    await drop();
  }
}

const INDEXED = 20_000;
const EMBEDDED = 4_096;
const WORDS = ["landing page live", "invoice for march paid", "bank is slow", "contract draft review", "server deadline", "logo budget"];

/**
 * How fast memory is filled: messages chunked and indexed, and embedded by a simulated OpenAI that answers at once and after 200 ms; and how long a whole
 * answer from such messages takes, with its citations, facts and the note of what was asked.
 */
async function rates(owner: Db.Sql): Promise<Row[]> {
  const { whole, chunking, indexing, scope } = await indexingRate(INDEXED);
  const rows = [
    { case: "chunked_and_indexed", value: whole, unit: "rows/s" },
    { case: "chunked", value: chunking, unit: "rows/s" },
    { case: "indexed", value: indexing, unit: "rows/s" },
  ];
  // As autovacuum does within a minute or two.
  await owner`analyze`;
  const actor = { kind: "user", id: randomUUID(), username: "bench", role: "pm", accountScopeId: scope.accountScopeId } as const;
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + QUESTIONS; n++) {
    const asked = Question.parse({ query: `what about ${WORDS[n % WORDS.length]} ${n}?` });
    times.push(await took(() => query(actor, scope, asked)));
  }
  rows.push(...[50, 95].map((percent) => ({ case: `answered_p${percent}_20k`, value: at(times.slice(WARM_UP), percent), unit: "ms" })));
  for (const latencyMs of [0, 200])
    rows.push({ case: `embedded_${latencyMs}ms`, value: await embeddingRate(EMBEDDED, latencyMs), unit: "texts/s" });
  return rows;
}

const at = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * percent) / 100))] ?? 0;

async function time(owner: Db.Sql, at: Library, n: number, count: number): Promise<Timed> {
  const project = at.projects[n] ?? "";
  const times: Timed = { whole: [], vectors: [], text: [] };
  for (let seed = 0; seed < WARM_UP + QUESTIONS; seed++) {
    const { query, vector } = await Crowd.question(owner, seed);
    const literal = `[${vector.join(",")}]`;
    const any = query.replaceAll(" ", " | ");
    times.vectors.push(
      await took(() =>
        count > Ann.exact(Crowd.DIMENSIONS)
          ? owner`
              select chunk_no from rag_vectors where project_id = ${project} and model = ${Crowd.MODEL} and part = 'window' and dims = ${owner.unsafe(String(Crowd.DIMENSIONS))} and ann
              order by ${owner.unsafe(`embedding::halfvec(${Crowd.DIMENSIONS})`)} <=> ${literal}::halfvec limit ${LIMIT}`
          : owner`
              select chunk_no from rag_vectors where project_id = ${project} and model = ${Crowd.MODEL} and part = 'window' and dims = ${Crowd.DIMENSIONS}
              order by embedding <=> ${literal}::halfvec limit ${LIMIT}`,
      ),
    );
    times.text.push(
      await took(
        () => owner`
          select chunk_no from rag_chunks where project_id = ${project} and words @@ ${any}::tsquery
          order by ts_rank(words, ${any}::tsquery) desc limit ${LIMIT}`,
      ),
    );
    times.whole.push(
      await took(() =>
        retrieve(at.scope(n), { ...ask, query, topK: LIMIT, deadline: performance.now() + 60_000 }, { model: Crowd.MODEL, vector }),
      ),
    );
  }
  for (const each of Object.values(times)) each.splice(0, WARM_UP);
  return times;
}

async function took(work: () => PromiseLike<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function table(name: string, times: Timed): Row[] {
  return [50, 95].map((percent) => {
    const [whole, vectors, text] = [at(times.whole, percent), at(times.vectors, percent), at(times.text, percent)];
    return {
      case: `p${percent}_${name}`,
      value: whole,
      unit: "ms",
      ratio: whole / (vectors + text),
      against: `vectors ${vectors.toFixed(1)} + full text ${text.toFixed(1)} ms`,
    };
  });
}
