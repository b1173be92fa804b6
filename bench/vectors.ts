import type * as Db from "#core/db.ts";
import { transaction } from "#core/db.ts";
import * as Ann from "#core/memory/ann.ts";
import * as Candidates from "#core/memory/candidates.ts";
import { ask, type Library, library } from "#test/texts.ts";
import type { Row } from "./main.ts";
import * as Crowd from "./support/crowd.ts";
import { benchDatabase, median } from "./support/database.ts";

const SIZES = { "10k": 10_000, "20k": 20_000, "50k": 50_000, "100k": 100_000 } as const;
const SHARING = [1, 20, 200] as const;
const ALL = 40_000;
const QUESTIONS = 50;
const LIMIT = 200;
const AT = [10, LIMIT] as const;

type Compared = { exact: number[]; index: number[]; recall: Record<number, number[]> };

/**
 * Where the index of vectors wins over reading all vectors of a project, and what it misses: milliseconds of both by the size of the project, and the share
 * of the 10 and the 200 nearest that the index finds, by size and by how many projects share it with 40,000 vectors.
 */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, count] of Object.entries(SIZES)) {
    say(`${name} in one project`);
    const { exact, index, recall } = await compare(1, count);
    rows.push({ case: `exact_${name}`, value: median(exact), unit: "ms" });
    rows.push({ case: `index_${name}`, value: median(index), unit: "ms", ratio: median(index) / median(exact), against: "exact" });
    rows.push(...AT.map((k) => share(`recall_at_${k}_${name}`, recall[k] ?? [])));
  }
  for (const projects of SHARING) {
    say(`${projects} projects`);
    const { recall } = await compare(projects, ALL / projects);
    rows.push(...AT.map((k) => share(`recall_at_${k}_of_${projects}_projects`, recall[k] ?? [])));
  }
  return rows;
}

const share = (name: string, values: readonly number[]): Row => ({
  case: name,
  value: (100 * values.reduce((sum, value) => sum + value, 0)) / values.length,
  unit: "%",
});

/** So many projects of so many vectors each, in one index: asked by it and without it. */
async function compare(projects: number, each: number): Promise<Compared> {
  const { owner, drop } = await benchDatabase("vectors", 4);
  try {
    await Crowd.bases(owner);
    const at = await library(projects);
    const limit = Math.min(LIMIT, each);
    for (let n = 0; n < projects; n++) await Crowd.vectors(owner, at, n, each);
    await Crowd.index(owner, at.projects);
    await owner`vacuum (analyze) rag_vectors`;
    const compared: Compared = { exact: [], index: [], recall: Object.fromEntries(AT.map((k) => [k, []])) };
    for (let seed = 0; seed < QUESTIONS; seed++) await question(owner, at, { seed, n: (seed * 7) % projects, limit }, compared);
    return compared;
  } finally {
    await drop();
  }
}

async function question(owner: Db.Sql, at: Library, { seed, n, limit }: { seed: number; n: number; limit: number }, compared: Compared) {
  const { vector } = await Crowd.question(owner, seed);
  const asked = { model: Crowd.MODEL, vector };
  const [projectId = ""] = at.scope(n).projects;
  const ofIndex = await took(() => transaction(at.scope(n), () => Ann.nearest(projectId, asked, limit)));
  const ofAll = await took(() => transaction(at.scope(n), () => Candidates.nearest(projectId, asked, { ...ask }, limit)));
  compared.index.push(ofIndex.ms);
  compared.exact.push(ofAll.ms);
  for (const k of AT) {
    // Two that are equally near are as good as each other.
    const edge = ofAll.answer[Math.min(k, limit) - 1]?.likeness ?? 0;
    const found = (ofIndex.answer ?? ofAll.answer).slice(0, k).filter(({ likeness }) => likeness >= edge - 1e-6);
    compared.recall[k]?.push(Math.min(1, found.length / Math.min(k, limit)));
  }
}

async function took<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const began = performance.now();
  const answer = await work();
  return { ms: performance.now() - began, answer };
}
