import { sql, transaction } from "#core/db.ts";
import * as Answer from "#core/memory/answer.ts";
import type { Chunk } from "#core/memory/citations.ts";
import { type Span, sentences } from "#core/memory/sentences.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A chunk in its place of the ranking; `score` as a share of the best one's. */
export type Ranked = Chunk & { score: number; similarity: number | undefined };
/** What the words say of how well the chunks fit the question, and the sentences that say the most. */
export type Read = { weights: Answer.Weights; passages: Answer.Passage[]; quotes: (Answer.Quote & { text: string })[] };

/** How many chunks are read for their sentences, and how many times a word is counted before it is common. */
const READ = 12;
const COMMON = 2_000;

/** Reads the best chunks sentence by sentence, with the very words by which they were found. */
export async function read(scope: ProjectScope, question: string, ranked: readonly Ranked[]): Promise<Read> {
  const best = ranked.slice(0, READ);
  const spans = best.flatMap(({ text }, passage) => sentences(text).map((span) => ({ ...span, passage })));
  const texts = [
    ...best.map(({ author, title, text }) => [author, title, text].filter(Boolean).join("\n")),
    ...spans.map((span) => textOf(best, span)),
  ];
  const { weights, terms } = await wordsOf(scope, question, texts);
  const passages = best.map(({ score, similarity }, n) => ({ score, similarity, terms: terms[n] ?? new Set<string>() }));
  const read = spans.map((span, n) => ({ ...span, terms: terms[best.length + n] ?? new Set<string>() }));
  const quotes = Answer.choose(weights, passages, read);
  return { weights, passages, quotes: quotes.map((quote) => ({ ...quote, text: textOf(best, quote) })) };
}

const textOf = (chunks: readonly Ranked[], { passage, start, end }: Span & { passage: number }) =>
  chunks[passage]?.text.slice(start, end) ?? "";

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
