/** One question's outcome: the category, and the place of each text that answers it, 0 the first; Infinity when it was not found. */
export type Outcome = { category: number; places: number[] };

export const AT = [5, 10, 25, 50] as const;

/** The mean share, in percent, of what answers a question that is among the first `k`. */
export const recall = (outcomes: readonly Outcome[], k: number): number =>
  100 * mean(outcomes.map(({ places }) => places.filter((place) => place < k).length / places.length));

/** The mean of one over the place of the first right one. */
export const reciprocal = (outcomes: readonly Outcome[]): number => mean(outcomes.map(({ places }) => 1 / (1 + Math.min(...places))));

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export function places(found: readonly string[], gold: readonly string[]): number[] {
  return gold.map((ref) => {
    const at = found.indexOf(ref);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  });
}
