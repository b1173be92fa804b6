import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/**
 * Looks for mentions in up to `limit` chunks that are new or have to be read again; answers how many rows it wrote and took away, and how many chunks
 * are left. A chunk mentions who wrote it, and whomever or whatever an unambiguous alias of stands in its title or text as whole words.
 */
export async function read(scope: ProjectScope, limit: number): Promise<{ changed: number; left: number }> {
  const projects = scope.projects as string[];
  const [row] = await sql<{ changed: number; left: number }[]>`
    with taken as (
      delete from kag_unread u using (
        select project_id, chunk_no from kag_unread where project_id = any (${projects}::uuid[]) order by project_id, chunk_no desc limit ${limit}) n
      where u.project_id = n.project_id and u.chunk_no = n.chunk_no
      returning u.project_id, u.chunk_no),
    chunks as materialized (
      select c.project_id, c.account_scope_id, c.chunk_no, c.author_ref, concat_ws(' ', c.title, c.text) as said
      from taken t join rag_chunks c using (project_id, chunk_no)),
    words as materialized (select project_id, account_scope_id, chunk_no, string_to_array(fold_text(said), ' ') as words from chunks),
    names as materialized (
      select project_id, node_id, alias, split_part(alias, ' ', 1) as first, cardinality(string_to_array(alias, ' ')) as length from kag_aliases
      where project_id = any (${projects}::uuid[]) and not ambiguous and source in ('name', 'name_part', 'company', 'title')),
    hits as (
      select c.project_id, c.account_scope_id, n.id as node_id, c.chunk_no, 'author' as method from chunks c
      join kag_nodes n on n.project_id = c.project_id and n.node_key = c.author_ref
      union all
      select c.project_id, c.account_scope_id, a.node_id, c.chunk_no, case when a.source = 'identifier' then 'identifier' else 'email' end
      from chunks c cross join lateral unnest(exact_names(c.said)) x
      join kag_aliases a on a.project_id = c.project_id and a.alias = x and not a.ambiguous and a.source in ('identifier', 'email', 'domain')
      union all
      select w.project_id, w.account_scope_id, n.node_id, w.chunk_no, 'name'
      from words w cross join lateral unnest(w.words) with ordinality as u (word, at)
      join names n on n.project_id = w.project_id and n.first = u.word and (n.length = 1 or array_to_string(w.words[u.at : u.at + n.length - 1], ' ') = n.alias)),
    found as materialized (
      select distinct on (project_id, chunk_no, node_id) * from hits
      order by project_id, chunk_no, node_id, array_position(array['author', 'identifier', 'email', 'name'], method)),
    gone as (
      delete from kag_mentions m using taken t
      where m.project_id = t.project_id and m.chunk_no = t.chunk_no
        and not exists (select from found f where f.project_id = m.project_id and f.chunk_no = m.chunk_no and f.node_id = m.node_id)
      returning 1),
    written as (
      insert into kag_mentions as m (project_id, account_scope_id, node_id, chunk_no, method)
      select project_id, account_scope_id, node_id, chunk_no, method from found
      on conflict (project_id, node_id, chunk_no) do update set method = excluded.method where m.method <> excluded.method
      returning 1)
    select (select count(*) from gone) + (select count(*) from written) as changed,
      (select count(*) from kag_unread where project_id = any (${projects}::uuid[])) - (select count(*) from taken) as left`;
  return row ?? { changed: 0, left: 0 };
}
