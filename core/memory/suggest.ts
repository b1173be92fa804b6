import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { Audience } from "#core/memory/query-run.ts";
import { distance } from "#core/memory/spelling.ts";
import type { ProjectScope } from "#core/scope.ts";

/** The query with one word put right, or its last word finished. */
export const Suggestion = z.object({ text: z.string(), kind: z.enum(["did_you_mean", "completion"]), word: z.string() });
export type Suggestion = z.infer<typeof Suggestion>;

const MOST = 5;
/** Of one query: the words looked at, and the project's terms that each is held against. */
const WORDS = 8;
const TERMS = 400;

type Word = { word: string; stem: string; known: boolean };
type Candidate = { word: Word; term: string; kind: Suggestion["kind"]; apart: number };

/** What else may have been meant: for words that the project does not know those it spells nearly so, and for a last word how it may go on. */
export async function suggest(scope: ProjectScope, query: string, audience: Audience): Promise<Suggestion[]> {
  return transaction(scope, async () => {
    const words = await wordsOf(scope, query);
    const last = /[\p{L}\p{N}]$/u.test(query) ? words.at(-1) : undefined;
    const asked = words.filter((word) => !word.known || word === last);
    const vocabulary = await termsLike(
      scope,
      asked.map(({ word, stem, known }) => (known ? word : stem.slice(0, 2))),
    );
    const candidates = asked.flatMap((word, n) => (vocabulary[n] ?? []).flatMap((term) => candidate(word, term, word === last) ?? []));
    const best = candidates.toSorted((a, b) => a.apart - b.apart || a.term.length - b.term.length).slice(0, MOST * 2);
    const written = await spelled(
      scope,
      best.map(({ term }) => term),
      audience,
    );
    const made = best.flatMap(({ word, kind, term }) => {
      const spelling = written.get(term);
      return spelling && spelling !== word.word ? [{ text: query.replace(word.word, () => spelling), kind, word: spelling }] : [];
    });
    return [...new Map(made.map((one) => [one.text, one])).values()].slice(0, MOST);
  });
}

function candidate(word: Word, term: string, last: boolean): Candidate | undefined {
  if (term === word.stem) return undefined;
  if (last && term.startsWith(word.word.toLowerCase()))
    return { word, term, kind: "completion", apart: 1 + (term.length - word.word.length) / 100 };
  const apart = word.known ? Number.POSITIVE_INFINITY : distance(word.stem, term, 2);
  return apart <= (word.stem.length < 5 ? 1 : 2) ? { word, term, kind: "did_you_mean", apart } : undefined;
}

/** The words of the query that could be misspelled, with their stems, and whether a chunk has them. */
async function wordsOf(scope: ProjectScope, query: string): Promise<Word[]> {
  const words = [...new Set(query.match(/\p{L}{3,40}/gu))].slice(-WORDS);
  return sql<Word[]>`
    select w.word, s.stem, exists (select from rag_postings p where p.project_id = ${scope.projects[0] ?? null} and p.term = s.stem) as known
    from unnest(${words as string[]}::text[]) with ordinality as w (word, n)
    cross join lateral (select stem from unnest(tsvector_to_array(memory_terms(w.word))) as t (stem) where stem not like 'n:%' limit 1) s order by w.n`;
}

/** The project's terms that begin so, for each beginning: from one term to the next along the key, so that how often a term is used costs nothing. */
async function termsLike(scope: ProjectScope, beginnings: readonly string[]): Promise<string[][]> {
  const rows = await sql<{ terms: string[] }[]>`
    select array(
      with recursive near as (
        (select p.term, 1 as n from rag_postings p where p.project_id = ${scope.projects[0] ?? null} and p.term >= b.beginning order by p.term limit 1)
        union all
        select x.term, near.n + 1 from near cross join lateral (
          select p.term from rag_postings p where p.project_id = ${scope.projects[0] ?? null} and p.term > near.term order by p.term limit 1) x
        where near.n < ${TERMS} and starts_with(near.term, b.beginning))
      select term from near where starts_with(term, b.beginning)) as terms
    from unnest(${beginnings.map((beginning) => beginning.toLowerCase()) as string[]}::text[]) with ordinality as b (beginning, n) order by b.n`;
  return rows.map(({ terms }) => terms);
}

/** How a text that the audience may read spells each term. */
async function spelled(scope: ProjectScope, terms: readonly string[], audience: Audience): Promise<Map<string, string>> {
  const rows = await sql<{ term: string; word: string }[]>`
    select t.term, w.word from (select distinct unnest(${terms as string[]}::text[]) as term) t
    cross join lateral (
      select c.text from rag_postings p join rag_chunks c on c.project_id = p.project_id and c.chunk_no = p.chunk_no
      where p.project_id = ${scope.projects[0] ?? null} and p.term = t.term and (${audience === "team"} or not c.private) limit 1) c
    cross join lateral (
      select m[1] as word from regexp_matches(c.text, '[[:alpha:]]{3,40}', 'g') m
      where left(lower(m[1]), 2) = left(t.term, 2) and tsvector_to_array(memory_terms(m[1])) @> array[t.term] limit 1) w`;
  return new Map(rows.map(({ term, word }) => [term, word]));
}
