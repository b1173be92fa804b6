import { sql } from "#core/db.ts";
import type * as Entities from "#core/identity/entities.ts";
import * as Matches from "#core/identity/matches.ts";
import * as Rules from "#core/identity/rules.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How many names are looked up in one call: one to five milliseconds each. */
const BATCH = 300;

/**
 * Looks up names that are spelled like those which came or changed since the last time, a batch at a time, and proposes the pairs. Inside the caller's
 * transaction.
 */
export async function look(scope: ProjectScope, now: Date): Promise<{ written: number; left: number }> {
  const projects = scope.projects as string[];
  await settle(scope, now);
  const probes = await sql<{ entityType: Entities.Type; entityId: string }[]>`
    select entity_type, entity_id from identity_entities where project_id = any (${projects}::uuid[]) and matched_at is null
    order by entity_type = 'contact', entity_type, entity_id limit ${BATCH}`;
  let written = 0;
  for (const type of new Set(probes.map((probe) => probe.entityType))) {
    const ids = probes.filter((probe) => probe.entityType === type).map((probe) => probe.entityId);
    written += await propose(scope, type, ids, now);
  }
  await settle(scope, now);
  const [row] = await sql<{ left: number }[]>`
    select count(*) as left from identity_entities where project_id = any (${projects}::uuid[]) and matched_at is null`;
  return { written, left: row?.left ?? 0 };
}

/** Proposes the pairs of these entities with similar names, except of those that something better already ties to somebody of that kind. */
async function propose(scope: ProjectScope, type: Entities.Type, ids: readonly string[], now: Date): Promise<number> {
  const projects = scope.projects as string[];
  const others = Rules.SIMILAR_PAIRS.flatMap(([left, right]) => (left === type ? [right] : right === type ? [left] : []));
  const rows = await sql`
    with sure as materialized (
      select project_id, left_entity_id as entity_id, right_entity_type as with_type from identity_link_suggestions
        where project_id = any (${projects}::uuid[]) and status <> 'dismissed' and confidence >= 0.9
      union select project_id, right_entity_id, left_entity_type from identity_link_suggestions
        where project_id = any (${projects}::uuid[]) and status <> 'dismissed' and confidence >= 0.9),
    free as materialized (
      select e.project_id, e.entity_id, o as with_type from identity_entities e cross join unnest(${others as string[]}::text[]) o
        where e.project_id = any (${projects}::uuid[]) and e.entity_type = ${type} and e.entity_id = any (${ids as string[]}::text[])
      except select * from sure),
    alike as (
      select a.*, ${scope.accountScopeId}::uuid as account_scope_id, ${type}::text as probe_type,
        ${type}::text = 'contact' or (${type}::text = 'linear_user' and a.entity_type = 'member') as probe_left
      from similar_entities(${type}, array(select distinct entity_id from free), ${others as string[]}::text[]) a
      join free f on f.project_id = a.project_id and f.entity_id = a.probe_id and f.with_type = a.entity_type
      where (a.project_id, a.entity_id, ${type}::text) not in (select project_id, entity_id, with_type from sure)),
    turned as (
      select project_id, account_scope_id, score,
        case when probe_left then probe_type else entity_type end as left_type, case when probe_left then probe_id else entity_id end as left_id,
        case when probe_left then entity_type else probe_type end as right_type, case when probe_left then entity_id else probe_id end as right_id
      from alike),
    wanted as (
      select project_id, account_scope_id, left_type, left_id, right_type, right_id, left_type || '|' || left_id || '|' || right_type || '|' || right_id as dedupe_key,
        round((${Rules.SIMILAR} * score)::numeric, 4) as confidence, 'similar_name' as reason
      from turned t
      where not exists (
        select from identity_link_suggestions s where s.project_id = t.project_id and s.reason <> 'similar_name'
          and s.dedupe_key = left_type || '|' || left_id || '|' || right_type || '|' || right_id))
    ${Matches.upsert(sql`wanted`, now)}`;
  await sql`
    update identity_entities set matched_at = ${now}
    where project_id = any (${projects}::uuid[]) and entity_type = ${type} and entity_id = any (${ids as string[]}::text[]) and matched_at is null`;
  return rows.length;
}

// A contact that was here, as it is now, when everybody it could be was looked up among the contacts needs no look of its own; accounts have none.
async function settle(scope: ProjectScope, now: Date): Promise<void> {
  const projects = scope.projects as string[];
  await sql`
    with looked as materialized (
      select project_id, min(coalesce(matched_at, '-infinity')) as since from identity_entities
      where project_id = any (${projects}::uuid[]) and entity_type in ('person', 'linear_user', 'member') group by project_id)
    update identity_entities e set matched_at = ${now}
    where e.project_id = any (${projects}::uuid[]) and e.matched_at is null and (e.entity_type = 'account'
      or (e.entity_type = 'contact' and e.changed_at <= coalesce((select since from looked l where l.project_id = e.project_id), 'infinity')))`;
}
