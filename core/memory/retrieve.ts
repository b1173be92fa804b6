import { sql, transaction } from "#core/db.ts";
import * as Candidates from "#core/memory/candidates.ts";
import { type Columns, placed, type Row, type Told } from "#core/memory/features.ts";
import * as Question from "#core/memory/question.ts";
import * as Rank from "#core/memory/rank.ts";
import * as Runs from "#core/memory/runs.ts";
import { countsOf, type Weighed, weighed } from "#core/memory/terms.ts";
import * as Weights from "#core/memory/weights.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `deadline`: on the scale of performance.now(); what is known by then is what is found. `topK`: at most 200. */
export type Ask = Candidates.Filter & { query: string; mode: string; topK: number; deadline: number };
/** `score` is comparable within one question only; `why`: what each feature gave of it. `similarity`: the cosine to the question. */
export type Found = {
  id: string;
  chunkNo: number;
  sourceKind: string;
  sourceRef: string;
  threadRef: string;
  authorRef: string | null;
  title: string | null;
  text: string;
  private: boolean;
  occurredAt: Date;
  score: number;
  similarity: number | undefined;
  why: Record<string, number>;
};
export type Retrieved = { chunks: Found[]; partial: boolean; crossLanguageLimited: boolean };

const SEEDS = 120;
const NEAREST = 200;
const NEAREST_READ = 80;
const MOST = 200;
/** Postgres: a statement was cancelled, here by its timeout. */
const CANCELLED = "57014";

/**
 * Finds the texts of one project that may answer a question, the best first. `vector`: the question's, under the name of the model that the project's
 * vectors are from; without it the words alone have to do. Never throws for what a question says; what took too long is left out and `partial` says so.
 */
export async function retrieve(scope: ProjectScope, ask: Ask, vector?: Candidates.Vector): Promise<Retrieved> {
  const [projectId = ""] = scope.projects;
  const question = Question.parse(ask.query);
  const stage = stages(scope, ask.deadline);
  const words = await stage(async () => {
    const size = await Candidates.size(projectId);
    const terms = weighed(await Candidates.words(projectId, question.tokens, size), size.chunks);
    return { size, terms, seeds: await Candidates.byWords(projectId, terms.flatMap(seeking), size, ask, SEEDS) };
  });
  const near =
    vector &&
    (await stage(async () => ({
      vector,
      turn: await Candidates.byVector(projectId, vector, "turn", ask, NEAREST),
      window: await Candidates.byVector(projectId, vector, "window", ask, NEAREST),
    })));
  const chunks = words && (await stage(() => look(projectId, { question, ask, near, ...words })));
  const language = Question.language(ask.query);
  const foreign = language !== undefined && words?.size.language != null && words.size.language !== language;
  return { chunks: chunks ?? [], partial: stage.late(), crossLanguageLimited: foreign && !(near?.turn.length || near?.window.length) };
}

/** Runs the parts of a retrieval, each in a transaction of its own that ends at the deadline: what was cut off gives nothing. */
function stages(scope: ProjectScope, deadline: number) {
  let late = false;
  const stage = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    const left = Math.floor(deadline - performance.now());
    late ||= left <= 0;
    if (left <= 0) return undefined;
    try {
      return await transaction(scope, async () => {
        await sql`select set_config('statement_timeout', ${String(left)}, true)`;
        return work();
      });
    } catch (error) {
      if ((error as { code?: unknown }).code !== CANCELLED) throw error;
      late = true;
      return undefined;
    }
  };
  return Object.assign(stage, { late: () => late });
}

/** What a word is looked for by; its sound finds what is written in another script. */
const seeking = ({ terms, idf }: Weighed): Candidates.Weight[] => terms.map((term, n) => ({ term, idf: n === 0 ? idf : idf / 2 }));

type Wanted = {
  question: Question.Question;
  terms: readonly Weighed[];
  ask: Ask;
  size: Candidates.Size;
  seeds: readonly number[];
  near: { vector: Candidates.Vector; turn: readonly Candidates.Likeness[]; window: readonly Candidates.Likeness[] } | undefined;
};

/** Reads the candidates with what was said around them, and ranks them. */
async function look(projectId: string, { question, terms, seeds, ask, size, near }: Wanted): Promise<Found[]> {
  const { turn = [], window = [] } = near ?? {};
  const nearest = [turn, window].flatMap((list) => list.slice(0, NEAREST_READ).map(({ chunkNo }) => chunkNo));
  const wanted = [...new Set([...seeds, ...nearest])];
  const areas = await Candidates.areas(projectId, wanted, ask);
  const chunks = await Candidates.places(projectId, [...new Set(areas.flat())], ask);
  const numbers = chunks.map(({ chunkNo }) => chunkNo);
  const counts = countsOf(
    terms,
    await Candidates.counts(
      projectId,
      terms.flatMap((one) => one.terms),
      numbers,
    ),
  );
  const likenesses = near ? await Candidates.likeness(projectId, near.vector, numbers) : [];
  const known = await Candidates.authors(projectId, [...new Set(chunks.flatMap(({ authorRef }) => authorRef ?? []))]);
  const named = known.map(({ ref, name }) => ({ ref, words: Question.naming(question, name) })).filter(({ words }) => words.length > 0);
  const naming = new Set(named.flatMap(({ words }) => words));
  const like = { turn: new Map<number, number>(), window: new Map<number, number>() };
  for (const { chunkNo, part, likeness } of likenesses) like[part].set(chunkNo, likeness);
  const scale = { turn: Rank.scaled(turn.map(({ likeness }) => likeness)), window: Rank.scaled(window.map(({ likeness }) => likeness)) };
  const rowOf = (chunk: Candidates.Placed): Row & Candidates.Placed => ({
    ...chunk,
    author: chunk.authorRef ?? undefined,
    counts: counts.get(chunk.chunkNo) ?? new Map(),
    turn: scale.turn(like.turn.get(chunk.chunkNo)),
    window: scale.window(like.window.get(chunk.chunkNo)),
  });
  const runs = Runs.runs(chunks.map(rowOf), areas);
  const asked = terms.map(({ head, idf, words }) => ({ term: head, idf, naming: words.some((word) => naming.has(word)) }));
  const columns = placed(asked, runs, size.words, new Set(named.map(({ ref }) => ref)));
  return told(projectId, { question, runs, columns, ask, similarity: like.turn });
}

type Placing = {
  question: Question.Question;
  runs: readonly (readonly (Row & Candidates.Placed)[])[];
  columns: Columns;
  ask: Ask;
  similarity: ReadonlyMap<number, number>;
};

/** Reads the texts of the best and ranks them by what they say. */
async function told(projectId: string, { question, runs, columns, ask, similarity }: Placing): Promise<Found[]> {
  const rows = runs.flatMap((run) => run.map((row, n) => ({ ...row, before: n > 0 })));
  const listed = Rank.shortlist(columns, Weights.BY_WORDS, (row) => rows[row]?.allowed ?? false);
  const shown = listed
    .flatMap(({ row }) => [rows[row], rows[row]?.before ? rows[row - 1] : undefined])
    .flatMap((row) => row?.chunkNo ?? []);
  const texts = new Map((await Candidates.texts(projectId, [...new Set(shown)])).map((text) => [text.chunkNo, text]));
  const say = (row: number) => ({ text: texts.get(rows[row]?.chunkNo ?? 0)?.text ?? "", author: rows[row]?.author });
  const tell = (row: number): Told => ({
    ...say(row),
    before: rows[row]?.before ? { ...say(row - 1), body: columns.body[row - 1] ?? 0 } : undefined,
  });
  return Rank.read(listed, tell, question, columns.body, Weights.BY_WORDS)
    .slice(0, Math.min(ask.topK, MOST))
    .flatMap(({ row, score, why }) => {
      const text = texts.get(rows[row]?.chunkNo ?? 0);
      return text ? { ...text, score, why, similarity: similarity.get(text.chunkNo) } : [];
    });
}
