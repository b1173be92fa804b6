import type { Asked, Columns, Told } from "#core/memory/features.ts";
import { spoken } from "#core/memory/features.ts";
import type { Weights } from "#core/memory/weights.ts";

/** What a row is worth, and what of it each feature gave. */
export type Scored = { row: number; score: number; why: Record<string, number> };

export type Numbered = Scored & { chunkNo: number };

/** How many rows are read for what only their text shows. */
export const READ = 150;
/** How many of the best say what is worth following. */
export const FOLLOWED = 5;
const HOP = 0.5;
const SPREAD = 10;
/** Places of a conversation. */
const APART = 8;

/** The rows of most worth by their words, vectors and places, the best first; the earlier of two equals. */
export function shortlist(columns: Columns, weights: Weights, allowed: (row: number) => boolean, limit = READ): Scored[] {
  const used = Object.entries(columns).flatMap(([name, values]) => {
    const weight = weights[name as keyof Weights] ?? 0;
    return weight === 0 ? [] : [{ name, values, weight }];
  });
  const scores = new Float64Array(columns.body.length);
  for (const { values, weight } of used) for (const [row, value] of values.entries()) scores[row] = (scores[row] ?? 0) + weight * value;
  const rows = [...scores.keys()].filter(allowed).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return rows.slice(0, limit).map((row) => {
    const gives = used.map(({ name, values, weight }) => [name, weight * (values[row] ?? 0)] as const);
    return { row, score: scores[row] ?? 0, why: Object.fromEntries(gives.filter(([, gift]) => gift !== 0)) };
  });
}

/** Ranks them again, each with what its text shows as well. */
export function read(listed: readonly Scored[], told: (row: number) => Told, asked: Asked, body: Float32Array, weights: Weights): Scored[] {
  return listed
    .map(({ row, score, why }) => {
      const shown = Object.entries(spoken(asked, told(row), body[row] ?? 0));
      const gives = shown
        .map(([name, value]) => [name, (weights[name as keyof Weights] ?? 0) * value] as const)
        .filter(([, gift]) => gift !== 0);
      return { row, score: gives.reduce((sum, [, gift]) => sum + gift, score), why: { ...why, ...Object.fromEntries(gives) } };
    })
    .sort(byScore);
}

/**
 * Lets what the best mention rise: `home` is the chunk where what a chunk names is at home, which gains half of what its mention has above the last of the
 * list; one that was no candidate joins with row -1. A mutual index of facts and chunks, as in OpenSPG/KAG.
 */
export function hop(ranked: readonly Numbered[], homes: readonly { chunkNo: number; home: number }[]): Numbered[] {
  const floor = ranked.at(-1)?.score ?? 0;
  const found = new Map(ranked.map((one) => [one.chunkNo, one]));
  const gains = new Map<number, number>();
  for (const { chunkNo, home } of homes) {
    gains.set(home, Math.max(gains.get(home) ?? 0, HOP * ((found.get(chunkNo)?.score ?? floor) - floor)));
  }
  for (const [chunkNo, gain] of gains) {
    const one = found.get(chunkNo) ?? { chunkNo, row: -1, score: floor, why: {} };
    found.set(chunkNo, { ...one, score: one.score + gain, why: { ...one.why, mentioned: gain } });
  }
  return [...found.values()].sort(byScore);
}

/**
 * Puts what stands close to a better one of the same long talk behind the first few that do not: for questions that no one place answers. `talkOf`: the talk
 * of a row, undefined where it is short.
 */
export function spread<T extends Scored>(ranked: readonly T[], talkOf: (row: number) => string | undefined): T[] {
  const first: T[] = [];
  for (const one of ranked) {
    if (first.length === SPREAD) break;
    if (first.every(({ row }) => Math.abs(row - one.row) > APART || talkOf(row) === undefined || talkOf(row) !== talkOf(one.row)))
      first.push(one);
  }
  return [...first, ...ranked.filter((one) => !first.includes(one))];
}

/** Cosines on a scale of their own question: 1 the nearest, 0 the one at the end of the list, and little below for what is farther. */
export function scaled(nearest: readonly number[]): (likeness: number | undefined) => number {
  const top = nearest[0] ?? 0;
  const end = nearest.at(-1) ?? 0;
  return (likeness) => (likeness === undefined || top <= end ? 0 : Math.max(-0.5, (likeness - end) / (top - end)));
}

const byScore = (a: Scored, b: Scored): number => b.score - a.score || a.row - b.row;
