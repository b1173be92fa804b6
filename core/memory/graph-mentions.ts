import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

const WORD = "([A-Za-z0-9À-ɏЀ-ӿ]+)";
/** A name in one of its cases is told from a word by its capital. */
const CAPITAL = "^[A-ZÀ-ÞА-ЯЁІЄҐӘҒҚҢӨҰҮҺ]";

/**
 * Looks for mentions in up to `limit` chunks that are new or have to be read again; answers how many rows it wrote and took away, and whether that was
 * all. A chunk mentions who wrote it, and whomever or whatever an unambiguous alias of stands in its title or text as whole words,
 * a person's also in another case; what a record says of itself is no mention of it.
 */
export async function read(scope: ProjectScope, limit: number): Promise<{ changed: number; left: boolean }> {
  const projects = scope.projects as string[];
  const taken = await sql<{ chunkNo: number }[]>`
    delete from kag_unread u using (
      select project_id, chunk_no from kag_unread where project_id = any (${projects}::uuid[]) order by project_id, chunk_no desc limit ${limit}) n
    where u.project_id = n.project_id and u.chunk_no = n.chunk_no
    returning u.chunk_no`;
  if (taken.length === 0) return { changed: 0, left: false };
  const chunkNos = taken.map((one) => one.chunkNo);
  // Each step is kept apart: a planner that has no statistics yet would fold a text once for each name.
  const [row] = await sql<{ changed: number }[]>`
    with chunks as materialized (
      select project_id, account_scope_id, chunk_no, source_ref, author_ref, concat_ws(' ', title, text) as said from rag_chunks
      where project_id = any (${projects}::uuid[]) and chunk_no = any (${chunkNos}::bigint[])),
    exacts as materialized (
      select project_id, account_scope_id, chunk_no, x as alias from chunks cross join lateral unnest(exact_names(said)) x),
    raw as materialized (
      select c.project_id, c.account_scope_id, c.chunk_no, m[1] as word, at, m[1] ~ ${CAPITAL} as named
      from chunks c cross join lateral regexp_matches(c.said, ${WORD}, 'g') with ordinality as r (m, at)),
    keys as materialized (select word, 'n:' || name_key(word) as key from (select distinct word from raw where named) w),
    words as materialized (
      select project_id, account_scope_id, chunk_no, string_to_array(fold_text(said), ' ') as words from chunks
      union all
      select r.project_id, r.account_scope_id, r.chunk_no, array_agg(coalesce(k.key, '') order by r.at) from raw r left join keys k using (word)
      group by 1, 2, 3 having bool_or(r.named)),
    tokens as materialized (
      select w.*, u.word, u.at from words w cross join lateral unnest(w.words) with ordinality as u (word, at)),
    names as materialized (
      select project_id, node_id, alias, split_part(alias, ' ', 1) as first, cardinality(string_to_array(alias, ' ')) as length from kag_aliases
      where project_id = any (${projects}::uuid[]) and not ambiguous and source in ('name', 'name_part', 'company', 'title')),
    hits as (
      select c.project_id, c.account_scope_id, n.id as node_id, c.chunk_no, 'author' as method from chunks c
      join kag_nodes n on n.project_id = c.project_id and n.node_key = c.author_ref
      union all
      select e.project_id, e.account_scope_id, a.node_id, e.chunk_no, case when a.source = 'identifier' then 'identifier' else 'email' end from exacts e
      join kag_aliases a on a.project_id = e.project_id and a.alias = e.alias
      where not a.ambiguous and a.source in ('identifier', 'email', 'domain')
      union all
      select t.project_id, t.account_scope_id, n.node_id, t.chunk_no, 'name' from tokens t
      join names n on n.project_id = t.project_id and n.first = t.word
      where n.length = 1 or array_to_string(t.words[t.at : t.at + n.length - 1], ' ') = n.alias),
    found as materialized (
      select distinct on (project_id, chunk_no, node_id) h.* from hits h
      join kag_nodes n on n.project_id = h.project_id and n.id = h.node_id join chunks c on c.project_id = h.project_id and c.chunk_no = h.chunk_no
      where n.node_key <> c.source_ref
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
  return { changed: row?.changed ?? 0, left: taken.length === limit };
}
