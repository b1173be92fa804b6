import { sql, transaction } from "#core/db.ts";
import { type Reason, reason } from "#core/error.ts";
import type { Vector } from "#core/memory/ann.ts";
import * as Candidates from "#core/memory/candidates.ts";
import type { Told } from "#core/memory/features.ts";
import { type Candidate, type Gathered, gather } from "#core/memory/gather.ts";
import { kin } from "#core/memory/kin.ts";
import * as Question from "#core/memory/question.ts";
import * as Rank from "#core/memory/rank.ts";
import { KIN, type Weighed, weighed } from "#core/memory/terms.ts";
import { ACROSS, BY_VECTORS, BY_WORDS, type Weights } from "#core/memory/weights.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `deadline`: on the scale of performance.now(); what is known by then is what is found. `topK`: at most 150. */
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
/**
 * `standing`: how far the likest of the best stand out from what else came near, by their cosines: 0 not at all, 1 as far as can be; undefined without vectors, or
 * where little came near. `reasons`: why it was not looked for in every way that was asked for.
 */
export type Retrieved = {
  chunks: Found[];
  standing: number | undefined;
  partial: boolean;
  reasons: Reason[];
  crossLanguageLimited: boolean;
};

const SEEDS = 80;
const NEAREST = 200;
/** The share of the time that is left which the vectors may take: without them the words have to do. */
const NEAR_SHARE = 0.5;
/** How many of the best are looked at for how they stand out, and of how many at least. */
const STANDING = 5;
const AMONG = 20;
/** Modes that follow what the best mention, and those that look in many places. */
const FOLLOWS = ["local", "hybrid", "mix"];
const SPREADS = ["global", "hybrid"];
/** Postgres: a statement was cancelled, here by its timeout. */
const CANCELLED = "57014";

/**
 * Finds the texts of one project that may answer a question, the best first. `vector`: the question's, under the name of the model that the project's
 * vectors are from; without it the words alone have to do. Never throws for what a question says; what took too long is left out and `partial` says so.
 */
export async function retrieve(scope: ProjectScope, ask: Ask, vector?: Vector): Promise<Retrieved> {
  const [projectId = ""] = scope.projects;
  const question = Question.parse(ask.query);
  const stage = stages(scope, ask.deadline);
  const size = await stage(() => Candidates.size(projectId));
  const language = Question.language(ask.query);
  const foreign = language !== undefined && size !== undefined && size.languages.length > 0 && !size.languages.includes(language);
  const reasons: Reason[] = [];
  const [words, near] = await Promise.all([
    size &&
      stage(async () => {
        const counted = await Candidates.words(projectId, question.tokens, size);
        const terms = weighed(counted, await kin(projectId, question.tokens), size.chunks);
        return { size, terms, seeds: await Candidates.byWords(projectId, terms.flatMap(seeking), size, ask, SEEDS) };
      }),
    size &&
      vector &&
      stage(async () => {
        // In another language there are no words to go by: a few vectors are better than none.
        if (foreign || (await Candidates.covered(projectId, vector, size)))
          return { vector, found: await Candidates.byVector(projectId, vector, size, ask, NEAREST) };
        reasons.push(reason("not_yet_embedded", { model: vector.model }));
        return undefined;
      }, NEAR_SHARE),
  ]);
  const embedded = Boolean(near?.found.length);
  const weights = !embedded ? BY_WORDS : foreign ? ACROSS : BY_VECTORS;
  const wanted = words && { question, near: embedded ? near : undefined, ...words };
  const found = wanted && (await stage(async () => answers(projectId, ask, question, await gather(projectId, wanted, ask), weights)));
  return {
    chunks: found?.chunks ?? [],
    standing: found?.standing,
    partial: stage.late(),
    reasons,
    crossLanguageLimited: foreign && !embedded,
  };
}

/** Runs the parts of a retrieval, each in a transaction of its own that may take a share of the time that is left: what was cut off gives nothing. */
function stages(scope: ProjectScope, deadline: number) {
  let late = false;
  const stage = async <T>(work: () => Promise<T>, share = 1): Promise<T | undefined> => {
    const left = () => Math.floor((deadline - performance.now()) * share);
    late ||= left() <= 0;
    if (left() <= 0) return undefined;
    try {
      return await transaction(scope, async () => {
        // A parallel worker takes longer to start than most of these statements run; in a large project the nearest vectors are worth it.
        await sql`select set_config('statement_timeout', ${String(Math.max(1, left()))}, true), set_config('min_parallel_table_scan_size', '256MB', true)`;
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
const seeking = ({ terms, kin, idf }: Weighed): Candidates.Weight[] => [
  ...terms.map((term, n) => ({ term, idf: n === 0 ? idf : idf / 2 })),
  ...kin.map((term) => ({ term, idf: idf * KIN })),
];

/** Reads the texts of the best candidates, ranks them by what they say as well, and follows what the best of them mention. */
async function answers(
  projectId: string,
  ask: Ask,
  asked: Question.Question,
  { candidates, columns }: Gathered,
  weights: Weights,
): Promise<Pick<Retrieved, "chunks" | "standing">> {
  const listed = Rank.shortlist(columns, weights, (row) => candidates[row]?.allowed ?? false);
  const before = (row: number) => (candidates[row]?.before ? candidates[row - 1] : undefined);
  const shown = listed.flatMap(({ row }) => [candidates[row], before(row)]).flatMap((one) => one?.chunkNo ?? []);
  const texts = await textsOf(projectId, shown);
  const say = (one: Candidate | undefined) => ({ text: texts.get(one?.chunkNo ?? 0)?.text ?? "", author: one?.authorRef ?? undefined });
  const tell = (row: number): Told => ({
    ...say(candidates[row]),
    speech: candidates[row]?.speech ?? false,
    before: before(row) && { ...say(before(row)), body: columns.body[row - 1] ?? 0 },
  });
  const read = Rank.read(listed, tell, asked, columns.body, weights).map((one) => ({ ...one, chunkNo: candidates[one.row]?.chunkNo ?? 0 }));
  const followed = read.slice(0, Rank.FOLLOWED).map(({ chunkNo }) => chunkNo);
  const ranked = Rank.hop(read, FOLLOWS.includes(ask.mode) ? await Candidates.homes(projectId, followed, ask) : []);
  const talkOf = (row: number) => (candidates[row]?.long ? candidates[row]?.threadRef : undefined);
  const chosen = (SPREADS.includes(ask.mode) || (asked.wide && ask.mode === "mix") ? Rank.spread(ranked, talkOf) : ranked).slice(
    0,
    ask.topK,
  );
  const others = await textsOf(
    projectId,
    chosen.map(({ chunkNo }) => chunkNo).filter((chunkNo) => !texts.has(chunkNo)),
  );
  const chunks = chosen.flatMap(({ chunkNo, row, score, why }) => {
    const text = texts.get(chunkNo) ?? others.get(chunkNo);
    return text ? { ...text, score, why, similarity: candidates[row]?.similarity } : [];
  });
  return { chunks, standing: standing(ranked.flatMap(({ row }) => candidates[row]?.similarity ?? [])) };
}

/** Of cosines in the order of the ranking. Those of one model are high or low for all texts: what counts is how much the best are above the rest. */
function standing(likenesses: readonly number[]): number | undefined {
  if (likenesses.length < AMONG) return undefined;
  const middle = likenesses.toSorted((a, b) => a - b)[Math.floor(likenesses.length / 2)] ?? 0;
  return (Math.max(...likenesses.slice(0, STANDING)) - middle) / Math.max(1e-6, 1 - middle);
}

async function textsOf(projectId: string, chunkNos: readonly number[]): Promise<Map<number, Candidates.Told>> {
  if (chunkNos.length === 0) return new Map();
  return new Map((await Candidates.texts(projectId, [...new Set(chunkNos)])).map((text) => [text.chunkNo, text]));
}
