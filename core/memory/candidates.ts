import { sql } from "#core/db.ts";
import type { Likeness, Vector } from "#core/memory/ann.ts";
import * as Ann from "#core/memory/ann.ts";
import type { Weighed } from "#core/memory/terms.ts";

/** What may be found at all. `to` itself is not part of the period; a client is shown nothing private. */
export type Filter = { kinds: readonly string[] | undefined; from: Date | null; to: Date | null; audience: "team" | "client" };
/** How many chunks a project has; of the newest, how many different words a usual one has; after which chunk those begin; the languages spoken, then and at first. */
export type Size = { chunks: number; words: number; newest: number; languages: readonly string[] };
export type Counted = { word: string; term: string; df: number };
export type Weight = { term: string; idf: number };
/** A chunk in its place; `length`: how many different words it has; `speech`: whether it is part of a talk; `allowed`: whether the filter lets it be found. */
export type Placed = {
  chunkNo: number;
  threadRef: string;
  ord: number;
  chunkIndex: number;
  authorRef: string | null;
  length: number;
  speech: boolean;
  allowed: boolean;
};
export type Occurrences = { term: string; chunkNos: number[]; counts: number[] };
export type Told = {
  id: string;
  chunkNo: number;
  sourceKind: string;
  sourceRef: string;
  threadRef: string;
  authorRef: string | null;
  title: string | null;
  text: string;
  private: boolean;
  occurredAt: Date;
};
export type Part = "turn" | "window";

/** Beyond these many, the newest are counted for all. */
const COUNTED = 20_000;
const FEW = 5_000;
/** The share of chunks that may be without a vector where vectors are of use. */
const MISSING = 0.2;
const SAMPLE = 200;
/** The share from which on a language is spoken in a project. */
const SPOKEN = 0.1;
/** Postings of one word that are read, the newest. */
const POSTINGS = 40_000;
const ASIDE = 8;
/** A look-up costs as much as reading this many postings. */
const PROBE = 6;
/** Mentions beyond which somebody or something is known to all. */
const HUB = 50;

/** How large a project is; a large one by the planner's own estimate. */
export async function size(projectId: string): Promise<Size> {
  const [row] = await sql<Size[]>`
    select (select count(*) from (select from rag_chunks where project_id = ${projectId} limit ${COUNTED + 1}) c) as chunks,
      coalesce(s.words, 1)::float8 as words, l.languages, coalesce((select chunk_no from rag_chunks where project_id = ${projectId} order by chunk_no desc offset ${COUNTED} limit 1), 0) as newest
    from (
      select avg(length(words)) as words from (select words from rag_chunks where project_id = ${projectId} order by chunk_no desc limit ${SAMPLE}) c) s,
    (
      select coalesce(array_agg(language) filter (where share >= ${SPOKEN}), '{}') as languages from (
        select language, count(*) / sum(count(*)) over () as share from (
          (select language from rag_chunks where project_id = ${projectId} order by chunk_no desc limit ${SAMPLE})
          union all (select language from rag_chunks where project_id = ${projectId} order by chunk_no limit ${SAMPLE})) c
        where language <> 'other' group by language) c) l`;
  if (!row || row.chunks <= COUNTED) return row ?? { chunks: 0, words: 1, newest: 0, languages: [] };
  const [plan] = await sql<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }[]>`
    explain (format json) select from rag_chunks where project_id = ${projectId}`;
  return { ...row, chunks: Math.max(row.chunks, Object.values(plan ?? {})[0]?.[0].Plan["Plan Rows"] ?? 0) };
}

/** What `memory_terms` makes of each word of a question, with the number of the project's chunks that have it; what none has is left out. */
export async function words(projectId: string, asked: readonly string[], size: Size): Promise<Counted[]> {
  const made = await sql<{ word: string; term: string }[]>`
    select w.word, t.term from unnest(${asked as string[]}::text[]) as w (word) cross join lateral unnest(tsvector_to_array(memory_terms(w.word))) as t (term)`;
  const known = await frequencies(
    projectId,
    made.map(({ term }) => term),
    size,
  );
  const counted = new Map(known.map(({ term, df }) => [term, df]));
  return made.flatMap((one) => (counted.has(one.term) ? [{ ...one, df: counted.get(one.term) ?? 0 }] : []));
}

/** In how many of the project's chunks each of these is, counted among the newest where they are many; what is in none is left out. */
export async function frequencies(
  projectId: string,
  terms: readonly string[],
  { chunks, newest }: Size,
): Promise<{ term: string; df: number }[]> {
  return sql<{ term: string; df: number }[]>`
    select t.term, case when f.few <= ${FEW} then f.few else greatest(f.few, (
        select count(*) from rag_postings p where p.project_id = ${projectId} and p.term = t.term and p.chunk_no > ${newest})
      * ${newest === 0 ? 1 : chunks / COUNTED}::float8) end as df
    from unnest(${[...new Set(terms)]}::text[]) as t (term)
    cross join lateral (
      select count(*) as few from (select from rag_postings p where p.project_id = ${projectId} and p.term = t.term limit ${FEW + 1}) p) f
    where f.few > 0`;
}

/** The chunks that fit the words best by themselves. Of a word that is everywhere only the newest places are read. */
export async function byWords(
  projectId: string,
  terms: readonly Weight[],
  { words: usual }: Size,
  filter: Filter,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ chunkNo: number }[]>`
    select p.chunk_no from unnest(${terms.map(({ term }) => term)}::text[], ${terms.map(({ idf }) => idf)}::float8[]) as t (term, idf)
    cross join lateral (
      select p.chunk_no, p.tf, p.dl from rag_postings p
      ${filtered(filter) ? sql`join rag_chunks c on c.project_id = ${projectId} and c.chunk_no = p.chunk_no and ${allowed(filter)}` : sql``}
      where p.project_id = ${projectId} and p.term = t.term order by p.chunk_no desc limit ${POSTINGS}) p
    group by p.chunk_no order by sum(t.idf * p.tf / (p.tf + 0.54 + 0.36 * p.dl / ${usual}::float8)) desc, p.chunk_no desc limit ${limit}`;
  return rows.map(({ chunkNo }) => chunkNo);
}

/** Whether nearly all of a project's chunks have their vectors from this model: by the vectors of a few, those few would be all that is found. */
export async function covered(projectId: string, { model }: Vector, { chunks }: Size): Promise<boolean> {
  const most = Math.floor(chunks * MISSING);
  const [row] = await sql<{ missing: number }[]>`
    select count(*) as missing from (
      (select from rag_chunks where project_id = ${projectId} and embedding_status <> 'ready' limit ${most + 1})
      union all (select from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model < ${model} limit ${most + 1})
      union all (select from rag_chunks where project_id = ${projectId} and embedding_status = 'ready' and embedding_model > ${model} limit ${most + 1})) c`;
  return (row?.missing ?? 0) <= most;
}

/** The chunks nearest to the question together with what was said before them, with their cosines; in a large project nearly all of those. */
export async function byVector(projectId: string, asked: Vector, { chunks }: Size, filter: Filter, limit: number): Promise<Likeness[]> {
  const walked = chunks > Ann.exact(asked.vector.length) && !filtered(filter) ? await Ann.nearest(projectId, asked, limit) : undefined;
  return walked ?? nearest(projectId, asked, filter, limit);
}

/** The same by reading every vector of the project. */
export async function nearest(projectId: string, { model, vector }: Vector, filter: Filter, limit: number): Promise<Likeness[]> {
  return sql<Likeness[]>`
    select v.chunk_no, 1 - (v.embedding <=> ${Ann.literal(vector)}::halfvec) as likeness from rag_vectors v
    ${filtered(filter) ? sql`join rag_chunks c on c.project_id = ${projectId} and c.chunk_no = v.chunk_no and ${allowed(filter)}` : sql``}
    where v.project_id = ${projectId} and v.model = ${model} and v.part = 'window' and v.dims = ${vector.length}
    order by v.embedding <=> ${Ann.literal(vector)}::halfvec limit ${limit}`;
}

/** Each of these chunks with those before and after it in its conversation, in their order. */
export async function areas(projectId: string, chunkNos: readonly number[], filter: Filter): Promise<number[][]> {
  const open = filter.audience === "team" ? sql`true` : sql`not b.private`;
  const rows = await sql<{ area: number[] }[]>`
    select a.area from unnest(${chunkNos as number[]}::bigint[]) as s (chunk_no)
    join rag_chunks c on c.project_id = ${projectId} and c.chunk_no = s.chunk_no
    cross join lateral (
      select array_agg(n.chunk_no order by n.ord, n.chunk_index, n.chunk_no) as area from (
        (select b.chunk_no, b.ord, b.chunk_index from rag_chunks b
          where b.project_id = ${projectId} and b.thread_ref = c.thread_ref and (b.ord, b.chunk_index) < (c.ord, c.chunk_index) and ${open}
          order by b.ord desc, b.chunk_index desc limit ${ASIDE})
        union all
        (select b.chunk_no, b.ord, b.chunk_index from rag_chunks b
          where b.project_id = ${projectId} and b.thread_ref = c.thread_ref and (b.ord, b.chunk_index) >= (c.ord, c.chunk_index) and ${open}
          order by b.ord, b.chunk_index limit ${ASIDE + 1})) n) a
    where a.area is not null`;
  return rows.map(({ area }) => area.map(Number));
}

export async function places(projectId: string, chunkNos: readonly number[], filter: Filter): Promise<Placed[]> {
  return sql<Placed[]>`
    select c.chunk_no, c.thread_ref, c.ord, c.chunk_index, c.author_ref, coalesce(length(c.words), 0) as length, c.source_kind in ('message', 'comment') as speech, ${allowed(filter)} as allowed
    from rag_chunks c where c.project_id = ${projectId} and c.chunk_no = any (${chunkNos as number[]}::bigint[])
    order by c.thread_ref, c.ord, c.chunk_index, c.chunk_no`;
}

/** How often each word is in each of these chunks. The places of a rare word are read through, those of a common one looked up chunk by chunk. */
export async function counts(projectId: string, terms: readonly Weighed[], chunkNos: readonly number[]): Promise<Occurrences[]> {
  const rare = ({ df }: Weighed) => df < PROBE * chunkNos.length;
  const names = (some: readonly Weighed[]) => [...new Set(some.flatMap((one) => [...one.terms, ...one.kin]))];
  const [few, many] = [names(terms.filter(rare)), names(terms.filter((one) => !rare(one)))];
  const read =
    few.length > 0 &&
    sql<Occurrences[]>`
    select p.term, array_agg(p.chunk_no) as chunk_nos, array_agg(p.tf) as counts from rag_postings p
    join unnest(${chunkNos as number[]}::bigint[]) as c (chunk_no) on c.chunk_no = p.chunk_no
    where p.project_id = ${projectId} and p.term = any (${few}::text[])
    group by p.term`;
  const probed =
    many.length > 0 &&
    sql<Occurrences[]>`
    select p.term, array_agg(p.chunk_no) as chunk_nos, array_agg(p.tf) as counts
    from unnest(${many}::text[]) as t (term) cross join lateral (
      select term, chunk_no, tf from rag_postings where project_id = ${projectId} and term = t.term and chunk_no = any (${chunkNos as number[]}::bigint[])) p
    group by p.term`;
  return [...(read ? await read : []), ...(probed ? await probed : [])];
}

/** The cosines of these chunks' vectors to the question's, each looked up: the planner would rather read those of the whole project. */
export async function likeness(
  projectId: string,
  { model, vector }: Vector,
  chunkNos: readonly number[],
): Promise<(Likeness & { part: Part })[]> {
  return sql<(Likeness & { part: Part })[]>`
    select c.chunk_no, p.part, v.likeness from unnest(${chunkNos as number[]}::bigint[]) as c (chunk_no) cross join unnest(array['turn', 'window']) as p (part)
    cross join lateral (
      select 1 - (v.embedding <=> ${Ann.literal(vector)}::halfvec) as likeness from rag_vectors v
      where v.project_id = ${projectId} and v.model = ${model} and v.part = p.part and v.chunk_no = c.chunk_no and v.dims = ${vector.length} offset 0) v`;
}

/** What the graph calls these authors. */
export async function authors(projectId: string, refs: readonly string[]): Promise<{ ref: string; name: string }[]> {
  return sql<{ ref: string; name: string }[]>`
    select node_key as ref, title as name from kag_nodes
    where project_id = ${projectId} and node_key = any (${refs as string[]}::text[]) and node_type = 'person' and title is not null`;
}

/** The chunks in which what these chunks mention is at home: an issue, a document, a deal. What everything mentions leads nowhere. */
export async function homes(projectId: string, chunkNos: readonly number[], filter: Filter): Promise<{ chunkNo: number; home: number }[]> {
  return sql<{ chunkNo: number; home: number }[]>`
    select m.chunk_no, c.chunk_no as home from kag_mentions m
    join kag_nodes n on n.project_id = ${projectId} and n.id = m.node_id
    join rag_chunks c on c.project_id = ${projectId} and c.source_ref = n.node_key and c.chunk_index = 0 and c.chunk_no <> m.chunk_no
    where m.project_id = ${projectId} and m.chunk_no = any (${chunkNos as number[]}::bigint[]) and m.method <> 'author' and ${allowed(filter)}
      and (select count(*) from (
        select from kag_mentions o where o.project_id = ${projectId} and o.node_id = m.node_id limit ${HUB + 1}) o) <= ${HUB}`;
}

/** The texts themselves. */
export async function texts(projectId: string, chunkNos: readonly number[]): Promise<Told[]> {
  return sql<Told[]>`
    select id, chunk_no, source_kind, source_ref, thread_ref, author_ref, title, text, private, occurred_at from rag_chunks
    where project_id = ${projectId} and chunk_no = any (${chunkNos as number[]}::bigint[])`;
}

const filtered = ({ kinds, from, to, audience }: Filter): boolean => Boolean(kinds ?? from ?? to) || audience === "client";

/** Whether the chunk `c` may be found. */
const allowed = ({ kinds, from, to, audience }: Filter) => sql`(
  (${kinds === undefined} or c.source_kind = any (${(kinds ?? []) as string[]}::text[])) and (${audience === "team"} or not c.private)
  and (${from}::timestamptz is null or c.occurred_at >= ${from}) and (${to}::timestamptz is null or c.occurred_at < ${to}))`;
