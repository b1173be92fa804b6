import { sql, transaction } from "#core/db.ts";
import * as Answer from "#core/memory/answer.ts";
import * as Candidates from "#core/memory/candidates.ts";
import type { Numbered } from "#core/memory/citations.ts";
import { asking } from "#core/memory/question.ts";
import { type Span, sentences } from "#core/memory/sentences.ts";
import { ASKING, rarity } from "#core/memory/terms.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A chunk in its place of the ranking; `score` as a share of the best one's, `similarity`: the cosine to the question, where there are vectors. */
export type Ranked = Numbered & { score: number; similarity: number | undefined };
/** How well the chunks fit the question, the sentences that say the most, and the best sentence of each chunk. Only the first few chunks are read. */
export type Read = { weights: Answer.Weights; passages: Answer.Passage[]; quotes: { passage: number; text: string }[]; best: string[] };

/** How many chunks are read for their sentences. */
export const READ = 12;
/** Words weigh by the share of texts that have them, as in a project of at most so many: in a large one a single word would outweigh all others. */
const WEIGHED_AS = 600;

/** Reads the best chunks sentence by sentence, with the very words by which they were found. */
export async function read(scope: ProjectScope, question: string, ranked: readonly Ranked[]): Promise<Read> {
  const chunks = ranked.slice(0, READ);
  const spans = chunks.flatMap(({ text }, passage) => sentences(text).map((span) => ({ ...span, passage })));
  const textOf = ({ passage, start, end }: Span & { passage: number }) => chunks[passage]?.text.slice(start, end) ?? "";
  const whole = chunks.map(({ author, title, text }) => [author, title, text].filter(Boolean).join("\n"));
  const authors = chunks.map(({ author }) => author ?? "");
  const { weights, terms } = await wordsOf(scope, question, [...whole, ...authors, ...spans.map(textOf)]);
  const none = new Set<string>();
  const passages = chunks.map((_, n) => ({ author: terms[chunks.length + n] ?? none, terms: terms[n] ?? none }));
  const said = spans.map((span, n) => ({ ...span, terms: terms[2 * chunks.length + n] ?? none }));
  const quoted = (quote: Answer.Quote) => ({ passage: quote.passage, text: textOf(quote) });
  const best = chunks.map(({ text }, passage) => {
    const [first] = Answer.choose(
      weights,
      said.filter((sentence) => sentence.passage === passage),
    );
    return first ? textOf(first) : text;
  });
  return { weights, passages, quotes: Answer.choose(weights, said).map(quoted), best };
}

/** How rare each word of the question is in the project, and the words of each text. */
async function wordsOf(
  scope: ProjectScope,
  question: string,
  texts: readonly string[],
): Promise<{ weights: Answer.Weights; terms: Set<string>[] }> {
  return transaction(scope, async () => {
    const [projectId = ""] = scope.projects;
    const size = await Candidates.size(projectId);
    const asked = await sql<{ term: string }[]>`select term from unnest(tsvector_to_array(memory_terms(${question}))) as a (term)`;
    const known = await Candidates.frequencies(
      projectId,
      asked.map(({ term }) => term),
      size,
    );
    const counted = new Map(known.map(({ term, df }) => [term, df]));
    const as = Math.min(size.chunks, WEIGHED_AS);
    const weigh = (term: string) => rarity(as, ((counted.get(term) ?? 0) * as) / Math.max(1, size.chunks)) * (asking(term) ? ASKING : 1);
    const rows = await sql<{ terms: string[] }[]>`
      select tsvector_to_array(memory_terms(t.text)) as terms from unnest(${texts as string[]}::text[]) with ordinality as t (text, n) order by t.n`;
    return { weights: new Map(asked.map(({ term }) => [term, weigh(term)])), terms: rows.map((row) => new Set(row.terms)) };
  });
}
