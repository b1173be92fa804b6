import type * as Db from "#core/db.ts";
import type { Library } from "#test/texts.ts";

export const MODEL = "synthetic:384";
export const DIMENSIONS = 384;
/** Different words; the n-th is said about 1/n as often as the first. */
const WORDS = 20_000;
const SAID = 12;
const THREAD = 40;
const BASES = 2_000;
const SLICE = 100_000;

/** Directions whose sums in pairs are the vectors of a crowd, in a table of the owner's. */
export async function bases(owner: Db.Sql): Promise<void> {
  await owner.unsafe(`
    create table bench_bases as
    select n, (select array_agg(random() - 0.5 + (n + k) * 0) from generate_series(1, ${DIMENSIONS}) k)::vector(${DIMENSIONS})::halfvec(${DIMENSIONS}) as v
    from generate_series(0, ${BASES - 1}) n`);
  await owner.unsafe("alter table bench_bases add primary key (n)");
}

/** Fills a project with `count` made-up texts of Zipf-like words, with postings and both vectors, set-based and past the triggers: its shape is what counts. */
export async function fill(owner: Db.Sql, at: Library, n: number, count: number): Promise<void> {
  const project = at.projects[n] ?? "";
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`set local synchronous_commit = off`;
    for (let first = 0; first < count; first += SLICE) {
      const last = Math.min(count, first + SLICE);
      await tx`
        insert into rag_chunks (project_id, account_scope_id, connection_id, source_kind, source_ref, thread_ref, ord, text, text_hash, language, content_tokens, occurred_at,
          words, indexed_at, embedding_status, embedding_model, created_at, updated_at)
        select ${project}, ${at.accountScopeId}, ${at.connectionId}, 'message', 'cwmsg:bench:' || n, 'cw:bench:' || n / ${THREAD}, n, array_to_string(w.said, ' '), md5(n::text), 'en', ${SAID},
          now() - n * interval '1 minute', array_to_tsvector(w.said), now(), 'ready', ${MODEL}, now(), now()
        from generate_series(${first}::int, ${last - 1}::int) n
        cross join lateral (select array_agg('w' || floor(exp(random() * ln(${WORDS}))) || case when n < 0 then k::text else '' end) as said from generate_series(1, ${SAID}) k) w`;
    }
    await tx`
      insert into rag_postings (project_id, account_scope_id, term, chunk_no, tf, dl)
      select project_id, account_scope_id, term, chunk_no, 1, ${SAID} from rag_chunks cross join lateral unnest(tsvector_to_array(words)) term
      where project_id = ${project} order by term, chunk_no`;
    for (const [part, prime] of [
      ["turn", 7_919],
      ["window", 104_729],
    ] as const) {
      await tx`
        insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
        select c.project_id, c.account_scope_id, ${MODEL}, ${part}, c.chunk_no, ${DIMENSIONS}, l2_normalize(a.v + b.v) from rag_chunks c
        join bench_bases a on a.n = c.ord % ${BASES} join bench_bases b on b.n = (c.ord / ${BASES} * 31 + c.ord * ${prime}) % ${BASES}
        where c.project_id = ${project}`;
    }
  });
}

/** Puts the vectors of these projects into their index, which is built anew: faster than a million one by one. */
export async function index(owner: Db.Sql, projects: readonly string[]): Promise<void> {
  const name = `rag_vectors_ann_${DIMENSIONS}`;
  const [made] = await owner<{ definition: string }[]>`select pg_get_indexdef(${name}::regclass) as definition`;
  await owner.begin(async (tx) => {
    await tx`set local maintenance_work_mem = '3GB'`;
    await tx.unsafe(`drop index ${name}`);
    await tx`update rag_vectors set ann = true where project_id = any (${projects as string[]}::uuid[]) and part = 'window'`;
    await tx.unsafe(made?.definition ?? "");
  });
}

/** Gives a project `count` vectors and nothing else. */
export async function vectors(owner: Db.Sql, at: Library, n: number, count: number): Promise<void> {
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
      select ${at.projects[n] ?? ""}, ${at.accountScopeId}, ${MODEL}, 'window', k, ${DIMENSIONS}, l2_normalize(a.v + b.v)
      from generate_series(1, ${count}::int) k
      join bench_bases a on a.n = (k + ${n}::int * 37) % ${BASES} join bench_bases b on b.n = (k / ${BASES} * 31 + k::bigint * 104729 + ${n}::int * 101) % ${BASES}`;
  });
}

/** A question of words neither everywhere nor nowhere, and a vector near some of the crowd's. */
export async function question(owner: Db.Sql, seed: number): Promise<{ query: string; vector: number[] }> {
  const word = (k: number) => `w${Math.floor(Math.exp((((seed * 37 + k * 61) % 97) / 97) * Math.log(WORDS)))}`;
  const [row] = await owner<{ v: string }[]>`
    select l2_normalize(a.v + b.v)::text as v from bench_bases a, bench_bases b where a.n = ${(seed * 101) % BASES} and b.n = ${(seed * 211 + 5) % BASES}`;
  return { query: [0, 1, 2, 3, 4].map(word).join(" "), vector: JSON.parse(row?.v ?? "[]") as number[] };
}
