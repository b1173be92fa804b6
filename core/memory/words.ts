import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Chunks of one transaction. */
export const BATCH = 2_000;

/** What one batch wrote: chunks whose words are known now, and their postings. */
export type Indexed = { chunks: number; postings: number };

/** Indexes the words of one batch of chunks that have none yet, the newest first, in the open transaction of the scope. `dl` counts the words in their places, not what `memory_terms` adds to be found exactly. */
export async function index(scope: ProjectScope, now: Date): Promise<Indexed> {
  const [done] = await sql<Indexed[]>`
    with batch as materialized (
      select project_id, account_scope_id, chunk_no, memory_terms(concat_ws(' ', title, text)) as words from rag_chunks
      where project_id = any (${scope.projects as string[]}::uuid[]) and indexed_at is null
      order by chunk_no desc limit ${BATCH} for update skip locked),
    known as (
      update rag_chunks c set words = b.words, indexed_at = ${now} from batch b
      where c.project_id = b.project_id and c.chunk_no = b.chunk_no
      returning 1),
    postings as (
      insert into rag_postings (project_id, account_scope_id, term, chunk_no, tf, dl)
      select project_id, account_scope_id, lexeme, chunk_no, coalesce(cardinality(positions), 1),
        least(32767, sum(cardinality(positions)) over (partition by project_id, chunk_no))
      from batch cross join lateral unnest(words)
      -- In the order of the index, which they all go into.
      order by project_id, lexeme, chunk_no
      returning 1)
    select (select count(*) from known) as chunks, (select count(*) from postings) as postings`;
  return done ?? { chunks: 0, postings: 0 };
}
