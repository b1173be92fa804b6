import * as Clock from "#core/clock.ts";
import { sql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import type { Run } from "#core/jobs/run.ts";
import type { Chunk } from "#core/memory/inputs.ts";

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

/**
 * Takes up to `limit` chunks of a project for this run: what is new, then what failed before, in the smaller groups the oftener it did, so that the one at
 * fault ends up alone; then what has its vectors from another model than `model`. `began`: when the run did.
 */
export async function claim(run: Run, model: string, began: Date, limit: number): Promise<Claimed[]> {
  return run.checkpoint(run.scope, async () => {
    const picks = [fresh, again, outdated];
    for (const pick of picks) {
      const taken = await pick({ projectId: run.projectId, model, began }, limit);
      if (taken.length > 0) return read(run.projectId, taken);
    }
    return [];
  });
}

type Asked = { projectId: string; model: string; began: Date };
type Taken = { chunkNo: number; attempts: number };

async function fresh({ projectId }: Asked, limit: number): Promise<Taken[]> {
  const oldest = Math.floor(limit * OLDEST);
  return sql<Taken[]>`
    with picked as (
      (select chunk_no from rag_chunks where project_id = ${projectId} and embedding_status = 'pending' and embedding_attempts = 0
        order by occurred_at desc limit ${limit - oldest})
      union
      (select chunk_no from rag_chunks where project_id = ${projectId} and embedding_status = 'pending' and embedding_attempts = 0
        order by occurred_at limit ${oldest}))
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
    picked as (
      select chunk_no from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model = (select embedding_model from other)
      order by occurred_at desc limit ${limit})
    ${taking(projectId)}`;
}

const taking = (projectId: string) => {
  const now = Clock.now();
  return sql`
    update rag_chunks c set embedding_status = 'processing', embedding_attempts = embedding_attempts + 1, claimed_at = ${now}, updated_at = ${now}
    from picked where c.project_id = ${projectId} and c.chunk_no = picked.chunk_no
    returning c.chunk_no, c.embedding_attempts as attempts`;
};

type Row = {
  chunkNo: number;
  title: string | null;
  text: string;
  authorRef: string | null;
  before: { authorRef: string | null; text: string }[];
};

/** The chunks with what was said before them: what the client was not meant to read stays out of what they were. */
async function read(projectId: string, taken: readonly Taken[]): Promise<Claimed[]> {
  const rows = await sql<Row[]>`
    select c.chunk_no, c.text, c.author_ref, case when c.source_kind not in ('message', 'comment') then c.title end as title,
      (select coalesce(jsonb_agg(jsonb_build_object('authorRef', b.author_ref, 'text', b.text) order by b.ord, b.chunk_index), '[]')
        from (
          select p.author_ref, left(p.text, ${BEFORE_LENGTH}) as text, p.ord, p.chunk_index from rag_chunks p
          where c.source_kind in ('message', 'comment', 'note') and p.project_id = c.project_id and p.thread_ref = c.thread_ref
            and (p.ord, p.chunk_index) < (c.ord, c.chunk_index) and (c.private or not p.private)
          order by p.ord desc, p.chunk_index desc limit ${BEFORE}) b) as before
    from rag_chunks c where c.project_id = ${projectId} and c.chunk_no = any (${taken.map((one) => one.chunkNo)}::bigint[])`;
  const names = await namesOf(projectId, [...new Set(rows.flatMap((row) => [row.authorRef, ...row.before.map((one) => one.authorRef)]))]);
  const author = (ref: string | null) => (ref && names.get(ref)) ?? null;
  const attempts = new Map(taken.map((one) => [one.chunkNo, one.attempts]));
  return rows.map(({ chunkNo, title, text, authorRef, before }) => ({
    chunkNo,
    title,
    text,
    author: author(authorRef),
    before: before.map((one) => ({ author: author(one.authorRef), text: one.text })),
    attempts: attempts.get(chunkNo) ?? 1,
  }));
}

/** What people are called, where the source says: KIND:CONNECTION:ID. */
async function namesOf(projectId: string, refs: readonly (string | null)[]): Promise<Map<string, string>> {
  const rows = await sql<{ ref: string; name: string }[]>`
    with asked as (select ref, split_part(ref, ':', 1) as kind, split_part(ref, ':', 2) as connection, split_part(ref, ':', 3) as id
      from unnest(${refs as string[]}::text[]) ref),
    known as (
      select 'cwc' as kind, connection_id::text as connection, contact_id::text as id, name from cw_contacts where project_id = ${projectId}
      union all select 'linuser', connection_id::text, external_id, coalesce(display_name, name) from linear_users_raw where project_id = ${projectId}
      union all select 'attiomember', connection_id::text, external_id, name from attio_members_raw where project_id = ${projectId}
      union all select 'attioperson', connection_id::text, external_id, full_name from attio_people_raw where project_id = ${projectId})
    select a.ref, k.name from asked a join known k using (kind, connection, id) where k.name is not null`;
  return new Map(rows.map((row) => [row.ref, row.name]));
}
