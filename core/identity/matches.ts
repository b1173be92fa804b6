import { sql } from "#core/db.ts";
import type * as Entities from "#core/identity/entities.ts";
import * as Rules from "#core/identity/rules.ts";
import type { ProjectScope } from "#core/scope.ts";

export type Written = { written: number; removed: number };

// An initial and the first letter of a whole word meet under one key, told apart by their sign. An entity takes its mail domains along, behind a separator.
// A person whose account is known needs none proposed.
const keyed = (scope: ProjectScope) => sql`
  select project_id, account_scope_id, entity_type, case when k like 'i:%' then '-' else '+' end || entity_id || chr(31) || d.list as entity,
    case when k like 'f:%' then 'i' || substr(k, 2) else k end as key
  from identity_entities cross join lateral (select coalesce(string_agg(x, ' '), '') as list from unnest(keys) x where x like 'd:%') d, unnest(keys) k
  where project_id = any (${scope.projects as string[]}::uuid[]) and not (entity_type = 'person' and account_id is not null and k like 'd:%')`;

const of = (type: Entities.Type) => sql`array_agg(distinct entity) filter (where entity_type = ${type})`;
const side = (name: "left" | "right") => sql`
  case r.${sql(name)} when 'contact' then contacts when 'person' then people when 'account' then accounts when 'linear_user' then linear_users else members end`;

/**
 * Proposes every pair that shares a key, with its strongest reason, and takes back proposals that nothing speaks for any more. Writes only what differs
 * and nothing that was decided. Inside the caller's transaction.
 */
export async function shared(scope: ProjectScope, now: Date): Promise<Written> {
  const [row] = await sql<Written[]>`
    with rules as materialized (
      select * from jsonb_to_recordset(${Rules.RULES as never}::jsonb)
        as r ("left" text, "right" text, kind text, confidence float8, reason text, "mostLeft" int, "mostRight" int)),
    -- Grouped, never joined to itself: most keys were just written and are unknown to the planner.
    grouped as materialized (
      select project_id, account_scope_id, key, ${of("contact")} as contacts, ${of("person")} as people, ${of("account")} as accounts, ${of("linear_user")} as linear_users,
        ${of("member")} as members
      from (${keyed(scope)}) k group by project_id, account_scope_id, key having min(entity_type) <> max(entity_type)),
    telling as (
      select g.project_id, g.account_scope_id, r.*, s.lefts, s.rights,
        cardinality(s.lefts) * cardinality(s.rights) > 1 and r.kind in ('n', 'w', 'i') as ambiguous
      from grouped g join rules r on r.kind = left(g.key, 1) cross join lateral (select ${side("left")} as lefts, ${side("right")} as rights) s
      where cardinality(s.lefts) <= r."mostLeft" and cardinality(s.rights) <= r."mostRight"),
    pairs as (
      select t.project_id, t.account_scope_id, t."left" as left_type, split_part(substr(l, 2), chr(31), 1) as left_id, t."right" as right_type,
        split_part(substr(o, 2), chr(31), 1) as right_id, t.confidence - case when t.ambiguous then ${Rules.AMBIGUOUS}::float8 else 0 end as confidence, t.reason,
        t.kind in ('n', 'w') and string_to_array(split_part(l, chr(31), 2), ' ') && string_to_array(split_part(o, chr(31), 2), ' ') as both_say
      from telling t, unnest(t.lefts) l, unnest(t.rights) o where t.kind <> 'i' or left(l, 1) <> left(o, 1)),
    judged as (
      select project_id, account_scope_id, left_type, left_id, right_type, right_id, left_type || '|' || left_id || '|' || right_type || '|' || right_id as dedupe_key,
        round((case when both_say then ${Rules.NAME_AND_DOMAIN}::float8 else confidence end)::numeric, 4) as confidence,
        case when both_say then 'same_name_and_domain' else reason end as reason
      from pairs),
    wanted as materialized (
      select distinct on (project_id, dedupe_key) * from judged order by project_id, dedupe_key, confidence desc, reason),
    written as (${upsert(sql`wanted`, now)}),
    gone as (
      delete from identity_link_suggestions s
      where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.status = 'proposed' and s.reason <> 'similar_name'
        and (s.project_id, s.dedupe_key) not in (select project_id, dedupe_key from wanted)
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
