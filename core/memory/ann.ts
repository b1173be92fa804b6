import { config } from "#core/config.ts";
import { sql } from "#core/db.ts";
import type { Run } from "#core/jobs/run.ts";

/** A question's vector, under the name of the model that the project's vectors are from. */
export type Vector = { model: string; vector: readonly number[] };
export type Likeness = { chunkNo: number; likeness: number };

/** Numbers in all vectors of a project up to which all are read: a tenth of a second, with nothing missed. See bench/vectors.ts. */
const EXACT = 100_000 * 384;
/** The sizes of vectors that have an index. */
const SIZES: readonly number[] = [384, 512, 768, 1024, 1536];
const BITE = 500;

/** Vectors of a project up to which all are read; the longer each is, the fewer. */
export const exact = (dimensions: number): number => Math.floor(EXACT / dimensions);

/** Brings the vectors of a project that has more than `most` into the index, while the run's budget lasts; answers whether more are waiting. */
export async function grow(
  run: Pick<Run, "scope" | "projectId" | "checkpoint" | "budget">,
  model: string,
  most = exact(config.EMBEDDING_DIMENSIONS),
): Promise<boolean> {
  for (;;) {
    const taken = await run.checkpoint(
      run.scope,
      () => sql`
        update rag_vectors v set ann = true from (
          select chunk_no from rag_vectors where project_id = ${run.projectId} and model = ${model} and part = 'window' and not ann
            and dims = any (${SIZES as number[]}::int[])
            and exists (select from rag_vectors l where l.project_id = ${run.projectId} and l.model = ${model} and l.part = 'window' offset ${most})
          order by chunk_no limit ${BITE}) w
        where v.project_id = ${run.projectId} and v.model = ${model} and v.part = 'window' and v.chunk_no = w.chunk_no
        returning v.chunk_no`,
    );
    if (taken.length < BITE) return false;
    if (!run.budget.left()) return true;
  }
}

/** The nearest by the index, and by reading what is not yet in it; undefined where vectors of this size have none or the walk ended too early. */
export async function nearest(projectId: string, { model, vector }: Vector, limit: number): Promise<Likeness[] | undefined> {
  const size = SIZES.find((one) => one === vector.length);
  if (!size) return undefined;
  await sql`
    select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '400', true), set_config('hnsw.max_scan_tuples', '40000', true)`;
  // The index is on the expression with its size written out.
  const placed = sql.unsafe(`embedding::halfvec(${size})`);
  const asked = literal(vector);
  const rows = await sql<Likeness[]>`
    select chunk_no, 1 - d as likeness from (
      (select chunk_no, ${placed} <=> ${asked}::halfvec as d from rag_vectors
        where project_id = ${projectId} and model = ${model} and part = 'window' and dims = ${sql.unsafe(String(size))} and ann order by ${placed} <=> ${asked}::halfvec limit ${limit})
      union all
      (select chunk_no, embedding <=> ${asked}::halfvec as d from rag_vectors
        where project_id = ${projectId} and model = ${model} and part = 'window' and dims = ${size} and not ann order by embedding <=> ${asked}::halfvec limit ${limit})) found
    order by d limit ${limit}`;
  return rows.length < limit ? undefined : rows;
}

/** A vector as Postgres reads it. */
export const literal = (vector: readonly number[]): string => `[${vector.join(",")}]`;
