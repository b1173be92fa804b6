import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

const WORD = "([A-Za-z0-9À-ɏЀ-ӿ]+)";
/** A name in one of its cases is told from a word by its capital. */
const CAPITAL = "^[A-ZÀ-ÞА-ЯЁІЄҐӘҒҚҢӨҰҮҺ]";
/** Longer names are looked up by so many words, and then compared. */
const HEAD = 3;

/**
 * Looks for mentions in up to `limit` chunks that are new or have to be read again; answers how many rows it wrote and took away, and whether that was
 * all. A chunk mentions who wrote it, and whomever or whatever an unambiguous alias of stands in its title or text as whole words,
 * a person's also in another case; what a record says of itself is no mention of it.
 */
export async function read(scope: ProjectScope, limit: number): Promise<{ changed: number; left: boolean }> {
  const projects = scope.projects as string[];
  // The chunks first, as whoever writes a page has them: what is being deleted is nothing to read, and neither waits for the other.
  const taken = await sql<{ chunkNo: number }[]>`
    with next as materialized (
      select c.project_id, c.chunk_no from (
        select project_id, chunk_no from kag_unread where project_id = any (${projects}::uuid[]) order by project_id, chunk_no desc limit ${limit}) u
      join rag_chunks c on c.project_id = u.project_id and c.chunk_no = u.chunk_no for key share of c skip locked)
    delete from kag_unread u using next n where u.project_id = n.project_id and u.chunk_no = n.chunk_no
    returning u.chunk_no`;
  if (taken.length === 0) return { changed: 0, left: false };
  const chunkNos = taken.map((one) => one.chunkNo);
  // Each step is kept apart and hashed to the next: a planner that cannot know how many words a text has would compare each word with each name.
  await sql`set local enable_nestloop = off`;
  const [row] = await sql<{ changed: number }[]>`
    with chunks as materialized (
      select project_id, account_scope_id, chunk_no, source_ref, author_ref, concat_ws(' ', title, text) as said from rag_chunks
      where project_id = any (${projects}::uuid[]) and chunk_no = any (${chunkNos}::bigint[])),
    exacts as materialized (
      select project_id, account_scope_id, chunk_no, source_ref, x as alias from chunks cross join lateral unnest(exact_names(said)) x),
    raw as materialized (
      select c.project_id, c.account_scope_id, c.chunk_no, c.source_ref, m[1] as word, at, m[1] ~ ${CAPITAL} as named
      from chunks c cross join lateral regexp_matches(c.said, ${WORD}, 'g') with ordinality as r (m, at)),
    keys as materialized (select word, 'n:' || name_key(word) as key from (select distinct word from raw where named) w),
    words as materialized (
      select project_id, account_scope_id, chunk_no, source_ref, string_to_array(fold_text(said), ' ') as words from chunks
      union all
      select r.project_id, r.account_scope_id, r.chunk_no, r.source_ref, array_agg(coalesce(k.key, '') order by r.at) from raw r left join keys k using (word)
      group by 1, 2, 3, 4 having bool_or(r.named)),
    heads as materialized (
      select w.*, at, array_to_string(w.words[at : at + n - 1], ' ') as head from words w
      cross join lateral generate_series(1, cardinality(w.words)) at cross join lateral generate_series(1, least(${HEAD}::int, cardinality(w.words) - at + 1)) n),
    names as materialized (
      select project_id, node_id, alias, cardinality(w) as length, array_to_string(w[1:${HEAD}], ' ') as head
      from kag_aliases cross join lateral string_to_array(alias, ' ') w
      where project_id = any (${projects}::uuid[]) and not ambiguous and source in ('name', 'name_part', 'company', 'title')),
    hits as (
      select c.project_id, c.account_scope_id, n.id as node_id, c.chunk_no, c.source_ref, 'author' as method from chunks c
      join kag_nodes n on n.project_id = c.project_id and n.node_key = c.author_ref
      union all
      select e.project_id, e.account_scope_id, a.node_id, e.chunk_no, e.source_ref, case when a.source = 'identifier' then 'identifier' else 'email' end from exacts e
      join kag_aliases a on a.project_id = e.project_id and a.alias = e.alias
      where not a.ambiguous and a.source in ('identifier', 'email', 'domain')
      union all
      select h.project_id, h.account_scope_id, n.node_id, h.chunk_no, h.source_ref, 'name' from heads h
      join names n on n.project_id = h.project_id and n.head = h.head
      where n.length <= ${HEAD} or array_to_string(h.words[h.at : h.at + n.length - 1], ' ') = n.alias),
    found as materialized (
      select distinct on (project_id, chunk_no, node_id) * from hits
      where node_id <> named_uuid(project_id || ':' || source_ref)
      order by project_id, chunk_no, node_id, array_position(array['author', 'identifier', 'email', 'name'], method)),
    gone as (
      delete from kag_mentions
      where project_id = any (${projects}::uuid[]) and chunk_no = any (${chunkNos}::bigint[])
        and (project_id, chunk_no, node_id) not in (select project_id, chunk_no, node_id from found)
      returning 1),
    written as (
      insert into kag_mentions as m (project_id, account_scope_id, node_id, chunk_no, method)
      select project_id, account_scope_id, node_id, chunk_no, method from found
      on conflict (project_id, node_id, chunk_no) do update set method = excluded.method where m.method <> excluded.method
      returning 1)
    select (select count(*) from gone) + (select count(*) from written) as changed`;
  await sql`set local enable_nestloop = on`;
  return { changed: row?.changed ?? 0, left: taken.length === limit };
}
