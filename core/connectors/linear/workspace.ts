import type { Reading, Written } from "#core/connectors/connector.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import { gathered, NOTHING, written } from "#core/connectors/linear/rows.ts";
import type { Cycle, State, Team, User } from "#core/connectors/linear/transform-workspace.ts";
import { sql } from "#core/db.ts";

export type Workspace = { teams: Routed<Team>[]; users: Routed<User>[]; states: Routed<State>[]; cycles: Routed<Cycle>[] };
export const TABLES = {
  teams: "linear_teams_raw",
  users: "linear_users_raw",
  states: "linear_states_raw",
  cycles: "linear_cycles_raw",
  projects: "linear_projects_raw",
  documents: "linear_documents_raw",
} as const;

/** Teams, people, states and cycles into their projects; what issues say of them in words follows. */
export async function write(reading: Reading, { teams, users, states, cycles }: Workspace): Promise<Written> {
  const counts = [
    await upsert(reading, TABLES.teams, ["key", "name", "updatedAt", "archivedAt"], teams),
    await upsert(reading, TABLES.users, ["name", "displayName", "email", "active", "guest", "updatedAt"], users),
    await upsert(reading, TABLES.states, ["teamExternalId", "name", "type", "position", "updatedAt"], states),
    await upsert(
      reading,
      TABLES.cycles,
      ["teamExternalId", "number", "name", "startsAt", "endsAt", "completedAt", "progress", "createdAt", "updatedAt"],
      cycles,
    ),
  ];
  const rows = counts.reduce((total, count) => total + count, 0);
  const events = cycles.length > 0 ? await tellCycles(reading, cycles) : 0;
  return rows > 0 ? { rows: rows + (await rename(reading)), events } : { ...NOTHING, events };
}

async function upsert<T extends { externalId: string }>(
  reading: Reading,
  table: string,
  columns: readonly (keyof T & string)[],
  routed: readonly Routed<T>[],
): Promise<number> {
  if (!routed.some((one) => one.projects.length > 0)) return 0;
  const [count] = await sql<
    { rows: number }[]
  >`with ${written(reading, table, columns, gathered(routed))} select count(*) as rows from written`;
  return count?.rows ?? 0;
}

/** A renamed state, team, cycle or person does not touch its issues upstream: their copies of the name follow here. */
async function rename(reading: Reading): Promise<number> {
  const mine = (table: string, of: string) => sql`
    from ${sql(table)} w
    where w.project_id = any (${reading.scope.projects as string[]}::uuid[]) and w.connection_id = ${reading.connection.id} and w.changed_at = ${reading.now}
      and w.first_seen_at < w.changed_at and w.deleted_at is null and i.project_id = w.project_id and i.connection_id = w.connection_id and i.${sql(of)} = w.external_id and i.deleted_at is null`;
  const counts = [
    await sql`update linear_issues_raw i set state = w.name, state_type = w.type, changed_at = ${reading.now} ${mine(TABLES.states, "state_external_id")} and (i.state, i.state_type) is distinct from (w.name, w.type)`,
    await sql`update linear_issues_raw i set team_key = w.key, changed_at = ${reading.now} ${mine(TABLES.teams, "team_external_id")} and i.team_key is distinct from w.key`,
    await sql`update linear_issues_raw i set cycle_name = coalesce(w.name, 'Cycle ' || w.number), changed_at = ${reading.now} ${mine(TABLES.cycles, "cycle_external_id")}
      and i.cycle_name is distinct from coalesce(w.name, 'Cycle ' || w.number)`,
    await sql`update linear_issues_raw i set assignee_name = w.name, changed_at = ${reading.now} ${mine(TABLES.users, "assignee_external_id")} and i.assignee_name is distinct from w.name`,
    await sql`update linear_issues_raw i set creator_name = w.name, changed_at = ${reading.now} ${mine(TABLES.users, "creator_external_id")} and i.creator_name is distinct from w.name`,
    await sql`update linear_projects_raw i set lead_name = w.name, changed_at = ${reading.now} ${mine(TABLES.users, "lead_external_id")} and i.lead_name is distinct from w.name`,
    await sql`update linear_documents_raw i set creator_name = w.name, changed_at = ${reading.now} ${mine(TABLES.users, "creator_external_id")} and i.creator_name is distinct from w.name`,
    await sql`update linear_comments_raw i set author_name = w.name, changed_at = ${reading.now} ${mine(TABLES.users, "author_external_id")} and i.author_name is distinct from w.name`,
  ];
  return counts.reduce((total, { count }) => total + count, 0);
}

/** A cycle that Linear closed, once; that one began is told by `tellStarts`, for no change tells it. */
async function tellCycles(reading: Reading, cycles: readonly Routed<Cycle>[]): Promise<number> {
  const told = await sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'cycle_completed', 'linear', 'system', 'linear:cycle:' || external_id, completed_at, ${reading.now},
      jsonb_build_object('connection_id', connection_id, 'cycle_id', external_id, 'team_id', team_external_id),
      'linear:' || connection_id || ':cycle:' || external_id || ':completed:' || extract(epoch from completed_at)
    from linear_cycles_raw
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and completed_at is not null
      and external_id = any (${cycles.map(({ row }) => row.externalId)}::text[]) and deleted_at is null
    on conflict (project_id, dedupe_key) do nothing`;
  return told.count;
}

/** Cycles whose first day has come, each told once, whenever that is noticed. */
export async function tellStarts(reading: Reading): Promise<number> {
  const told = await sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select c.project_id, c.account_scope_id, 'cycle_started', 'linear', 'system', 'linear:cycle:' || c.external_id, c.starts_at, ${reading.now},
      jsonb_build_object('connection_id', c.connection_id, 'cycle_id', c.external_id, 'team_id', c.team_external_id), k.key
    from linear_cycles_raw c cross join lateral (select 'linear:' || c.connection_id || ':cycle:' || c.external_id || ':started' as key) k
    where c.project_id = any (${reading.scope.projects as string[]}::uuid[]) and c.connection_id = ${reading.connection.id} and c.starts_at <= ${reading.now}
      and c.deleted_at is null and not exists (select from kag_event_log e where e.project_id = c.project_id and e.dedupe_key = k.key)
    on conflict (project_id, dedupe_key) do nothing`;
  return told.count;
}

/** Which projects hold a record of a kind already: it is kept up to date there even when no binding covers it on its own. */
export async function holders(reading: Reading, table: string, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ externalId: string; projects: string[] }[]>`
    select external_id, array_agg(project_id::text) as projects from ${sql(table)}
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and external_id = any (${ids as string[]}::text[])
    group by external_id`;
  return new Map(rows.map((row) => [row.externalId, row.projects]));
}
