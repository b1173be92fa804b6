import type { Likeness, Vector } from "#core/memory/ann.ts";
import * as Candidates from "#core/memory/candidates.ts";
import { type Columns, placed, type Row } from "#core/memory/features.ts";
import * as Question from "#core/memory/question.ts";
import * as Rank from "#core/memory/rank.ts";
import { runs } from "#core/memory/runs.ts";
import { countsOf, type Weighed } from "#core/memory/terms.ts";

/** A chunk that may answer; `before`: whether the one before it in the list was said just before it; `long`: whether much of its thread is in the list. */
export type Candidate = Candidates.Placed & { before: boolean; long: boolean; similarity: number | undefined };
export type Gathered = { candidates: Candidate[]; columns: Columns };
/** The vectors nearest to the question's, the nearest first. */
export type Near = { vector: Vector; found: readonly Likeness[] };
export type Wanted = {
  question: Question.Question;
  terms: readonly Weighed[];
  seeds: readonly number[];
  size: Candidates.Size;
  near: Near | undefined;
};

/** How many of the nearest are read with what was said around them. */
const NEAREST = 40;
/** Chunks of a thread. */
const LONG = 60;

/** Reads what the words and the vectors point at, with what was said around it, in the open transaction, and what all of it shows. */
export async function gather(projectId: string, wanted: Wanted, filter: Candidates.Filter): Promise<Gathered> {
  const { question, terms, seeds, size, near } = wanted;
  const nearest = (near?.found ?? []).slice(0, NEAREST).map(({ chunkNo }) => chunkNo);
  const areas = await Candidates.areas(projectId, [...new Set([...seeds, ...nearest])], filter);
  const chunks = await Candidates.places(projectId, [...new Set(areas.flat())], filter);
  const numbers = chunks.map(({ chunkNo }) => chunkNo);
  const found = await Candidates.counts(projectId, terms, numbers);
  const counts = countsOf(terms, found);
  const likeness = near ? likenessesOf(await Candidates.likeness(projectId, near.vector, numbers)) : undefined;
  const people = await Candidates.authors(projectId, [...new Set(chunks.flatMap(({ authorRef }) => authorRef ?? []))]);
  const named = people.map(({ ref, name }) => ({ ref, words: Question.naming(question, name) })).filter(({ words }) => words.length > 0);
  const naming = new Set(named.flatMap(({ words }) => words));
  const turns = [...(likeness?.turn.values() ?? [])].sort((a, b) => b - a).slice(0, near?.found.length);
  const scale = { turn: Rank.scaled(turns), window: Rank.scaled((near?.found ?? []).map((one) => one.likeness)) };
  const rowOf = (chunk: Candidates.Placed): Row & Candidates.Placed => ({
    ...chunk,
    author: chunk.authorRef ?? undefined,
    counts: counts.get(chunk.chunkNo) ?? new Map(),
    turn: scale.turn(likeness?.turn.get(chunk.chunkNo)),
    window: scale.window(likeness?.window.get(chunk.chunkNo)),
  });
  const joined = runs(chunks.map(rowOf), areas);
  const asked = terms.map(({ head, idf, words }) => ({ term: head, idf, naming: words.some((word) => naming.has(word)) }));
  const columns = placed(asked, joined, size.words, new Set(named.map(({ ref }) => ref)));
  const threads = Map.groupBy(chunks, ({ threadRef }) => threadRef);
  const candidates = joined.flatMap((run) =>
    run.map((row, n) => ({
      ...row,
      before: n > 0,
      long: (threads.get(row.threadRef)?.length ?? 0) > LONG,
      similarity: likeness?.turn.get(row.chunkNo),
    })),
  );
  return { candidates, columns };
}

function likenessesOf(found: readonly (Likeness & { part: Candidates.Part })[]) {
  const of = { turn: new Map<number, number>(), window: new Map<number, number>() };
  for (const { chunkNo, part, likeness } of found) of[part].set(chunkNo, likeness);
  return of;
}
