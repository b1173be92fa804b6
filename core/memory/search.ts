import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import * as Cursor from "#core/api/cursor.ts";
import { Refused } from "#core/error.ts";
import { asOf } from "#core/memory/as-of.ts";
import { Question } from "#core/memory/asked.ts";
import * as Citations from "#core/memory/citations.ts";
import { Answered, evidenceOf, Hit, query, statsOf } from "#core/memory/query.ts";
import * as QueryRun from "#core/memory/query-run.ts";
import { Suggestion, suggest } from "#core/memory/suggest.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How far the pages of one search go. */
const DEPTH = 100;

const { cursor } = Cursor.pageBy(z.tuple([z.uuid(), z.number().int().min(0).max(DEPTH)]));
/** A question whose chunks come page by page, `topK` at a time. The next page takes the same question and the cursor. */
export const Search = Question.extend({ cursor });
export type Search = z.infer<typeof Search>;

export const Page = Answered.extend({ results: z.array(Hit), suggestions: z.array(Suggestion), nextCursor: Cursor.nextCursor });
export type Page = z.infer<typeof Page>;

/**
 * A page of what was found. The first one asks, and answers like a query; those after it go on in the order that was written down then, so that nothing comes
 * twice and nothing is missed whatever has been written since, and what was deleted since is gone. Throws `not_found` for a cursor of another caller.
 */
export async function search(actor: Caller, scope: ProjectScope, { cursor: place, ...asked }: Search): Promise<Page> {
  if (place) return later(actor, scope, asked, place);
  const answered = await query(actor, scope, asked, DEPTH);
  const run = await QueryRun.get(scope, actor, answered.queryRunId);
  const suggestions = await suggest(scope, asked.query, asked.audience);
  return { ...answered, results: answered.chunks, suggestions, nextCursor: after(run, asked.topK) };
}

async function later(actor: Caller, scope: ProjectScope, asked: Question, [id, at]: [string, number]): Promise<Page> {
  const began = performance.now();
  const run = await QueryRun.get(scope, actor, id);
  if (run.query !== asked.query || run.audience !== asked.audience)
    throw new Refused("validation_error", { problem: "the cursor is of another query" });
  const page = run.evidence.slice(at, at + asked.topK);
  const scores = new Map(page.map(({ chunk, score }) => [chunk, score]));
  const found = await Citations.chunks(
    scope,
    page.map(({ chunk }) => chunk),
    run.audience,
  );
  const results = found.map((chunk) => ({ ...chunk, score: scores.get(chunk.chunkId) ?? 0 }));
  const { query: text, mode, qualityScore, sourceDiversity, insufficientEvidence, partial } = run;
  return {
    ...{ query: text, mode, qualityScore, sourceDiversity, insufficientEvidence, partial },
    ...{ answer: null, answered: "none", citations: [], entities: [], facts: [], suggestions: [], reasons: [] },
    chunks: results,
    results,
    evidence: evidenceOf(results),
    stats: statsOf(results),
    asOf: await asOf(scope),
    crossLanguageLimited: false,
    queryRunId: id,
    cost: { usd: 0 },
    durationMs: Math.round(performance.now() - began),
    nextCursor: after(run, at + asked.topK),
  };
}

const after = ({ id, evidence }: QueryRun.Kept, at: number): string | null => (at < evidence.length ? Cursor.encode([id, at]) : null);
