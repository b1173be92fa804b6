import { sql } from "#core/db.ts";
import { PUBLIC_DOMAINS } from "#core/identity/public-domains.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What people call an account that nobody named: it would be mentioned everywhere. As `fold_name` has them. */
const NOBODY = [
  "client",
  "klent",
  "user",
  "gost",
  "guest",
  "visitor",
  "posetitel",
  "support",
  "admin",
  "manager",
  "menedzher",
  "bot",
  "info",
  "sales",
  "team",
  "test",
];

/** How sure each kind of name is. */
const CONFIDENCE = { email: 1, identifier: 1, domain: 0.9, name: 0.95, company: 0.9, title: 0.8, name_part: 0.6 };

/** Beyond so many nodes of one name it says nothing. */
const MOST = 5;

/** So many chunks with a name in them are read again when it is new. */
const NEWEST = 5_000;

/**
 * Gives these nodes the aliases of their names, and none besides; answers how many were written or went. A name part counts from three letters on and
 * when it is no stop word, a title from two words on. An alias of words in `n:` is a name in any of its cases.
 */
export async function settle(scope: ProjectScope, ids: readonly string[]): Promise<number> {
  const projects = scope.projects as string[];
  const [row] = await sql<{ count: number }[]>`
    with said as materialized (
      select n.project_id, n.account_scope_id, n.id as node_id, s.source, t.said, fold_name(t.said) as folded
      from kag_nodes n cross join lateral jsonb_each(n.basis -> 'names') s (source, list) cross join lateral jsonb_array_elements_text(s.list) t (said)
      where n.project_id = any (${projects}::uuid[]) and n.id = any (${ids as string[]}::uuid[]) and btrim(t.said) <> ''),
    names as materialized (
      select *, (
        select array_agg('n:' || k order by at) filter (where k is not null) from regexp_split_to_table(left(t.said, 200), '[[:space:].,()"«»]+') with ordinality w (word, at)
        cross join lateral (values (name_key(word))) v (k) where word <> '') as keys
      from said t where source in ('name', 'company', 'title') and folded ~ '[^0-9 ]' and folded <> all (${NOBODY}::text[])),
    wanted as (
      select project_id, account_scope_id, node_id, lower(btrim(said collate "C")) as alias, source from said
      where source in ('email', 'domain', 'identifier') and lower(btrim(said collate "C")) <> all (${PUBLIC_DOMAINS as string[]}::text[])
      union
      select project_id, account_scope_id, node_id, folded, case when folded like '% %' then 'name' else 'name_part' end from names
      where source = 'name' and length(folded) > 2
      union
      select project_id, account_scope_id, node_id, split_part(folded, ' ', 2) || ' ' || split_part(folded, ' ', 1), 'name' from names
      where source = 'name' and folded like '% %' and folded not like '% % %'
      union
      select project_id, account_scope_id, node_id, f, 'name_part' from names cross join lateral unnest((regexp_split_to_array(said, '[[:space:].,()]+'))[1:4]) w
      cross join lateral (values (fold_name(w))) v (f)
      where source = 'name' and length(f) > 2 and f <> all (${NOBODY}::text[]) and to_tsvector('russian', w) <> ''
      union
      select project_id, account_scope_id, node_id, k, 'name' from names
      cross join lateral (values (array_to_string(keys[1:3], ' ')), (keys[2] || ' ' || keys[1])) v (k)
      where source = 'name' and cardinality(keys) > 1
      union
      select project_id, account_scope_id, node_id, array_to_string(keys[1:4], ' '), 'company' from names
      where source = 'company' and (cardinality(keys) > 1 or length(keys[1]) > 4)
      union
      select project_id, account_scope_id, node_id, k, 'name_part' from names cross join lateral unnest(keys[1:4]) k
      where source = 'name' and length(k) > 4 and substr(k, 3) <> all (${NOBODY}::text[])
      union
      select project_id, account_scope_id, node_id, f, 'company' from names cross join lateral (values (folded), (fold_company(said))) v (f)
      where source = 'company' and length(f) > 2
      union
      select project_id, account_scope_id, node_id, folded, 'title' from names where source = 'title' and folded like '% %' and length(folded) <= 100),
    best as (
      select distinct on (project_id, node_id, alias) *, (${CONFIDENCE as never}::jsonb ->> source)::numeric as confidence from wanted
      where alias <> ''
      order by project_id, node_id, alias, (${CONFIDENCE as never}::jsonb ->> source)::numeric desc, source),
    gone as (
      delete from kag_aliases a
      where a.project_id = any (${projects}::uuid[]) and a.node_id = any (${ids as string[]}::uuid[])
        and (a.project_id, a.node_id, a.alias) not in (select project_id, node_id, alias from best)
      returning a.project_id, a.node_id),
    written as (
      insert into kag_aliases as a (project_id, account_scope_id, alias, node_id, source, confidence, ambiguous)
      select project_id, account_scope_id, alias, node_id, source, confidence, true from best
      on conflict (project_id, alias, node_id) do update set source = excluded.source, confidence = excluded.confidence where a.source <> excluded.source
      returning 1),
    unread as (
      insert into kag_unread (project_id, account_scope_id, chunk_no)
      select distinct m.project_id, m.account_scope_id, m.chunk_no from kag_mentions m join gone using (project_id, node_id)
      on conflict do nothing)
    select (select count(*) from gone) + (select count(*) from written) as count`;
  return row?.count ?? 0;
}

/**
 * Tells which aliases are ambiguous: part of the names of two people who are not known to be one, or of too many nodes. The newest chunks whose
 * words have an alias that came or is no longer ambiguous, and those that mention by an ambiguous one, are to be read again.
 */
export async function weigh(scope: ProjectScope): Promise<void> {
  const projects = scope.projects as string[];
  await sql`
    with recursive pairs as (
      select project_id, from_node_id as a, to_node_id as b from kag_edges where project_id = any (${projects}::uuid[]) and relation_type = 'same_as'
      union select project_id, to_node_id, from_node_id from kag_edges where project_id = any (${projects}::uuid[]) and relation_type = 'same_as'),
    reach as (
      select project_id, a as node_id, a as other from pairs
      union select r.project_id, r.node_id, p.b from reach r join pairs p on p.project_id = r.project_id and p.a = r.other),
    called as (
      select project_id, node_id, coalesce(min(alias) filter (where source = 'name'), min(alias)) as name from kag_aliases
      where project_id = any (${projects}::uuid[]) and source in ('name', 'name_part') group by 1, 2),
    one as (
      select r.project_id, r.node_id, min(c.name) as name from reach r join called c on c.project_id = r.project_id and c.node_id = r.other group by 1, 2),
    weighed as (
      select a.project_id, a.alias,
        count(*) > ${MOST} or bool_or(a.source = 'name_part') and count(distinct coalesce(one.name, called.name, a.node_id::text)) > 1 as ambiguous
      from kag_aliases a left join called using (project_id, node_id) left join one using (project_id, node_id)
      where a.project_id = any (${projects}::uuid[]) group by 1, 2),
    turned as (
      update kag_aliases a set ambiguous = w.ambiguous from weighed w
      where a.project_id = w.project_id and a.alias = w.alias and a.ambiguous <> w.ambiguous
      returning a.*),
    found as (
      select t.project_id, t.account_scope_id, p.chunk_no
      from (select distinct project_id, account_scope_id, split_part(alias, ' ', 1) as term from turned
        where not ambiguous and (alias like 'n:%' or source in ('identifier', 'email', 'domain'))) t
      cross join lateral (
        select p.chunk_no from rag_postings p where p.project_id = t.project_id and p.term = t.term order by p.chunk_no desc limit ${NEWEST}) p
      where exists (select from rag_chunks c where c.project_id = t.project_id and c.chunk_no = p.chunk_no))
    insert into kag_unread (project_id, account_scope_id, chunk_no)
    select m.project_id, m.account_scope_id, m.chunk_no from turned t join kag_mentions m using (project_id, node_id) where t.ambiguous and m.method = 'name'
    union
    select project_id, account_scope_id, chunk_no from found
    on conflict do nothing`;
}
