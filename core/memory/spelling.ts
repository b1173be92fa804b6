/**
 * How many letters have to be added, left out, changed or swapped with their neighbour to make one word of the other, as far as `most`; Infinity beyond it
 * (optimal string alignment, https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance).
 */
export function distance(a: string, b: string, most: number): number {
  const [from, to] = [[...a], [...b]];
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (const [i, letter] of from.entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      const changed = (row[j] ?? 0) + Number(letter !== other);
      const swapped = i > 0 && j > 0 && letter === to[j - 1] && from[i - 1] === other ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, changed, swapped));
    }
    if (Math.min(...next) > most) return Number.POSITIVE_INFINITY;
    [before, row] = [row, next];
  }
  const apart = row[to.length] ?? Number.POSITIVE_INFINITY;
  return apart <= most ? apart : Number.POSITIVE_INFINITY;
}
