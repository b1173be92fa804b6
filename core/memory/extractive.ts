import { sql, transaction } from "#core/db.ts";
import * as Answer from "#core/memory/answer.ts";
import type { Numbered } from "#core/memory/citations.ts";
import { type Span, sentences } from "#core/memory/sentences.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A chunk in its place of the ranking; `score` as a share of the best one's, `similarity`: the cosine to the question, where there are vectors. */
export type Ranked = Numbered & { score: number; similarity: number | undefined };
/** How well the chunks fit the question, the sentences that say the most, and the best sentence of each chunk. Only the first few chunks are read. */
export type Read = { weights: Answer.Weights; passages: Answer.Passage[]; quotes: { passage: number; text: string }[]; best: string[] };

/** How many chunks are read for their sentences, and how many times a word is counted before it is common. */
export const READ = 12;
const COMMON = 2_000;

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
    const projects = scope.projects as string[];
    const asked = await sql<{ term: string; weight: number }[]>`
      with total as (select count(*) as n from (select from rag_chunks where project_id = any (${projects}::uuid[]) limit ${COMMON}) c)
      select a.term, ln(1 + (total.n - d.df + 0.5) / (d.df + 0.5))::float8 as weight
      from unnest(tsvector_to_array(memory_terms(${question}))) as a (term), total, lateral (
        select count(*) as df from (select from rag_postings p where p.project_id = any (${projects}::uuid[]) and p.term = a.term limit ${COMMON}) c) d`;
    const rows = await sql<{ terms: string[] }[]>`
      select tsvector_to_array(memory_terms(t.text)) as terms from unnest(${texts as string[]}::text[]) with ordinality as t (text, n) order by t.n`;
    return { weights: new Map(asked.map(({ term, weight }) => [term, weight])), terms: rows.map((row) => new Set(row.terms)) };
  });
}
