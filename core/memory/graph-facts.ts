import { sql } from "#core/db.ts";
import type { Fragment } from "#core/memory/graph-source.ts";
import { told } from "#core/memory/graph-told.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What holds or does not, and has no history. */
const TIMELESS = ["same_as", "belongs_to"];
/** A record may have several of these at a time. */
const MANY = ["same_as", "belongs_to", "part_of", "blocked_by", "involves", "assigned_to"];

/**
 * Makes the facts of these nodes those of their records. What no longer holds is closed when the event log says that it changed, else now; what has no
 * history goes. What a fact leads to may come later: its node waits for it. Answers how many facts were written or went.
 */
export async function settle(scope: ProjectScope, ids: readonly string[], now: Date): Promise<number> {
  const ended = await end(scope, ids, now);
  const begun = await begin(scope, ids, now);
  await sql`
    update kag_nodes n set settled = true, waits_for = w.keys from (
      select n.project_id, n.id, coalesce(array_agg(distinct f.key) filter (where f.key is not null and t.id is null), '{}') as keys
      from kag_nodes n left join lateral jsonb_to_recordset(n.basis -> 'facts') as f (key text) on true
      left join kag_nodes t on t.project_id = n.project_id and t.node_key = f.key
      where n.project_id = any (${scope.projects as string[]}::uuid[]) and n.id = any (${ids as string[]}::uuid[])
      group by 1, 2) w
    where n.project_id = w.project_id and n.id = w.id`;
  return ended + begun;
}

/** The facts of the nodes' records, and the changes that were told of them. `object`: what a fact leads to or says. */
const given = (scope: ProjectScope, ids: readonly string[]): Fragment => sql`
  wanted as materialized (
    select n.project_id, n.id as from_node_id, f.relation, t.id as to_node_id, f.value, coalesce(t.id::text, f.value) as object, f.at, f.key = any (n.waits_for) as awaited
    from kag_nodes n cross join lateral jsonb_to_recordset(n.basis -> 'facts') as f (relation text, key text, value text, at timestamptz)
    left join kag_nodes t on t.project_id = n.project_id and t.node_key = f.key
    where n.project_id = any (${scope.projects as string[]}::uuid[]) and n.id = any (${ids as string[]}::uuid[]) and (f.key is null or t.id is not null)),
  told as materialized (
    select * from (select named_uuid(project_id || ':' || node_key) as from_node_id, t.* from (${told(scope)}) t) t where from_node_id = any (${ids as string[]}::uuid[]))`;

async function end(scope: ProjectScope, ids: readonly string[], now: Date): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with ${given(scope, ids)},
    over as materialized (
      select e.project_id, e.id, e.relation_type = any (${TIMELESS}::text[]) as timeless,
        greatest(e.valid_from, coalesce((
          select min(t.at) from told t where t.project_id = e.project_id and t.from_node_id = e.from_node_id and t.relation = e.relation_type and t.at > e.valid_from),
          ${now}::timestamptz)) as at
      from kag_edges e
      where e.project_id = any (${scope.projects as string[]}::uuid[]) and e.from_node_id = any (${ids as string[]}::uuid[]) and e.extractor = 'source' and e.valid_to is null
        and (e.project_id, e.from_node_id, e.relation_type, coalesce(e.to_node_id::text, e.value)) not in (select project_id, from_node_id, relation, object from wanted)),
    gone as (delete from kag_edges e using over o where e.project_id = o.project_id and e.id = o.id and o.timeless returning 1),
    closed as (update kag_edges e set valid_to = o.at from over o where e.project_id = o.project_id and e.id = o.id and not o.timeless returning 1)
    select (select count(*) from gone) + (select count(*) from closed) as count`;
  return row?.count ?? 0;
}

async function begin(scope: ProjectScope, ids: readonly string[], now: Date): Promise<number> {
  const rows = await sql`
    with ${given(scope, ids)},
    points as (
      select project_id, from_node_id, relation, at, seq, is_key as key, is_value as value, false as guessed from told
      union all
      select * from (
        select distinct on (t.project_id, t.from_node_id, t.relation) t.project_id, t.from_node_id, t.relation,
          least(t.at, (n.basis ->> 'since')::timestamptz), -1::bigint, t.was_key, t.was_value, true
        from told t join kag_nodes n on n.project_id = t.project_id and n.id = t.from_node_id
        order by t.project_id, t.from_node_id, t.relation, t.at, t.seq) f),
    spans as (
      select p.*, k.id as to_node_id, coalesce(k.id::text, p.value) as object, lead(at) over (partition by p.project_id, p.from_node_id, p.relation order by p.at, p.seq) as until
      from points p left join kag_nodes k on k.project_id = p.project_id and k.node_key = p.key),
    history as (
      select s.project_id, s.from_node_id, s.relation, s.to_node_id, s.value, s.at, s.until from spans s
      where s.until > s.at and s.object is not null
        and not (s.guessed and exists (
          select from kag_edges e where e.project_id = s.project_id and e.from_node_id = s.from_node_id and e.relation_type = s.relation and e.valid_from < s.until))),
    dated as (
      select *, max(told_at) over (partition by project_id, from_node_id, relation, object) as since from (
        select project_id, from_node_id, relation, to_node_id, value, object, at, awaited, null::timestamptz as told_at from wanted
        union all
        select project_id, from_node_id, relation, null, null, object, null, null, at from spans where until is null and object is not null) d),
    present as (
      select w.project_id, w.from_node_id, w.relation, w.to_node_id, w.value,
        coalesce(w.since, case when not coalesce(w.awaited, false) and exists (
            select from kag_edges e where e.project_id = w.project_id and e.from_node_id = w.from_node_id and e.extractor = 'source')
          then ${now}::timestamptz else w.at end) as at, null::timestamptz as until
      from dated w
      where w.told_at is null and not exists (
        select from kag_edges e where e.project_id = w.project_id and e.from_node_id = w.from_node_id and e.relation_type = w.relation and e.valid_to is null
          and e.extractor = 'source' and coalesce(e.to_node_id::text, e.value) = w.object)),
    named as (
      select *, named_uuid(concat_ws(' ', project_id, from_node_id, relation, to_node_id, extract(epoch from at), value)) as id
      from (select * from history union all select * from present) f),
    written as (
      insert into kag_edges as e (project_id, account_scope_id, id, from_node_id, relation_type, to_node_id, value, fact_key, valid_from, valid_to, recorded_at, extractor)
      select distinct on (project_id, id) project_id, ${scope.accountScopeId}, id, from_node_id, relation, to_node_id, value,
        concat_ws(' ', relation, from_node_id, case when relation = any (${MANY}::text[]) then coalesce(to_node_id::text, value) end), at, until, ${now}, 'source'
      from named order by project_id, id, until desc nulls first
      on conflict (project_id, id) do update set valid_to = excluded.valid_to where e.valid_to is distinct from excluded.valid_to
      returning e.project_id, e.id, e.from_node_id, e.relation_type)
    insert into kag_provenance_refs (project_id, account_scope_id, object_kind, object_id, source_kind, source_ref, created_at)
    select w.project_id, ${scope.accountScopeId}, 'edge', w.id,
      case when w.relation_type = 'same_as' then 'identity' when n.node_key like 'cw%' then 'chatwoot' when n.node_key like 'lin%' then 'linear'
        when n.node_key like 'attio%' then 'attio' else 'crm' end, n.node_key, ${now}
    from written w join kag_nodes n on n.project_id = w.project_id and n.id = w.from_node_id
    where not exists (select from kag_provenance_refs p where p.project_id = w.project_id and p.edge_id = w.id)`;
  return rows.count;
}
