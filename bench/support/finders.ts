import { sql, transaction } from "#core/db.ts";
import { retrieve } from "#core/memory/retrieve.ts";
import type { ProjectScope } from "#core/scope.ts";
import { ask } from "#test/texts.ts";

/** What is measured: the refs of the texts it finds for a question, the best first. */
export type Finder = (scope: ProjectScope, question: string, vector?: readonly number[]) => Promise<string[]>;

export const MODEL = "multilingual-e5-small:384";
const LIMIT = 50;
const SECONDS = 10;

export const product: Finder = async (scope, query, vector) => {
  const given = vector && { model: MODEL, vector };
  const { chunks } = await retrieve(scope, { ...ask, query, topK: LIMIT, deadline: performance.now() + SECONDS * 1_000 }, given);
  return chunks.map(({ sourceRef }) => sourceRef);
};

/** How many words of the question a text has, as ILIKE sees it. */
export const ilike: Finder = (scope, query) =>
  refs(
    scope,
    () => sql`
      select source_ref from rag_chunks c cross join lateral (
        select count(*) as n from unnest(string_to_array(${query.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim()}, ' ')) w where c.text ilike '%' || w || '%') m
      where project_id = ${scope.projects[0] ?? ""} order by m.n desc, chunk_no limit ${LIMIT}`,
  );

export const bm25: Finder = (scope, query) =>
  refs(
    scope,
    () => sql`
      with size as (select count(*) as n, avg(length(words)) as usual from rag_chunks where project_id = ${scope.projects[0] ?? ""}),
      asked as (
        select a.term, (select count(*) from rag_postings p where p.project_id = ${scope.projects[0] ?? ""} and p.term = a.term) as df
        from unnest(tsvector_to_array(memory_terms(${query}))) a (term) where a.term not like 'n:%'),
      scored as (
        select p.chunk_no, sum(ln(1 + (n - df + 0.5) / (df + 0.5)) * p.tf * 2.2 / (p.tf + 1.2 * (0.25 + 0.75 * p.dl / usual))) as score
        from asked a cross join size join rag_postings p on p.project_id = ${scope.projects[0] ?? ""} and p.term = a.term group by p.chunk_no)
      select c.source_ref from scored s join rag_chunks c on c.project_id = ${scope.projects[0] ?? ""} and c.chunk_no = s.chunk_no
      order by s.score desc, c.chunk_no limit ${LIMIT}`,
  );

export const vectors: Finder = (scope, _query, vector) =>
  refs(
    scope,
    () => sql`
      select c.source_ref from rag_vectors v join rag_chunks c using (project_id, chunk_no)
      where v.project_id = ${scope.projects[0] ?? ""} and v.model = ${MODEL} and v.part = 'turn'
      order by v.embedding <=> ${`[${(vector ?? []).join(",")}]`}::halfvec limit ${LIMIT}`,
  );

async function refs(scope: ProjectScope, find: () => PromiseLike<readonly { sourceRef?: string }[]>): Promise<string[]> {
  return (await transaction(scope, async () => find())).map(({ sourceRef = "" }) => sourceRef);
}
