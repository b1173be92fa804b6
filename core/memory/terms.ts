import { asking } from "#core/memory/question.ts";

/** A word of a question as the project's texts have it: `terms` mean the same, `head` stands for them, `words` are what was asked, and `df` texts have it. */
export type Weighed = { head: string; terms: string[]; words: string[]; df: number; idf: number };
export type Known = { word: string; term: string; df: number };

const MOST = 48;
/** Words that only ask. */
const ASKING = 0.4;
const NAME = "n:";

/**
 * What the words of a question weigh in a project of `chunks` texts, the rare ones most; of a very long question only the rarest. A name as it sounds
 * belongs to the word it was made of.
 */
export function weighed(known: readonly Known[], chunks: number): Weighed[] {
  const found = new Map<string, Weighed>();
  for (const [word, terms] of Map.groupBy(known, (one) => one.word)) {
    const plain = terms.filter(({ term }) => !term.startsWith(NAME));
    const sounds = terms.filter(({ term }) => term.startsWith(NAME));
    const groups = plain.length > 1 ? plain.map((one) => [one]) : terms.length > 0 ? [[...plain, ...sounds]] : [];
    for (const group of groups) {
      const head = group[0]?.term ?? "";
      const one = found.get(head) ?? { head, terms: [], words: [], df: 0, idf: 0 };
      one.terms = [...new Set([...one.terms, ...group.map(({ term }) => term)])];
      one.words = [...one.words, word];
      one.df = Math.max(one.df, ...group.map(({ df }) => df));
      one.idf = rarity(chunks, one.df) * (asking(head) ? ASKING : 1);
      found.set(head, one);
    }
  }
  return [...found.values()].sort((a, b) => b.idf - a.idf).slice(0, MOST);
}

/** How rare a word is among `chunks` texts, of which `df` have it. */
export const rarity = (chunks: number, df: number): number => Math.log(1 + (chunks - Math.min(chunks, df) + 0.5) / (df + 0.5));

/** How often each head is in each chunk. A word and its sound, both there, are one. */
export function countsOf(
  weighed: readonly Weighed[],
  found: readonly { term: string; chunkNos: readonly number[]; counts: readonly number[] }[],
): Map<number, Map<string, number>> {
  const heads = new Map(weighed.flatMap(({ head, terms }) => terms.map((term) => [term, head] as const)));
  const chunks = new Map<number, Map<string, number>>();
  for (const { term, chunkNos, counts } of found) {
    const head = heads.get(term) ?? term;
    for (const [n, chunkNo] of chunkNos.entries()) {
      const chunk = chunks.get(Number(chunkNo)) ?? new Map<string, number>();
      chunk.set(head, Math.max(chunk.get(head) ?? 0, Number(counts[n])));
      chunks.set(Number(chunkNo), chunk);
    }
  }
  return chunks;
}
