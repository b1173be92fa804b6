import { sql } from "#core/db.ts";
import * as Rules from "#core/identity/rules.ts";
import type { ProjectScope } from "#core/scope.ts";

export type Written = { written: number; removed: number };

// An initial says the same as the first letter of a whole word: they meet under one kind, told apart by `short`.
const keyed = (scope: ProjectScope) => sql`
  select e.project_id, e.account_scope_id, e.entity_type, e.entity_id, e.account_id, left(k, 1) = 'i' as short,
    case when left(k, 1) = 'f' then 'i' || substr(k, 2) else k end as key
  from identity_entities e, unnest(e.keys) k where e.project_id = any (${scope.projects as string[]}::uuid[])`;

/**
 * Proposes every pair that shares a key, with its strongest reason, and takes back proposals that nothing speaks for any more. Writes only what differs
 * and nothing that was decided. Inside the caller's transaction.
 */
export async function shared(scope: ProjectScope, now: Date): Promise<Written> {
  const [row] = await sql<Written[]>`
    with rules as materialized (
      select * from jsonb_to_recordset(${Rules.RULES as never}::jsonb)
        as r ("left" text, "right" text, kind text, confidence float8, reason text, "mostLeft" int, "mostRight" int)),
    keyed as materialized (${keyed(scope)}),
    counted as materialized (select project_id, entity_type, key, count(distinct entity_id) as n from keyed group by project_id, entity_type, key),
    telling as materialized (
      select r.*, l.project_id, l.key, l.n * o.n > 1 and r.reason like 'same_name%' or r.reason = 'same_initials' and l.n * o.n > 1 as ambiguous
      from counted l join rules r on r."left" = l.entity_type and r.kind = left(l.key, 1) and l.n <= r."mostLeft"
      join counted o on o.project_id = l.project_id and o.key = l.key and o.entity_type = r."right" and o.n <= r."mostRight"),
    pairs as (
      select t.project_id, l.account_scope_id, t."left" as left_type, l.entity_id as left_id, t."right" as right_type, o.entity_id as right_id,
        t.confidence - case when t.ambiguous then ${Rules.AMBIGUOUS}::float8 else 0 end as confidence, t.reason
      from telling t
      join keyed l on l.project_id = t.project_id and l.key = t.key and l.entity_type = t."left"
      join keyed o on o.project_id = t.project_id and o.key = t.key and o.entity_type = t."right"
      where (t.kind <> 'i' or l.short <> o.short) and (t."left" <> 'person' or l.account_id is null)),
    best as materialized (
      select distinct on (project_id, left_type, left_id, right_type, right_id) * from pairs
      order by project_id, left_type, left_id, right_type, right_id, confidence desc, reason),
    wanted as (
      select b.project_id, b.account_scope_id, b.left_type, b.left_id, b.right_type, b.right_id, b.left_type || '|' || b.left_id || '|' || b.right_type || '|' || b.right_id as dedupe_key,
        round((case when s.both_domains then ${Rules.NAME_AND_DOMAIN}::float8 else b.confidence end)::numeric, 4) as confidence,
        case when s.both_domains then 'same_name_and_domain' else b.reason end as reason
      from best b
      left join lateral (
        select true as both_domains from identity_entities l join identity_entities o on o.project_id = l.project_id
        where b.reason in ('same_name', 'same_name_part') and l.project_id = b.project_id and l.entity_type = b.left_type and l.entity_id = b.left_id
          and o.entity_type = b.right_type and o.entity_id = b.right_id
          and exists (select from unnest(l.keys) k where k like 'd:%' and k = any (o.keys))) s on true),
    written as (${upsert(sql`wanted`, now)}),
    gone as (
      delete from identity_link_suggestions s
      where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.status = 'proposed' and s.reason <> 'similar_name'
        and not exists (select from wanted w where w.project_id = s.project_id and w.dedupe_key = s.dedupe_key)
      returning 1)
    select (select count(*) from written) as written, (select count(*) from gone) as removed`;
  return row ?? { written: 0, removed: 0 };
}

/** Writes the proposals of a relation `wanted`, leaving alone what has been decided. */
export const upsert = (wanted: ReturnType<typeof sql>, now: Date) => sql`
  insert into identity_link_suggestions as s (project_id, account_scope_id, left_entity_type, left_entity_id, right_entity_type, right_entity_id, confidence, reason,
    dedupe_key, evidence_refs, created_at, updated_at)
  select project_id, account_scope_id, left_type, left_id, right_type, right_id, confidence, reason, dedupe_key, array[left_id, right_id], ${now}, ${now}
  from ${wanted}
  on conflict (project_id, dedupe_key) do update set confidence = excluded.confidence, reason = excluded.reason, updated_at = excluded.updated_at
    where s.status = 'proposed' and (s.confidence, s.reason) is distinct from (excluded.confidence, excluded.reason)
  returning 1`;
