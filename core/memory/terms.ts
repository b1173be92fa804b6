import { asking } from "#core/memory/question.ts";

/**
 * A word of a question as the project's texts have it: `terms` mean the same, `kin` share its root, `head` stands for all of them, `words` are what was
 * asked, and `df` texts have it.
 */
export type Weighed = { head: string; terms: string[]; kin: string[]; words: string[]; df: number; idf: number };
export type Known = { word: string; term: string; df: number };

const MOST = 48;
/** What words that only ask weigh. */
export const ASKING = 0.4;
const NAME = "n:";
/** What a word of the same root says of what the word itself does. */
export const KIN = 0.4;

/**
 * What the words of a question weigh in a project of `chunks` texts, the rare ones most; of a very long question only the rarest. A name as it sounds
 * belongs to the word it was made of, and so does what shares its root; that stands alone where nobody says the word itself.
 */
export function weighed(known: readonly Known[], akin: readonly Known[], chunks: number): Weighed[] {
  const found = new Map<string, Weighed>();
  const add = (word: string, group: readonly Known[], kin: readonly Known[]) => {
    const of = group.length > 0 ? group : kin;
    const head = of[0]?.term ?? "";
    const one = found.get(head) ?? { head, terms: [], kin: [], words: [], df: 0, idf: 0 };
    one.terms = [...new Set([...one.terms, ...group.map(({ term }) => term)])];
    one.kin = [...new Set([...one.kin, ...kin.map(({ term }) => term)])];
    one.words = [...one.words, word];
    one.df = Math.max(one.df, ...of.map(({ df }) => df));
    one.idf = rarity(chunks, one.df) * (asking(head) ? ASKING : 1);
    found.set(head, one);
  };
  const roots = Map.groupBy(akin, ({ word }) => word);
  for (const [word, terms] of Map.groupBy(known, (one) => one.word)) {
    const plain = terms.filter(({ term }) => !term.startsWith(NAME));
    const sounds = terms.filter(({ term }) => term.startsWith(NAME));
    if (plain.length > 1) for (const one of plain) add(word, [one], []);
    else add(word, [...plain, ...sounds], roots.get(word) ?? []);
    roots.delete(word);
  }
  for (const [word, kin] of roots) add(word, [], kin);
  return [...found.values()].sort((a, b) => b.idf - a.idf).slice(0, MOST);
}

/** How rare a word is among `chunks` texts, of which `df` have it. */
export const rarity = (chunks: number, df: number): number => Math.log(1 + (chunks - Math.min(chunks, df) + 0.5) / (df + 0.5));

/** How often each head is in each chunk, what shares its root counting less. A word and its sound, both there, are one. */
export function countsOf(
  weighed: readonly Weighed[],
  found: readonly { term: string; chunkNos: readonly number[]; counts: readonly number[] }[],
): Map<number, Map<string, number>> {
  const heads = Map.groupBy(
    weighed.flatMap(({ head, terms, kin }) => [
      ...terms.map((term) => ({ head, term, part: 1 })),
      ...kin.map((term) => ({ head, term, part: KIN })),
    ]),
    ({ term }) => term,
  );
  const chunks = new Map<number, Map<string, number>>();
  for (const { term, chunkNos, counts } of found) {
    for (const [n, chunkNo] of chunkNos.entries()) {
      const chunk = chunks.get(Number(chunkNo)) ?? new Map<string, number>();
      for (const { head, part } of heads.get(term) ?? []) chunk.set(head, Math.max(chunk.get(head) ?? 0, part * Number(counts[n])));
      chunks.set(Number(chunkNo), chunk);
    }
  }
  return chunks;
}
