import * as Absence from "#core/connectors/absence.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import * as Blocking from "#core/connectors/linear/blocking.ts";
import { type Fragment, sum } from "#core/connectors/linear/rows.ts";
import { TABLES } from "#core/connectors/linear/workspace.ts";
import { sql } from "#core/db.ts";

const { PASSES } = Absence;
type Tables = (typeof TABLES)[keyof typeof TABLES] | "linear_issues_raw" | "linear_comments_raw";

const mine = (reading: Reading) =>
  sql`t.project_id = any (${reading.scope.projects as string[]}::uuid[]) and t.connection_id = ${reading.connection.id} and t.deleted_at is null`;
/** A living issue of the same project that is absent itself: what belongs to it goes with it, not before. */
const issueIsAbsent = (id: Fragment) => sql`exists (
  select from linear_issues_raw i where i.project_id = t.project_id and i.connection_id = t.connection_id and i.external_id = ${id} and i.absent_passes > 0 and i.deleted_at is null)`;
const hasIssues = (column: Fragment, id: Fragment) => sql`exists (
  select from linear_issues_raw i where i.project_id = t.project_id and i.connection_id = t.connection_id and ${column} = ${id} and i.deleted_at is null)`;
/** A token that lost a team sees none of what is the team's; a team that is gone has no issues left. */
const teamIsMissed = () => sql`exists (
  select from linear_teams_raw m where m.project_id = t.project_id and m.connection_id = t.connection_id and m.external_id = t.team_external_id and m.absent_passes > 0)
  and ${hasIssues(sql`i.team_external_id`, sql`t.team_external_id`)}`;
/** What is not deleted though it is absent, by the kind. */
const HELD: Record<Tables, () => Fragment> = {
  linear_issues_raw: () => sql`false`,
  linear_comments_raw: () => issueIsAbsent(sql`t.issue_external_id`),
  linear_documents_raw: () => issueIsAbsent(sql`t.issue_external_id`),
  linear_teams_raw: () => hasIssues(sql`i.team_external_id`, sql`t.external_id`),
  linear_states_raw: teamIsMissed,
  linear_cycles_raw: teamIsMissed,
  linear_projects_raw: () => hasIssues(sql`i.linear_project_external_id`, sql`t.external_id`),
  linear_users_raw: () => sql`false`,
};

const gone = (reading: Reading, table: Tables) => sql`${mine(reading)} and t.absent_passes >= ${PASSES} and not (${HELD[table]()})`;
const silenced = () => sql`body = null, author_name = null, url = null`;
const emptied = () => sql`title = '', content = null, creator_name = null, url = null`;

/** Ends a pass over the issues: those it did not see are counted, and what two passes missed is deleted, with everything that was said of it. */
export async function issues(reading: Reading, stream: string, began: Date): Promise<Written> {
  const { rows, some } = await judged(reading, stream, began, ["linear_issues_raw"]);
  if (!some) return { rows, events: 0 };
  const deleted = await sql<{ externalId: string; told: number }[]>`
    with gone as (
      update linear_issues_raw t set deleted_at = ${reading.now}, title = '', description = null, url = null, state = null, cycle_name = null, assignee_name = null,
        creator_name = null, labels = '{}', blocked_by = '{}', blocked_by_count = 0, blocked = false
      where ${gone(reading, "linear_issues_raw")} returning t.*),
    events as (${tell(reading, "issue", sql`jsonb_build_object('issue_id', external_id)`, sql`not trashed`)} returning 1)
    select external_id, (select count(*) from events) as told from gone`;
  const ids = deleted.map((row) => row.externalId);
  const comments = await sql`
    update linear_comments_raw t set deleted_at = ${reading.now}, ${silenced()} where ${mine(reading)} and t.issue_external_id = any (${ids}::text[])`;
  const papers = await sql`
    update linear_documents_raw t set deleted_at = ${reading.now}, ${emptied()} where ${mine(reading)} and t.issue_external_id = any (${ids}::text[])`;
  const released = await Blocking.release(reading, ids);
  return sum({ rows: rows + deleted.length + comments.count + papers.count, events: deleted[0]?.told ?? 0 }, released);
}

export async function comments(reading: Reading, stream: string, began: Date): Promise<Written> {
  const { rows, some } = await judged(reading, stream, began, ["linear_comments_raw"]);
  if (!some) return { rows, events: 0 };
  const told = await sql`
    with gone as (update linear_comments_raw t set deleted_at = ${reading.now}, ${silenced()} where ${gone(reading, "linear_comments_raw")} returning t.*)
    ${tell(reading, "comment", sql`jsonb_build_object('issue_id', issue_external_id, 'comment_id', external_id)`, sql`true`)}`;
  return { rows: rows + told.count, events: told.count };
}

export async function documents(reading: Reading, stream: string, began: Date): Promise<Written> {
  const { rows, some } = await judged(reading, stream, began, ["linear_documents_raw"]);
  if (!some) return { rows, events: 0 };
  const told = await sql`
    with gone as (update linear_documents_raw t set deleted_at = ${reading.now}, ${emptied()} where ${gone(reading, "linear_documents_raw")} returning t.*)
    ${tell(reading, "document", sql`jsonb_build_object('document_id', external_id)`, sql`not trashed`)}`;
  return { rows: rows + told.count, events: told.count };
}

/** Ends a pass over the small kinds. A team or a project that living issues are still in is not deleted, nor is what belongs to such a team. */
export async function workspace(reading: Reading, stream: string, began: Date): Promise<Written> {
  const tables = [TABLES.projects, TABLES.states, TABLES.cycles, TABLES.users, TABLES.teams];
  const { rows, some } = await judged(reading, stream, began, tables);
  if (!some) return { rows, events: 0 };
  const projects = await sql`
    with gone as (
      update linear_projects_raw t set deleted_at = ${reading.now}, slug_id = null, name = '', description = null, content = null, lead_name = null, url = null
      where ${gone(reading, "linear_projects_raw")} returning t.*)
    ${tell(reading, "project", sql`jsonb_build_object('linear_project_id', external_id)`, sql`not trashed`)}`;
  const others = [
    await sql`update linear_states_raw t set deleted_at = ${reading.now}, name = '' where ${gone(reading, "linear_states_raw")}`,
    await sql`update linear_cycles_raw t set deleted_at = ${reading.now}, name = null where ${gone(reading, "linear_cycles_raw")}`,
    await sql`update linear_users_raw t set deleted_at = ${reading.now}, name = null, display_name = null, email = null where ${gone(reading, "linear_users_raw")}`,
    await sql`update linear_teams_raw t set deleted_at = ${reading.now}, key = null, name = '' where ${gone(reading, "linear_teams_raw")}`,
  ];
  return { rows: rows + projects.count + others.reduce((total, { count }) => total + count, 0), events: projects.count };
}

/** Counts against what the pass did not see, and asks whether what is gone by now may be deleted. */
async function judged(reading: Reading, stream: string, began: Date, tables: readonly Tables[]): Promise<{ rows: number; some: boolean }> {
  let rows = 0;
  const counts: Absence.Count[] = [];
  for (const table of tables) {
    const marked = await sql`
      update ${sql(table)} t set absent_passes = t.absent_passes + 1
      where ${mine(reading)} and t.absent_passes < ${PASSES} and t.first_seen_at < ${began}
        and not exists (
          select from connector_crawl_seen s where s.connection_id = t.connection_id and s.stream = ${stream} and s.record_id = ${prefix(table)} || t.external_id)`;
    rows += marked.count;
  }
  for (const table of tables) {
    const [count] = await sql<Absence.Count[]>`
      select count(distinct t.external_id) filter (where ${gone(reading, table)}) as gone, count(distinct t.external_id) as live,
        coalesce(array_agg(distinct t.project_id::text) filter (where ${gone(reading, table)}), '{}') as projects
      from ${sql(table)} t where ${mine(reading)}`;
    counts.push(count ?? { gone: 0, live: 0, projects: [] });
  }
  const allowed = await Absence.allows(reading, stream, ...counts);
  return { rows, some: allowed && counts.some((count) => count.gone > 0) };
}

/** How a row of the workspace's pass is noted: the kind goes before the id. */
const prefix = (table: Tables): string => {
  const kind = (Object.keys(TABLES) as (keyof typeof TABLES)[]).find((one) => TABLES[one] === table);
  return kind === undefined || kind === "documents" ? "" : `${kind}:`;
};

/** One event for each row of `gone` that `so` holds for. */
function tell(reading: Reading, noun: string, detail: Fragment, so: Fragment) {
  return sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, ${`${noun}_deleted`}, 'linear', 'system', ${`linear:${noun}:`} || external_id, ${reading.now}, ${reading.now},
      ${detail} || jsonb_build_object('connection_id', connection_id),
      'linear:' || connection_id || ${`:${noun}:`} || external_id || ${`:${noun}_deleted:`} || extract(epoch from ${reading.now}::timestamptz)
    from gone where ${so}
    on conflict (project_id, dedupe_key) do nothing`;
}
