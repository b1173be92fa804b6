import type { Span } from "#core/memory/sentences.ts";

/**
 * A chunk that was found: the words of its author's name, and those of all of it, the names of author and record included. Words are as the database's
 * `memory_terms` makes them; a name is marked with NAME. The best chunk is the first.
 */
export type Passage = { author: ReadonlySet<string>; terms: ReadonlySet<string> };
/** A sentence of the passage at index `passage`. */
export type Sentence = Span & { passage: number; terms: ReadonlySet<string> };
export type Quote = Omit<Sentence, "terms">;
/** How rare each word of the question is in the project: the heavier, the more an answer without it misses. */
export type Weights = ReadonlyMap<string, number>;

const MAX_QUOTES = 5;
/** How fast a sentence is worth less in a chunk further down, and a word that an earlier quote has already shown. */
const BY_PLACE = 0.25;
const SAID_BEFORE = 0.7;
/** A quote this much weaker than the first is left out. */
const WORTH_QUOTING = 0.45;

/** The share of the question's weight that a text's words carry, 0..1; 0 for a question without a word. */
export function coverage(weights: Weights, terms: ReadonlySet<string>): number {
  const all = sum(weights.values());
  return all === 0 ? 0 : sum([...weights].map(([term, weight]) => (terms.has(term) ? weight : 0))) / all;
}

const NAME = "n:";
/**
 * What is refused as no answer: less of the question than this is covered, or that much more of it by texts that have nothing to do with whom it names. On the
 * first two LoCoMo conversations, with words alone, both turn away 96 in 100 questions about the other conversation, English as Russian, 6 and 11 of those whose
 * answer was found, and a third of those that ask one person for what another said.
 */
const COVERED = 0.28;
const ASTRAY = 0.1;
/**
 * How far the likest has to stand out for what shares too few words with the question, and for what is in another language. With multilingual-e5-small, Russian
 * questions on English talks of LoCoMo: the latter keeps four in five of those whose evidence is among the first five and turns away three in four about another talk;
 * the former takes one in fifty of those.
 */
const STANDS_OUT = 0.22;
const STANDS_OUT_ACROSS = 0.14;
/** Hardly anything stands out further. */
const STANDS_OUT_WHOLLY = 0.4;
/** No embedder puts an answer farther off than that. */
const ALIKE = 0.2;

/** How well what was found fits the question, 0..1, however much of it there is: what the best chunk covers, and whether it is of whom the question names. */
export function relevance(weights: Weights, passages: readonly Passage[], standing = 0): { share: number; enough: boolean } {
  const covered = Math.max(0, ...passages.map(({ terms }) => coverage(weights, terms)));
  const off = astray(weights, passages);
  return { share: Math.max(0, covered - Math.max(0, off)), enough: (covered >= COVERED || standing >= STANDS_OUT) && off <= ASTRAY };
}

/** The same of what shares no words with the question, being in another language. */
export function alike(similarity: number, standing?: number): { share: number; enough: boolean } {
  const share = standing === undefined ? similarity : standing / STANDS_OUT_WHOLLY;
  return { share: Math.min(1, Math.max(0, share)), enough: similarity >= ALIKE && (standing ?? 1) >= STANDS_OUT_ACROSS };
}

/** By how much the rest of the question is covered better by others than by those it names, as far as they wrote or are mentioned at all. */
function astray(weights: Weights, passages: readonly Passage[]): number {
  const authors = new Set(passages.flatMap(({ author }) => [...author]));
  const named = [...weights.keys()].filter((term) => term.startsWith(NAME) && authors.has(term));
  if (named.length === 0) return 0;
  const rest = new Map([...weights].filter(([term]) => !term.startsWith(NAME) && !authors.has(term)));
  const best = (about: boolean) =>
    Math.max(0, ...passages.map(({ terms }) => (named.some((term) => terms.has(term)) === about ? coverage(rest, terms) : 0)));
  return best(false) - best(true);
}

/**
 * The few sentences that answer best, in the order of their worth, one of each chunk. The ranking is trusted as much as the words are: where the evidence is among
 * the first twelve chunks, 89 in 100 answers to LoCoMo's questions quote it, 87 in Russian.
 */
export function choose(weights: Weights, sentences: readonly Sentence[]): Quote[] {
  const shown = new Set<string>();
  const all = Math.max(sum(weights.values()), Number.MIN_VALUE);
  const worth = ({ passage, terms }: Sentence): number => {
    const gain = sum([...weights].map(([term, weight]) => (terms.has(term) ? weight * (shown.has(term) ? SAID_BEFORE : 1) : 0))) / all;
    return (1 + gain) / (1 + BY_PLACE * passage);
  };
  const chosen: Sentence[] = [];
  let first: number | undefined;
  while (chosen.length < MAX_QUOTES) {
    const open = sentences.filter(({ passage }) => chosen.every((one) => one.passage !== passage));
    const best = open.map((sentence) => ({ sentence, worth: worth(sentence) })).reduce<Valued | undefined>(better, undefined);
    if (!best || best.worth < WORTH_QUOTING * (first ?? 0)) break;
    first ??= best.worth;
    chosen.push(best.sentence);
    for (const term of best.sentence.terms) shown.add(term);
  }
  return chosen.map(({ start, end, passage }) => ({ start, end, passage }));
}

type Valued = { sentence: Sentence; worth: number };
/** Of two that are worth the same the one that says more: a title often asks what the text below it answers. */
function better(best: Valued | undefined, next: Valued): Valued {
  const longer = (one: Valued) => one.sentence.end - one.sentence.start;
  return best && (best.worth > next.worth || (best.worth === next.worth && longer(best) >= longer(next))) ? best : next;
}
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
