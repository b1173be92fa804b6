import type { Reading, Written } from "#core/connectors/connector.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import { gathered, NOTHING, sum, written } from "#core/connectors/linear/rows.ts";
import type { Project } from "#core/connectors/linear/transform-workspace.ts";
import { sql } from "#core/db.ts";

const COLUMNS = [
  "slugId",
  "name",
  "description",
  "content",
  "state",
  "stateType",
  "health",
  "progress",
  "leadExternalId",
  "leadName",
  "teamExternalIds",
  "startDate",
  "targetDate",
  "url",
  "createdAt",
  "updatedAt",
  "archivedAt",
  "completedAt",
  "canceledAt",
  "trashed",
  "sanitized",
] as const satisfies readonly (keyof Project)[];

/** Linear projects into the projects they go to, with their transitions; one that goes somewhere no longer is taken out there, documents and all. */
export async function write(reading: Reading, routed: readonly Routed<Project>[]): Promise<Written> {
  if (routed.length === 0) return NOTHING;
  return sum(await drop(reading, routed), await upsert(reading, routed));
}

async function upsert(reading: Reading, routed: readonly Routed<Project>[]): Promise<Written> {
  if (!routed.some((one) => one.projects.length > 0)) return NOTHING;
  const [counts] = await sql<Written[]>`
    with ${written(reading, "linear_projects_raw", COLUMNS, gathered(routed))},
    compared as (
      select w.*, not w.inserted and b.deleted_at is null as known, b.state as old_state, b.state_type as old_type, b.health as old_health, b.target_date as old_target,
        b.trashed as old_trashed
      from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id),
    happened as (
      select c.*, e.* from compared c cross join lateral (values
        ('project_created', c.inserted, c.created_at, '{}'::jsonb),
        ('project_state_changed', c.known and (c.old_state, c.old_type) is distinct from (c.state, c.state_type), c.updated_at,
          jsonb_build_object('from', c.old_state, 'to', c.state, 'from_type', c.old_type, 'to_type', c.state_type)),
        ('project_health_changed', c.known and c.old_health is distinct from c.health, c.updated_at, jsonb_build_object('from', c.old_health, 'to', c.health)),
        ('project_due_changed', c.known and c.old_target is distinct from c.target_date, c.updated_at,
          jsonb_build_object('from', c.old_target, 'to', c.target_date)),
        ('project_deleted', c.known and not c.old_trashed and c.trashed, coalesce(c.archived_at, c.updated_at), '{}'))
        as e (event_type, so, at, detail)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'linear', 'team', 'linear:project:' || external_id, coalesce(at, ${reading.now}), ${reading.now},
        detail || jsonb_build_object('connection_id', connection_id, 'linear_project_id', external_id),
        'linear:' || connection_id || ':project:' || external_id || ':' || event_type
          || case when event_type = 'project_created' then '' else ':' || extract(epoch from ${reading.now}::timestamptz) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return counts ?? NOTHING;
}

async function drop(reading: Reading, routed: readonly Routed<Project>[]): Promise<Written> {
  const pairs = routed.flatMap(({ row, projects }) => projects.map((project) => ({ id: row.externalId, project })));
  const [gone] = await sql<{ rows: number }[]>`
    with gone as (
      delete from linear_projects_raw p
      where p.project_id = any (${reading.scope.projects as string[]}::uuid[]) and p.connection_id = ${reading.connection.id}
        and p.external_id = any (${routed.map(({ row }) => row.externalId)}::text[])
        and not exists (
          select from unnest(${pairs.map((pair) => pair.id)}::text[], ${pairs.map((pair) => pair.project)}::uuid[]) as r (external_id, project_id)
          where r.external_id = p.external_id and r.project_id = p.project_id)
      returning p.project_id, p.connection_id, p.external_id),
    papers as (
      delete from linear_documents_raw d using gone g
      where d.project_id = g.project_id and d.connection_id = g.connection_id and d.linear_project_external_id = g.external_id and d.issue_external_id is null
      returning 1)
    select (select count(*) from gone) + (select count(*) from papers) as rows`;
  return { rows: gone?.rows ?? 0, events: 0 };
}

/** In which projects living issues belong to these Linear projects: there they are wanted, whatever covers them. */
export async function wanted(reading: Reading, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ externalId: string; projects: string[] }[]>`
    select linear_project_external_id as external_id, array_agg(distinct project_id::text) as projects from linear_issues_raw
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and linear_project_external_id = any (${ids as string[]}::text[]) and deleted_at is null
    group by linear_project_external_id`;
  return new Map(rows.map((row) => [row.externalId, row.projects]));
}
