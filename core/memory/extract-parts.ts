import { sql, transaction } from "#core/db.ts";
import type { Line } from "#core/memory/extract-facts.ts";
import type { ProjectScope } from "#core/scope.ts";

/**
 * So many tokens of a thread are read in one call, on the average and at most; a shorter thread is read whole. A part of a longer one ends where the hash of
 * a record's name says, the likelier the more it has to say: an edit changes the part it is in, and what is added later the last.
 */
const PART_TOKENS = 1_500;
const MOST_TOKENS = 3_000;
/** A thread that says less is no conversation. */
const LEAST_TOKENS = 12;
/** What people say to one another; cards, deals and tasks are facts already. */
const KINDS = ["message", "issue", "comment", "note", "document"];

/** Chunks of a thread that are read together. */
export type Part = { projectId: string; threadRef: string; contentHash: string; chunkNos: number[] };

/**
 * Up to `limit` parts of threads that were not read as they are now or are to be asked again, newest words first; forgets what is known of parts that are
 * gone. A thread that the graph does not know yet waits, for its facts would be nobody's. What the client was not meant to read is in parts of its own: a
 * model may put the words of any line into any fact.
 */
export async function changed(scope: ProjectScope, now: Date, limit: number): Promise<Part[]> {
  const projects = scope.projects as string[];
  const rows = await transaction(
    scope,
    () => sql<Part[]>`
      with said as (
        select project_id, thread_ref, private, chunk_no, author_ref, author_side, content_tokens, occurred_at, ord, chunk_index,
          (hashtextextended(source_ref, chunk_index) & 1048575) * ${PART_TOKENS}::int < 1048576 * content_tokens::bigint
            and sum(content_tokens) over (partition by project_id, thread_ref, private) > ${PART_TOKENS} as ends
        from rag_chunks where project_id = any (${projects}::uuid[]) and source_kind = any (${KINDS}::text[])),
      talks as (
        select *, count(*) filter (where ends) over (partition by project_id, thread_ref, private order by ord, chunk_index) as talk from said),
      placed as (
        select *, (sum(content_tokens) over (partition by project_id, thread_ref, private, talk order by ord, chunk_index) - content_tokens) / ${MOST_TOKENS}::int as part
        from talks),
      parts as materialized (
        select project_id, thread_ref, max(occurred_at) as newest, array_agg(chunk_no order by ord, chunk_index) as chunk_nos,
          sum(sum(content_tokens)) over (partition by project_id, thread_ref) as tokens,
          md5(string_agg(concat_ws(' ', chunk_no, author_side, author_ref), ',' order by ord, chunk_index)) as content_hash
        from placed group by project_id, thread_ref, private, talk, part::int),
      gone as (
        delete from kag_extractions x where x.project_id = any (${projects}::uuid[])
          and not exists (select from parts p where p.project_id = x.project_id and p.content_hash = x.content_hash))
      select p.project_id, p.thread_ref, p.content_hash, p.chunk_nos from parts p
      where p.tokens >= ${LEAST_TOKENS}
        and exists (select from kag_nodes n where n.project_id = p.project_id and n.node_key = p.thread_ref)
        and not exists (
          select from kag_extractions x
          where x.project_id = p.project_id and x.content_hash = p.content_hash and (x.again_at is null or x.again_at > ${now}))
      order by p.newest desc, p.project_id, p.content_hash limit ${limit}`,
  );
  return [...rows];
}

/** What was said in a part, in its order; less than all of it when that has changed since it was listed. */
export async function lines(scope: ProjectScope, { projectId, chunkNos }: Part): Promise<Line[]> {
  const rows = await transaction(
    scope,
    () => sql<Line[]>`
      select c.chunk_no, c.author_side as side, n.title as author, c.text, c.occurred_at as at from rag_chunks c
      left join kag_nodes n on n.project_id = c.project_id and n.node_key = c.author_ref
      where c.project_id = ${projectId} and c.chunk_no = any (${chunkNos}::bigint[]) order by c.ord, c.chunk_index`,
  );
  return [...rows];
}
