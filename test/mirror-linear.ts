import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import type { Store } from "#test/simulators/linear/store.ts";

type Plain = Record<string, unknown>[];
export type Mirror = {
  issues: Plain;
  comments: Plain;
  documents: Plain;
  projects: Plain;
  cycles: Plain;
  states: Plain;
  teams: Plain;
  users: Plain;
};

/** What Postgres cannot hold becomes U+FFFD here as there: written once more, independently of the product. */
const storable = (text: string | null | undefined): string | null => (text ? text.replaceAll("\0", "\ufffd").toWellFormed() : null);
const at = (instant: number | null): string | null => (instant === null ? null : new Date(instant).toISOString());
const byId = (rows: Plain): Plain => rows.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));

/** What the simulated workspace holds of the issues and projects that are `wanted`, as the mirror should show it. */
export function upstream(
  store: Store,
  wanted: (row: Rows.Issue) => boolean = () => true,
  project: (row: Rows.Project) => boolean = () => true,
): Mirror {
  const issues = [...store.issues.values()].filter(wanted);
  const ids = new Set(issues.map((row) => row.id));
  const projects = [...store.projects.values()].filter(project);
  const projectIds = new Set(projects.map((row) => row.id));
  return {
    issues: byId(issues.map((row) => issue(store, row))),
    comments: byId(
      [...store.comments.values()].filter((row) => row.issueId !== null && ids.has(row.issueId)).map((row) => comment(store, row)),
    ),
    documents: byId([...store.documents.values()].filter((row) => row.projectId !== null && projectIds.has(row.projectId)).map(document)),
    projects: byId(projects.map((row) => projectOf(store, row))),
    cycles: byId(
      [...store.cycles.values()].map((row) => ({
        id: row.id,
        team: row.teamId,
        number: row.number,
        name: row.name,
        starts: at(row.startsAt),
        ends: at(row.endsAt),
        completed: at(row.completedAt),
      })),
    ),
    states: byId(
      [...store.workflowStates.values()].map((row) => ({
        id: row.id,
        team: row.teamId,
        name: row.name,
        type: row.type,
        position: row.position,
      })),
    ),
    teams: byId([...store.teams.values()].map((row) => ({ id: row.id, key: row.key, name: row.name }))),
    users: byId(
      [...store.users.values()].map((row) => ({ id: row.id, name: row.name, email: row.email, active: row.active, guest: row.guest })),
    ),
  };
}

/** Those parts that a binding which narrows holds for certain: the small kinds come with what names them, and stay. */
export const narrow = ({ issues, comments, documents, projects }: Mirror): Partial<Mirror> => ({ issues, comments, documents, projects });

/** What one project's mirror holds and shows. */
export async function mirror(scope: ProjectScope): Promise<Mirror> {
  return transaction(scope, async () => ({
    issues: await rows(sql`
      select external_id as id, identifier, title, description, team_external_id as team, team_key as key, state, state_type as type, linear_project_external_id as project,
        cycle_name as cycle, parent_external_id as parent, priority, estimate, due_date::text as due, labels, assignee_name as assignee, creator_name as creator,
        created_at as created, updated_at as updated, started_at as started, completed_at as completed, canceled_at as canceled, archived_at as archived, trashed,
        blocked, blocked_by_count as blockers, blocked_by as "blockedBy"
      from linear_issues_raw where deleted_at is null order by external_id collate "C"`),
    comments: await rows(sql`
      select external_id as id, issue_external_id as issue, parent_external_id as parent, body, author_name as author, created_at as created, updated_at as updated,
        edited_at as edited
      from linear_comments_raw where deleted_at is null order by external_id collate "C"`),
    documents: await rows(sql`
      select external_id as id, linear_project_external_id as project, title, content, trashed, updated_at as updated
      from linear_documents_raw where deleted_at is null order by external_id collate "C"`),
    projects: await rows(sql`
      select external_id as id, slug_id as slug, name, content, state, state_type as type, health, lead_name as lead, team_external_ids as teams, target_date::text as target,
        trashed, updated_at as updated, round(progress::numeric, 4)::float8 as progress
      from linear_projects_raw where deleted_at is null order by external_id collate "C"`),
    cycles: await rows(sql`
      select external_id as id, team_external_id as team, number, name, starts_at as starts, ends_at as ends, completed_at as completed
      from linear_cycles_raw where deleted_at is null order by external_id collate "C"`),
    states: await rows(sql`
      select external_id as id, team_external_id as team, name, type, position from linear_states_raw where deleted_at is null order by external_id collate "C"`),
    teams: await rows(
      sql`select external_id as id, key, name from linear_teams_raw where deleted_at is null order by external_id collate "C"`,
    ),
    users: await rows(
      sql`select external_id as id, name, email, active, guest from linear_users_raw where deleted_at is null order by external_id collate "C"`,
    ),
  }));
}

async function rows(query: PromiseLike<readonly object[]>): Promise<Plain> {
  const found = await query;
  return found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value instanceof Date ? value.toISOString() : value])),
  );
}

function issue(store: Store, row: Rows.Issue): Record<string, unknown> {
  const team = store.teams.get(row.teamId);
  const state = store.workflowStates.get(row.stateId);
  const cycle = row.cycleId === null ? undefined : store.cycles.get(row.cycleId);
  const blockers = [...store.issueRelations.values()]
    .filter((one) => one.type === "blocks" && one.relatedIssueId === row.id)
    .map((one) => store.issues.get(one.issueId))
    .filter(
      (one) =>
        one && !one.archivedAt && !["completed", "canceled", "duplicate"].includes(store.workflowStates.get(one.stateId)?.type ?? ""),
    )
    .map((one) => one?.id ?? "");
  const blockedBy = [...new Set(blockers)].sort();
  return {
    id: row.id,
    identifier: `${team?.key}-${row.number}`,
    title: storable(row.title) ?? "",
    description: storable(row.description),
    team: row.teamId,
    key: team?.key,
    state: state?.name,
    type: state?.type,
    project: row.projectId,
    cycle: cycle ? (cycle.name ?? `Cycle ${cycle.number}`) : null,
    parent: row.parentId,
    priority: row.priority,
    estimate: row.estimate,
    due: row.dueDate,
    labels: [...new Set(row.labelIds.map((id) => store.issueLabels.get(id)?.name ?? "?"))].sort(),
    assignee: nameOf(store, row.assigneeId),
    creator: nameOf(store, row.creatorId),
    created: at(row.createdAt),
    updated: at(row.updatedAt),
    started: at(row.startedAt),
    completed: at(row.completedAt),
    canceled: at(row.canceledAt),
    archived: at(row.archivedAt),
    trashed: row.trashed === true,
    blocked: blockedBy.length > 0,
    blockers: blockedBy.length,
    blockedBy,
  };
}

const nameOf = (store: Store, id: string | null): string | null => (id === null ? null : (store.users.get(id)?.name ?? null));

function comment(store: Store, row: Rows.Comment): Record<string, unknown> {
  return {
    id: row.id,
    issue: row.issueId,
    parent: row.parentId,
    body: storable(row.body),
    author: nameOf(store, row.userId),
    created: at(row.createdAt),
    updated: at(row.updatedAt),
    edited: at(row.editedAt),
  };
}

function document(row: Rows.Document): Record<string, unknown> {
  const trashed = row.trashed === true;
  return {
    id: row.id,
    project: row.projectId,
    title: trashed ? "" : storable(row.title),
    content: trashed ? null : storable(row.content),
    trashed,
    updated: at(row.updatedAt),
  };
}

function projectOf(store: Store, row: Rows.Project): Record<string, unknown> {
  const status = store.projectStatuses.get(row.statusId);
  const own = [...store.issues.values()].filter((one) => one.projectId === row.id && one.canceledAt === null && one.trashed === null);
  const done = own.filter((one) => one.completedAt !== null).length;
  return {
    id: row.id,
    slug: row.slugId,
    name: storable(row.name),
    content: storable(row.content),
    state: status?.name,
    type: status?.type,
    health: row.health,
    lead: nameOf(store, row.leadId),
    teams: row.teamIds.toSorted(),
    target: row.targetDate,
    trashed: row.trashed === true,
    updated: at(row.updatedAt),
    progress: own.length === 0 ? 0 : Math.round((done / own.length) * 10_000) / 10_000,
  };
}
