import type { Span } from "#core/memory/sentences.ts";

/**
 * A chunk that was found: its place in the ranking as a share of the best one's score, the cosine of its vector to the question's when there are vectors,
 * and the words of the chunk together with its author's and its record's names.
 */
export type Passage = { score: number; similarity: number | undefined; terms: ReadonlySet<string> };
/** A sentence of the passage at index `passage`. */
export type Sentence = Span & { passage: number; terms: ReadonlySet<string> };
export type Quote = Omit<Sentence, "terms">;
/** How rare each word of the question is in the project: the heavier, the more an answer without it misses. */
export type Weights = ReadonlyMap<string, number>;

const MAX_QUOTES = 5;
const MAX_OF_PASSAGE = 2;
/** What a sentence is worth for standing in a chunk that fits, whatever its own words. */
const BY_PLACE = 0.35;
/** A word that an earlier quote has already shown counts this much. */
const SAID_BEFORE = 0.4;
/** A quote this much weaker than the first is left out. */
const WORTH_QUOTING = 0.45;

/** The share of the question's weight that a text's words carry, 0..1; 0 for a question without a word. */
export function coverage(weights: Weights, terms: ReadonlySet<string>): number {
  const all = sum(weights.values());
  return all === 0 ? 0 : sum([...weights].map(([term, weight]) => (terms.has(term) ? weight : 0))) / all;
}

/** The least fit with which what was found is taken for an answer. */
export const ENOUGH = 0.3;

/** How well what was found fits the question, 0..1: what the best chunks cover of it, however many there are. */
export function fit(weights: Weights, passages: readonly Passage[]): number {
  return Math.max(0, ...passages.map(({ terms }) => coverage(weights, terms)));
}

/** The few sentences that answer best, in the order of their worth: none says again what another has said, and no chunk is quoted whole. */
export function choose(weights: Weights, passages: readonly Passage[], sentences: readonly Sentence[]): Quote[] {
  const all = Math.max(sum(weights.values()), Number.MIN_VALUE);
  const shown = new Set<string>();
  const worth = ({ passage, terms }: Sentence): number => {
    const gain = sum([...weights].map(([term, weight]) => (terms.has(term) ? weight * (shown.has(term) ? SAID_BEFORE : 1) : 0))) / all;
    return (BY_PLACE + gain) * (passages[passage]?.score ?? 0);
  };
  const chosen: Sentence[] = [];
  let first: number | undefined;
  while (chosen.length < MAX_QUOTES) {
    const open = sentences.filter(
      (sentence) => !chosen.includes(sentence) && chosen.filter(({ passage }) => passage === sentence.passage).length < MAX_OF_PASSAGE,
    );
    const best = open.map((sentence) => ({ sentence, worth: worth(sentence) })).reduce<Valued | undefined>(better, undefined);
    if (!best || best.worth <= 0 || best.worth < WORTH_QUOTING * (first ?? 0)) break;
    first ??= best.worth;
    chosen.push(best.sentence);
    for (const term of best.sentence.terms) shown.add(term);
  }
  return chosen.map(({ start, end, passage }) => ({ start, end, passage }));
}

type Valued = { sentence: Sentence; worth: number };
const better = (best: Valued | undefined, next: Valued): Valued => (best && best.worth >= next.worth ? best : next);
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
