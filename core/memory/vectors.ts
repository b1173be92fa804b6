import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { sql, transaction } from "#core/db.ts";
import type { Reason } from "#core/error.ts";
import type { Run } from "#core/jobs/run.ts";
import type { Claimed } from "#core/memory/claim.ts";
import type { Input } from "#core/memory/inputs.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A space of vectors: those of two models, or of one in two sizes, are never compared. The name that they are stored under. */
export const space = (model: string): string => `${model}:${config.EMBEDDING_DIMENSIONS}`;

/** How long an input that is asked for is left to the run that asks for it; a later attempt of that run has it at once. */
const ASKING_SECONDS = 180;

/**
 * Which of these inputs the studio has paid for before (they are marked as used, at most once a day), and which are this run's to ask for. The rest
 * another run is asking for at this moment.
 */
export async function reserve(
  { scope, id }: Run,
  model: string,
  hashes: readonly string[],
): Promise<{ known: Set<string>; mine: Set<string> }> {
  const now = Clock.now();
  const dims = config.EMBEDDING_DIMENSIONS;
  const rows = await transaction(
    scope,
    () => sql<{ hash: string; mine: boolean }[]>`
      with mine as (
        insert into embedding_cache as e (account_scope_id, model, text_hash, dims, used_at, asked_by, asked_until)
        select ${scope.accountScopeId}, ${model}, hash, ${dims}, ${now}, ${id}, clock_timestamp() + make_interval(secs => ${ASKING_SECONDS})
        from unnest(${hashes as string[]}::text[]) hash order by hash
        on conflict (account_scope_id, model, dims, text_hash) do update set asked_by = excluded.asked_by, asked_until = excluded.asked_until
          where e.embedding is null and (e.asked_by = excluded.asked_by or e.asked_until < clock_timestamp())
        returning text_hash),
      used as (
        update embedding_cache set used_at = ${now}
        where account_scope_id = ${scope.accountScopeId} and model = ${model} and dims = ${dims} and text_hash = any (${hashes as string[]}::text[])
          and embedding is not null and used_at < ${now}::timestamptz - interval '1 day')
      select text_hash as hash, true as mine from mine
      union all
      select text_hash, false from embedding_cache
      where account_scope_id = ${scope.accountScopeId} and model = ${model} and dims = ${dims} and text_hash = any (${hashes as string[]}::text[]) and embedding is not null`,
  );
  const of = (mine: boolean) => new Set(rows.filter((row) => row.mine === mine).map((row) => row.hash));
  return { known: of(false), mine: of(true) };
}

/** Which of these are there by now. */
export async function arrived(scope: ProjectScope, model: string, hashes: readonly string[]): Promise<string[]> {
  const rows = await transaction(
    scope,
    () => sql<{ hash: string }[]>`
      select text_hash as hash from embedding_cache
      where account_scope_id = ${scope.accountScopeId} and model = ${model} and dims = ${config.EMBEDDING_DIMENSIONS} and text_hash = any (${hashes as string[]}::text[])
        and embedding is not null`,
  );
  return rows.map((row) => row.hash);
}

/** Gives up what this run was to ask for and has no vector: what another has taken over meanwhile is left to it. Inside a transaction of the studio. */
export async function release({ id, scope }: Run, model: string, hashes: readonly string[]): Promise<void> {
  await sql`
    delete from embedding_cache
    where account_scope_id = ${scope.accountScopeId} and model = ${model} and dims = ${config.EMBEDDING_DIMENSIONS} and text_hash = any (${hashes as string[]}::text[])
      and embedding is null and asked_by = ${id}`;
}

/** Keeps vectors by the hash of their input. Inside a transaction of the studio. */
export async function remember(scope: ProjectScope, model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
  await sql`
    insert into embedding_cache (account_scope_id, model, text_hash, dims, embedding, used_at)
    select ${scope.accountScopeId}, ${model}, v.hash, ${config.EMBEDDING_DIMENSIONS}, v.embedding::halfvec, ${Clock.now()}
    from unnest(${[...vectors.keys()]}::text[], ${[...vectors.values()].map(literal)}::text[]) as v (hash, embedding) order by v.hash
    on conflict (account_scope_id, model, dims, text_hash) do update set embedding = excluded.embedding, used_at = excluded.used_at, asked_by = null, asked_until = null`;
}

/** One that is kept; undefined without. */
export async function find(scope: ProjectScope, model: string, hash: string): Promise<number[] | undefined> {
  const [row] = await transaction(
    scope,
    () => sql<{ embedding: string }[]>`
      select embedding::text as embedding from embedding_cache
      where account_scope_id = ${scope.accountScopeId} and model = ${model} and dims = ${config.EMBEDDING_DIMENSIONS} and text_hash = ${hash} and embedding is not null`,
  );
  return row && (JSON.parse(row.embedding) as number[]);
}

export type Made = { chunk: Claimed; inputs: readonly Input[] };
export type Lost = { chunk: Claimed; why: Reason };

/**
 * Ends the claims of a run: the vectors of what is done, from the cache; why what failed has none; and what goes back, with the try counted or not. A chunk
 * that was deleted or replaced meanwhile is left as it is. Inside the run's checkpoint.
 */
export async function settle(
  run: Run,
  model: string,
  {
    done,
    failed,
    counted,
    uncounted,
  }: { done: readonly Made[]; failed: readonly Lost[]; counted: readonly Lost[]; uncounted: readonly Claimed[] },
): Promise<void> {
  const now = Clock.now();
  const parts = done.flatMap(({ chunk, inputs }) => inputs.map((input) => ({ ...input, chunkNo: chunk.chunkNo })));
  await sql`
    insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
    select ${run.projectId}, ${run.accountScopeId}, ${space(model)}, v.part, v.chunk_no, e.dims, e.embedding
    from unnest(${parts.map((one) => one.part)}::text[], ${parts.map((one) => one.hash)}::text[], ${parts.map((one) => one.chunkNo)}::bigint[]) as v (part, hash, chunk_no)
    join rag_chunks c on c.project_id = ${run.projectId} and c.chunk_no = v.chunk_no and c.embedding_status = 'processing'
    join embedding_cache e on e.account_scope_id = ${run.accountScopeId} and e.model = ${model} and e.dims = ${config.EMBEDDING_DIMENSIONS} and e.text_hash = v.hash
    on conflict (project_id, model, part, chunk_no) do update set embedding = excluded.embedding, dims = excluded.dims, ann = false`;
  const ends = [
    ...done.map(({ chunk }) => ({ chunkNo: chunk.chunkNo, status: "ready", why: null, tries: 0 })),
    ...failed.map(({ chunk, why }) => ({ chunkNo: chunk.chunkNo, status: "failed", why: JSON.stringify(why), tries: chunk.attempts })),
    ...counted.map(({ chunk, why }) => ({ chunkNo: chunk.chunkNo, status: "pending", why: JSON.stringify(why), tries: chunk.attempts })),
    ...uncounted.map((chunk) => ({ chunkNo: chunk.chunkNo, status: "pending", why: null, tries: chunk.attempts - 1 })),
  ];
  await sql`
    update rag_chunks c set embedding_status = e.status, embedding_attempts = e.tries, embedding_error = e.why::jsonb, claimed_at = null, updated_at = ${now},
      embedding_model = case when e.status = 'pending' then c.embedding_model else ${space(model)} end,
      last_embedded_at = case when e.status = 'ready' then ${now}::timestamptz else c.last_embedded_at end
    from unnest(${ends.map((end) => end.chunkNo)}::bigint[], ${ends.map((end) => end.status)}::text[], ${ends.map((end) => end.why)}::text[], ${ends.map((end) => end.tries)}::int[])
      as e (chunk_no, status, why, tries)
    where c.project_id = ${run.projectId} and c.chunk_no = e.chunk_no and c.embedding_status = 'processing'`;
}

const FORGET = 5_000;

/**
 * Removes vectors of other models, once all that can be is embedded with this one. Answers whether there are more of them. By their places: of a project that
 * has just been filled the planner knows nothing, and would read all of it for each row.
 */
export async function forgetOthers(run: Run, model: string): Promise<boolean> {
  const rows = await run.checkpoint(
    run.scope,
    () => sql`
      delete from rag_vectors where ctid = any (array(
        (select ctid from rag_vectors where project_id = ${run.projectId} and model < ${space(model)} order by model, part, chunk_no limit ${FORGET})
        union all
        (select ctid from rag_vectors where project_id = ${run.projectId} and model > ${space(model)} order by model, part, chunk_no limit ${FORGET})))
      returning chunk_no`,
  );
  return rows.length >= FORGET;
}

/** As Postgres reads it, in whole numbers of a power of ten: half precision has but three digits and a bit, and longer numbers are slow to write. */
function literal(vector: Float32Array): string {
  let most = 0;
  for (const value of vector) most = Math.max(most, Math.abs(value));
  const digits = 5 - Math.floor(Math.log10(most || 1));
  const scale = 10 ** digits;
  let text = "";
  for (const value of vector) text += `,${Math.round(value * scale)}e${-digits}`;
  return `[${text.slice(1)}]`;
}
