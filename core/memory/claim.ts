import * as Clock from "#core/clock.ts";
import { sql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import type { Run } from "#core/jobs/run.ts";
import type { Chunk, Said } from "#core/memory/inputs.ts";
import type { ProjectScope } from "#core/scope.ts";

export type Claimed = Chunk & { chunkNo: number; attempts: number };

/** Tries after which a text is given up. */
export const GIVE_UP = 6;
/** Of what is new, the newest come first, and this share of the oldest with them, so that neither waits for ever. */
const OLDEST = 0.25;
const BEFORE = 2;
const BEFORE_LENGTH = 1_000;

/** Frees what a run that died has left in the middle: a job has one run at a time in a project, so nobody else is at it. */
export async function recover(run: Run): Promise<void> {
  const why = reason("attempts_spent", { attempts: GIVE_UP, error: "-", code: "lease_lost" });
  await run.checkpoint(
    run.scope,
    () => sql`
      update rag_chunks set embedding_status = case when embedding_attempts < ${GIVE_UP} then 'pending' else 'failed' end, claimed_at = null,
        embedding_error = case when embedding_attempts < ${GIVE_UP} then embedding_error else ${why as never}::jsonb end
      where project_id = ${run.projectId} and embedding_status = 'processing'`,
  );
}

/** Has what was given up tried again, in the open transaction of the scope. */
export async function revive(scope: ProjectScope): Promise<void> {
  await sql`
    update rag_chunks set embedding_status = 'pending', embedding_attempts = 0, updated_at = ${Clock.now()}
    where project_id = any (${scope.projects as string[]}::uuid[]) and embedding_status = 'failed'`;
}

/**
 * Takes up to `limit` chunks of a project for this run: what is new, then what failed before, in the smaller groups the oftener it did, so that the one at
 * fault ends up alone; then what has its vectors from another model than `model`, or was not taken by another. `began`: when the run did; `but`: what it
 * has put back, for it waits for another run.
 */
export async function claim(
  run: Run,
  { model, began, limit, but }: { model: string; began: Date; limit: number; but: readonly number[] },
): Promise<Claimed[]> {
  return run.checkpoint(run.scope, async () => {
    const picks = [fresh, again, outdated];
    for (const pick of picks) {
      const taken = await pick({ projectId: run.projectId, model, began, but }, limit);
      if (taken.length > 0) return read(run.projectId, taken);
    }
    return [];
  });
}

type Asked = { projectId: string; model: string; began: Date; but: readonly number[] };
type Taken = { chunkNo: number; attempts: number };

async function fresh({ projectId, but }: Asked, limit: number): Promise<Taken[]> {
  const oldest = Math.floor(limit * OLDEST);
  const left = sql`project_id = ${projectId} and embedding_status = 'pending' and embedding_attempts = 0 and chunk_no <> all (${but as number[]}::bigint[])`;
  return sql<Taken[]>`
    with picked as (
      (select chunk_no from rag_chunks where ${left} order by occurred_at desc limit ${limit - oldest})
      union
      (select chunk_no from rag_chunks where ${left} order by occurred_at limit ${oldest}))
    ${taking(projectId)}`;
}

/** What this run has tried itself waits for the next. */
async function again({ projectId, began }: Asked, limit: number): Promise<Taken[]> {
  return sql<Taken[]>`
    with fewest as (
      select min(embedding_attempts) as attempts from rag_chunks where project_id = ${projectId} and embedding_status = 'pending' and updated_at < ${began}),
    picked as (
      select chunk_no from rag_chunks
      where project_id = ${projectId} and embedding_status = 'pending' and updated_at < ${began} and embedding_attempts = (select attempts from fewest)
      order by occurred_at desc limit (select greatest(1, ${limit}::int / (8 ^ least(attempts, 3))::int) from fewest))
    ${taking(projectId)}`;
}

async function outdated({ projectId, model }: Asked, limit: number): Promise<Taken[]> {
  return sql<Taken[]>`
    with other as (
      (select embedding_model from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model < ${model}
        order by embedding_model limit 1)
      union all
      (select embedding_model from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model > ${model}
        order by embedding_model limit 1)
      limit 1),
    waiting as (
      select chunk_no from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model = (select embedding_model from other)
      order by occurred_at desc limit ${limit}),
    picked as (
      select chunk_no from waiting
      union all
      (select chunk_no from rag_chunks where project_id = ${projectId} and embedding_status = 'failed' and embedding_model <> ${model}
        order by occurred_at desc limit greatest(0, ${limit} - (select count(*) from waiting))))
    ${taking(projectId)}`;
}

const taking = (projectId: string) => {
  const now = Clock.now();
  return sql`
    update rag_chunks c set embedding_status = 'processing', embedding_attempts = case when embedding_status = 'failed' then 1 else embedding_attempts + 1 end, claimed_at = ${now}, updated_at = ${now}
    from picked where c.project_id = ${projectId} and c.chunk_no = picked.chunk_no
    returning c.chunk_no, c.embedding_attempts as attempts`;
};

type Row = { chunkNo: number; title: string | null; text: string; author: string | null; before: Said[] };

/** The chunks with what was said before them: what the client was not meant to read stays out of what they were. */
async function read(projectId: string, taken: readonly Taken[]): Promise<Claimed[]> {
  const rows = await sql<Row[]>`
    select c.chunk_no, c.title, c.text, ${author("c")} as author,
      (select coalesce(jsonb_agg(jsonb_build_object('author', b.author, 'text', b.text) order by b.ord, b.chunk_index), '[]')
        from (
          select ${author("p")} as author, left(p.text, ${BEFORE_LENGTH}) as text, p.ord, p.chunk_index from rag_chunks p
          where c.source_kind in ('message', 'comment', 'note') and p.project_id = c.project_id and p.thread_ref = c.thread_ref
            and (p.ord, p.chunk_index) < (c.ord, c.chunk_index) and (c.private or not p.private)
          order by p.ord desc, p.chunk_index desc limit ${BEFORE}) b) as before
    from rag_chunks c where c.project_id = ${projectId} and c.chunk_no = any (${taken.map((one) => one.chunkNo)}::bigint[])`;
  const attempts = new Map(taken.map((one) => [one.chunkNo, one.attempts]));
  return rows.map((row) => ({ ...row, attempts: attempts.get(row.chunkNo) ?? 1 }));
}

/**
 * What the author of a chunk is called: by the message itself, else as memory knows them. `offset 0`: behind row-level security Postgres looks nothing up in
 * an index by what a function makes of another column, only by a column.
 */
function author(chunk: "c" | "p") {
  const c = sql(chunk);
  return sql`coalesce(
    (select m.sender_name from (
        select case when ${c}.source_kind = 'message' then split_part(${c}.source_ref, ':', 3)::bigint end as message_id offset 0) k
      join cw_messages m on m.project_id = ${c}.project_id and m.connection_id = ${c}.connection_id and m.message_id = k.message_id),
    (select n.title from kag_nodes n where n.project_id = ${c}.project_id and n.node_key = ${c}.author_ref))`;
}
