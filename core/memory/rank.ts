import type { Asked, Columns, Told } from "#core/memory/features.ts";
import { spoken } from "#core/memory/features.ts";
import type { Weights } from "#core/memory/weights.ts";

/** What a row is worth, and what of it each feature gave. */
export type Scored = { row: number; score: number; why: Record<string, number> };

/** How many rows are read for what only their text shows. */
export const READ = 150;

/** The rows of most worth by their words, vectors and places, the best first; the earlier of two equals. */
export function shortlist(columns: Columns, weights: Weights, allowed: (row: number) => boolean, limit = READ): Scored[] {
  const rows = [...columns.body.keys()].filter(allowed).map((row) => {
    const why: Record<string, number> = {};
    let score = 0;
    for (const [name, values] of Object.entries(columns)) {
      const gives = (weights[name as keyof Weights] ?? 0) * (values[row] ?? 0);
      if (gives !== 0) why[name] = gives;
      score += gives;
    }
    return { row, score, why };
  });
  return rows.sort(byScore).slice(0, limit);
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

/** Cosines on a scale of their own question: 1 the nearest, 0 the one at the end of the list, and little below for what is farther. */
export function scaled(nearest: readonly { likeness: number }[]): (likeness: number | undefined) => number {
  const top = nearest[0]?.likeness ?? 0;
  const end = nearest.at(-1)?.likeness ?? 0;
  return (likeness) => (likeness === undefined || top <= end ? 0 : Math.max(-0.5, (likeness - end) / (top - end)));
}

const byScore = (a: Scored, b: Scored): number => b.score - a.score || a.row - b.row;
