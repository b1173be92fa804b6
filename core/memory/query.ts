import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import { ReasonInfo, told } from "#core/jobs/reason.ts";
import { AsOf, asOf } from "#core/memory/as-of.ts";
import { frame, type Question } from "#core/memory/asked.ts";
import * as Citations from "#core/memory/citations.ts";
import { embedQuestion } from "#core/memory/embed-question.ts";
import { Entity, Fact, speakOf } from "#core/memory/entities.ts";
import type { Ranked } from "#core/memory/extractive.ts";
import * as QueryRun from "#core/memory/query-run.ts";
import { type Found, retrieve } from "#core/memory/retrieve.ts";
import { tell } from "#core/memory/tell.ts";
import type { ProjectScope } from "#core/scope.ts";

const BUDGET_MS = 10_000;
const EMBEDDING_MS = 2_500;

export const Hit = Citations.Chunk.extend({ score: z.number() });
export type Hit = z.infer<typeof Hit>;

export const Answered = z.object({
  query: z.string(),
  mode: z.enum(QueryRun.MODES),
  answer: z.string().nullable(),
  /** How it was made in the end: a wording that could not be had is an extract, with the reason. */
  answered: z.enum(QueryRun.ANSWERS),
  citations: z.array(Citations.Citation),
  chunks: z.array(Hit),
  evidence: z.array(Citations.Evidence),
  entities: z.array(Entity),
  facts: z.array(Fact),
  stats: z.object({ chunks: z.number(), records: z.number(), byKind: z.record(z.string(), z.number()) }),
  /** 0..100: how well the cited texts fit the question, however many there are. */
  qualityScore: z.number(),
  /** How many kinds of source the chunks come from. */
  sourceDiversity: z.number(),
  insufficientEvidence: z.boolean(),
  asOf: z.array(AsOf),
  crossLanguageLimited: z.boolean(),
  /** Whether time ran out before all was looked at. */
  partial: z.boolean(),
  queryRunId: z.uuid(),
  cost: z.object({ usd: z.number() }),
  durationMs: z.number(),
  reasons: z.array(ReasonInfo),
});
export type Answered = z.infer<typeof Answered>;

/**
 * Answers a question out of one project's memory, in at most about ten seconds, and writes down what was asked. `depth`: how many chunks are found and
 * written down, of which the answer shows the first `topK`. There is always an answer, with the reasons why it is no better; throws `validation_error` for a
 * period that ends before it begins.
 */
export async function query(actor: Caller, scope: ProjectScope, asked: Question, depth = asked.topK): Promise<Answered> {
  const began = performance.now();
  const left = () => Math.max(0, Math.floor(BUDGET_MS - (performance.now() - began)));
  const { query: question, mode, audience, topK } = asked;
  const { kinds, period, timeZone } = await frame(scope, asked);
  const by = label(actor);
  const embedded = await embedQuestion(scope, question, { by, timeoutMs: EMBEDDING_MS });
  const vector = "vector" in embedded ? embedded : undefined;
  const found = await retrieve(
    scope,
    { query: question, mode, topK: depth, audience, kinds, ...period, deadline: began + BUDGET_MS },
    vector,
  );
  const ranked = await rank(scope, found.chunks, audience);
  const chunks = ranked.slice(0, topK);
  const chunkNos = chunks.map(({ chunkNo }) => chunkNo);
  const [{ text, costUsd, reasons, ...answer }, spoken, sources] = await Promise.all([
    tell(scope, { question, answer: asked.answer, standing: found.standing, by, timeZone, left }, chunks),
    speakOf(scope, { question, chunkNos, openOnly: audience === "client", to: period.to }),
    asOf(scope),
  ]);
  const why = [...("reason" in embedded ? [embedded.reason] : []), ...found.reasons, ...reasons];
  const cited = new Set(answer.citations.map(({ chunkId }) => chunkId));
  const outcome = {
    query: question,
    mode,
    ...answer,
    sourceDiversity: new Set(chunks.map(({ sourceKind }) => sourceKind)).size,
    partial: found.partial || left() === 0,
    durationMs: Math.round(performance.now() - began),
  };
  const usd = (vector?.costUsd ?? 0) + costUsd;
  const queryRunId = await QueryRun.record(scope, actor, {
    ...outcome,
    audience,
    topK,
    filters: { source: asked.sourceFilter, from: asked.dateFrom, to: asked.dateTo },
    evidence: ranked.map(({ chunkId, sourceRef, score }) => ({ chunk: chunkId, record: sourceRef, score, cited: cited.has(chunkId) })),
    reasons: why,
    costUsd: usd,
  });
  return {
    ...outcome,
    ...spoken,
    answer: text,
    chunks,
    evidence: evidenceOf(chunks),
    stats: statsOf(chunks),
    asOf: sources,
    crossLanguageLimited: found.crossLanguageLimited,
    queryRunId,
    cost: { usd },
    reasons: why.map(told),
  };
}

/** The chunks with their sources; what was deleted since it was found is left out. */
async function rank(scope: ProjectScope, found: readonly Found[], audience: QueryRun.Audience): Promise<Ranked[]> {
  const ids = found.map(({ id }) => id);
  const places = new Map(found.map((one) => [one.id, one]));
  const best = Math.max(Number.MIN_VALUE, ...found.map(({ score }) => score));
  const chunks = await Citations.chunks(scope, ids, audience);
  return chunks.map((chunk) => {
    const { score = 0, similarity } = places.get(chunk.chunkId) ?? {};
    return { ...chunk, score: Math.max(0, score / best), similarity };
  });
}

/** The records of these chunks, each once. */
export const evidenceOf = (chunks: readonly Hit[]): Citations.Evidence[] => [
  ...new Map(chunks.map(({ sourceRef, evidence }) => [sourceRef, evidence])).values(),
];

export const statsOf = (chunks: readonly Hit[]): Answered["stats"] => ({
  chunks: chunks.length,
  records: new Set(chunks.map(({ sourceRef }) => sourceRef)).size,
  byKind: Object.fromEntries([...Map.groupBy(chunks, ({ sourceKind }) => sourceKind)].map(([kind, of]) => [kind, of.length])),
});
