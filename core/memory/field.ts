/** Texts side by side, in runs of those that follow each other in one conversation; `start` and `end` bound each text's run. */
export type Field = { size: number; start: Int32Array; end: Int32Array; lengths: Float32Array; average: number };
/** A word of the question in a field: how often it is in each text, and that on a scale where the second time says less than the first. */
export type Word = { idf: number; at: readonly number[]; counts: Float32Array; saturated: Float32Array };
/** What a text in reach counts, from the one at `first` places away onwards. */
export type Decay = { first: number; weights: readonly number[] };

const K1 = 0.9;
const B = 0.4;

export function field(runs: readonly (readonly { length: number }[])[], average: number): Field {
  const texts = runs.flat();
  const start = new Int32Array(texts.length);
  const end = new Int32Array(texts.length);
  let first = 0;
  for (const run of runs) {
    start.fill(first, first, first + run.length);
    end.fill(first + run.length, first, first + run.length);
    first += run.length;
  }
  return { size: texts.length, start, end, lengths: Float32Array.from(texts, ({ length }) => length), average: Math.max(1, average) };
}

/** BM25 of one word in a text of `length` words, without how rare the word is. */
export const saturation = (count: number, length: number, average: number, b = B): number =>
  (count * (K1 + 1)) / (count + K1 * (1 - b + (b * length) / average));

export function word(f: Field, idf: number, counts: Float32Array): Word {
  const at = [...counts.keys()].filter((n) => (counts[n] ?? 0) > 0);
  const saturated = new Float32Array(f.size);
  for (const n of at) saturated[n] = saturation(counts[n] ?? 0, f.lengths[n] ?? 0, f.average);
  return { idf, at, counts, saturated };
}

/** The mean over the words, the rare ones counting more, of what `of` gives each text. */
export function weighted(f: Field, words: readonly Word[], of: (word: Word) => Float32Array): Float32Array {
  const total = words.reduce((sum, { idf }) => sum + idf, 0) || 1;
  const sum = new Float32Array(f.size);
  for (const one of words) {
    const share = one.idf / total;
    of(one).forEach((value, n) => {
      if (value !== 0) sum[n] = (sum[n] ?? 0) + share * value;
    });
  }
  return sum;
}

/** For each text, the best place of a word in reach. */
export function best(f: Field, { at, saturated }: Word, { first, weights }: Decay): Float32Array {
  const found = new Float32Array(f.size);
  for (const n of at) {
    for (const [step, weight] of weights.entries()) {
      const reader = n - first - step;
      if (inside(f, n, reader)) found[reader] = Math.max(found[reader] ?? 0, weight * (saturated[n] ?? 0));
    }
  }
  return found;
}

/** 1 where a word is within reach. */
export function within(f: Field, { at }: Word, from: number, to: number): Float32Array {
  const found = new Float32Array(f.size);
  for (const n of at) found.fill(1, Math.max(f.start[n] ?? 0, n - to), Math.min(f.end[n] ?? 0, n - from + 1));
  return found;
}

/** 1 where any of the words is within reach. */
export function any(f: Field, words: readonly Word[], from: number, to: number): Float32Array {
  const found = new Float32Array(f.size);
  for (const one of words)
    within(f, one, from, to).forEach((value, n) => {
      if (value > 0) found[n] = 1;
    });
  return found;
}

/** BM25 of a word in the text together with those in reach, each step away counting `fades` times less. */
export function merged(f: Field, { at, counts }: Word, from: number, to: number, fades: number, b: number, lengths: Lengths): Float32Array {
  const count = new Float32Array(f.size);
  for (const n of at) {
    for (let step = from; step <= to; step++) {
      const reader = n - step;
      if (inside(f, n, reader)) count[reader] = (count[reader] ?? 0) + (counts[n] ?? 0) * fades ** Math.abs(step);
    }
  }
  return count.map((value, n) => (value > 0 ? saturation(value, lengths.of[n] ?? 0, lengths.average, b) : 0));
}

/** How long a text is together with those in reach. */
export type Lengths = { of: Float32Array; average: number };
export function mergedLengths(f: Field, from: number, to: number, fades: number): Lengths {
  const of = new Float32Array(f.size);
  let whole = 0;
  for (let step = from; step <= to; step++) whole += fades ** Math.abs(step);
  for (let n = 0; n < f.size; n++) {
    for (let step = from; step <= to; step++) {
      if (inside(f, n, n + step)) of[n] = (of[n] ?? 0) + (f.lengths[n + step] ?? 0) * fades ** Math.abs(step);
    }
  }
  return { of, average: whole * f.average };
}

/** What the text `step` places on has. */
export const shifted = (f: Field, values: Float32Array, step: number): Float32Array =>
  values.map((_, n) => (inside(f, n, n + step) ? (values[n + step] ?? 0) : 0));

/** The highest value in reach. */
export const highest = (f: Field, values: Float32Array, reach: number): Float32Array =>
  values.map((value, n) => {
    let top = value;
    for (let other = Math.max(f.start[n] ?? 0, n - reach); other < Math.min(f.end[n] ?? 0, n + reach + 1); other++)
      top = Math.max(top, values[other] ?? 0);
    return top;
  });

const inside = (f: Field, n: number, other: number): boolean => other >= (f.start[n] ?? 0) && other < (f.end[n] ?? 0);
