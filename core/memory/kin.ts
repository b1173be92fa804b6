import { sql } from "#core/db.ts";
import type { Counted } from "#core/memory/candidates.ts";

/** Prefixes of verbs and of what is made of them: публикация and опубликуем are one to whoever asks, and a stemmer leaves them two. */
const PREFIXES = "пере пред при про раз рас воз вос вз вс из ис над под от об на за по до вы у с о".split(" ");
const PREFIX = new RegExp(`^(?:${PREFIXES.join("|")})`, "u");
/** Letters that two words of one root begin with, their prefixes apart; and how much of the longer one these have to be. */
const SHARED = 5;
const SHARE = 0.6;
const STEM = new RegExp(`^[а-я]{${SHARED},}$`, "u");
const WORDS = 24;
const FEW = 5_000;

/** The project's Russian words of the same root as those of a question, with the number of chunks that have them, counted as far as 5,000. */
export async function kin(projectId: string, asked: readonly string[]): Promise<Counted[]> {
  const russian = asked.filter((word) => /[а-я]{4}/iu.test(word)).slice(0, WORDS);
  if (russian.length === 0) return [];
  // From one word to the next through the index: a word is read once, however many chunks have it.
  const rows = await sql<(Counted & { stem: string })[]>`
    with recursive stems as (
      select w.word, t.stem from unnest(${russian}::text[]) as w (word) cross join lateral unnest(tsvector_to_array(memory_terms(w.word))) as t (stem)
      where t.stem ~ ${STEM.source}),
    starts as (
      select distinct s.word, s.stem, p.prefix || left(b.base, ${SHARED}) as start from stems s
      cross join lateral (values (s.stem), (regexp_replace(s.stem, ${PREFIX.source}, ''))) as b (base) cross join unnest(${["", ...PREFIXES]}::text[]) as p (prefix)
      where length(b.base) >= ${SHARED}),
    walk as (
      select s.word, s.stem, s.start, (select p.term from rag_postings p where p.project_id = ${projectId} and p.term >= s.start order by p.term limit 1) as term from starts s
      union all
      select w.word, w.stem, w.start, (select p.term from rag_postings p where p.project_id = ${projectId} and p.term > w.term order by p.term limit 1) from walk w
      where starts_with(w.term, w.start))
    select f.word, f.stem, f.term, (select count(*) from (select from rag_postings p where p.project_id = ${projectId} and p.term = f.term limit ${FEW}) c) as df
    from (select distinct word, stem, term from walk where starts_with(term, start) and term <> stem) f`;
  return rows.filter(({ stem, term }) => akin(stem, term)).map(({ word, term, df }) => ({ word, term, df }));
}

/** Whether two Russian stems have one root, as far as their letters show. */
export function akin(one: string, other: string): boolean {
  if (!STEM.test(one) || !STEM.test(other)) return false;
  const bases = (stem: string) => [stem, stem.replace(PREFIX, "")];
  return bases(one).some((a) => bases(other).some((b) => shared(a, b) >= Math.max(SHARED, SHARE * Math.max(a.length, b.length))));
}

function shared(one: string, other: string): number {
  let n = 0;
  while (n < one.length && one[n] === other[n]) n++;
  return n;
}
