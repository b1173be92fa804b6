import { CLIENTS, type Client, STUDIO, TEAM } from "#test/simulators/cast.ts";
import { BRIEFS } from "#test/simulators/linear/briefs.ts";
import { record } from "#test/simulators/linear/history.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import { paper } from "#test/simulators/linear/prose.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import * as Store from "#test/simulators/linear/store.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import { DAY, discussion, linked, type Plan, plans } from "#test/simulators/linear/tasks.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { type Draw, drawing } from "#test/simulators/random.ts";

export type Size = "small" | "large";
/** Issues and comments of the whole workspace, the story's included. */
export const SIZES = {
  small: { issues: 172, comments: 520, days: 150 },
  large: { issues: 10_000, comments: 30_000, days: 720 },
} as const;
type Workspace = Store.Store;

/** The studio itself, without any work in it; `now` in epoch seconds. Says whose ids the tokens are. */
export function studio(store: Workspace, now: number): { admin: string; member: string; guest: string } {
  const at = Math.trunc(now * 1_000) - 800 * DAY;
  Object.assign(store.organization, { name: STUDIO.name, urlKey: "foxglove", createdAt: at, updatedAt: at });
  const delivery = Studio.addTeam(store, { key: "DEL", name: "Delivery", description: "Building and running what clients ordered", at });
  const design = Studio.addTeam(store, { key: "DSN", name: "Design", description: "Layouts, texts and interviews", at });
  const users = TEAM.map(({ name, email, admin, does }) => {
    const teamIds =
      does === "designer" ? [design.id, delivery.id] : does === "frontend" || admin ? [delivery.id, design.id] : [delivery.id];
    return Studio.addUser(store, { name, email, admin, title: does, teamIds, at });
  });
  const [client] = CLIENTS;
  const guest = client?.contacts[0] as { name: string; email: string };
  const { id } = Studio.addUser(store, { name: guest.name, email: guest.email, guest: true, title: "client", teamIds: [design.id], at });
  const status = ["Backlog", "Planned", "In Progress", "Paused", "Completed", "Canceled"] as const;
  status.forEach((name, position) => {
    const type = name === "In Progress" ? "started" : name.toLowerCase();
    Studio.addProjectStatus(store, { name, type, position, at });
  });
  const colors = ["#eb5757", "#bb87fc", "#4ea7fc", "#26b5ce", "#95a2b3", "#f2994a"];
  const names = ["bug", "feature", "design", "content", "chore", "research", "scope", "client-waiting", "срочно"];
  names.forEach((name, n) => {
    Studio.addLabel(store, { name, color: colors[n % colors.length] as string, at });
  });
  const group = Studio.addLabel(store, { name: "Client", isGroup: true, at });
  for (const { key, company } of CLIENTS) Studio.addLabel(store, { name: key, description: company, parentId: group.id, at });
  return { admin: userNamed(store, "Irina Sokolova"), member: (users[1] as Rows.User).id, guest: id };
}

/** The demo's work: a pure function of the seed, the size and `now` (epoch seconds). */
export function fill(store: Workspace, given: { size: Size; seed: number; now: number }): void {
  const size = SIZES[given.size];
  const now = Math.trunc(given.now * 1_000);
  const draw = drawing(given.seed);
  for (const team of store.teams.values()) cycles(store, team, now, size.days);
  const projects = new Map(CLIENTS.map((client) => [client.key, project(store, client, now, size.days, draw)]));
  const all = plans(draw, { now, issues: size.issues, days: size.days });
  const rows = new Map(all.map((plan) => [plan, issue(store, plan, projects.get(plan.client.key)?.id ?? null, now)]));
  for (const [plan, row] of rows) row.parentId = (plan.parent && rows.get(plan.parent)?.id) ?? null;
  for (const { from, to, type, at } of linked(all, draw)) {
    const [a, b] = [rows.get(from), rows.get(to)];
    if (a && b) Verbs.addRelation(store, { issueId: a.id, relatedIssueId: b.id, type, at });
  }
  const told = discussion(all, draw, { comments: size.comments, now });
  for (const [plan, sayings] of told) {
    let first: string | null = null;
    for (const { body, by, at, reply } of sayings) {
      const issueId = rows.get(plan)?.id ?? null;
      const made: Rows.Comment = Papers.addComment(store, { body, issueId, by: userNamed(store, by), at, parentId: reply ? first : null });
      first ??= made.id;
    }
  }
}

function issue(store: Workspace, plan: Plan, projectId: string | null, now: number): Rows.Issue {
  const team = [...store.teams.values()].find((one) => one.key === plan.team) as Rows.Team;
  const state = [...store.workflowStates.values()].find((one) => one.teamId === team.id && one.name === plan.state) as Rows.WorkflowState;
  const within = (at: number | undefined) => (at === undefined ? undefined : cycleAt(store, team.id, at));
  const ended = plan.completedAt ?? plan.canceledAt;
  const row = Verbs.createIssue(store, {
    teamId: team.id,
    title: plan.title,
    description: plan.description,
    priority: plan.priority,
    estimate: plan.estimate,
    dueDate: plan.dueDate,
    stateId: state.id,
    projectId,
    cycleId: (plan.inCycle ? within(plan.completedAt ?? Math.max(plan.startedAt ?? now, now - 7 * DAY)) : undefined)?.id ?? null,
    assigneeId: plan.assignee === undefined ? null : userNamed(store, plan.assignee),
    labelIds: plan.labels.map((name) => labelNamed(store, name)),
    by: userNamed(store, plan.creator),
    at: plan.createdAt,
  });
  const { startedAt = null, completedAt = null, canceledAt = null, archivedAt = null, trashed } = plan;
  Object.assign(row, { startedAt, completedAt, canceledAt, archivedAt, trashed: trashed ? true : null, updatedAt: plan.updatedAt });
  if (archivedAt !== null && !trashed) row.autoArchivedAt = archivedAt;
  const backlog = Verbs.stateOf(store, team.id, "backlog").id;
  const started = Verbs.stateOf(store, team.id, "started").id;
  const by = row.assigneeId ?? row.creatorId;
  if (startedAt !== null) record(store, { ...row, stateId: started }, { stateId: backlog }, { at: startedAt, by });
  if (ended !== undefined) record(store, row, { stateId: startedAt === null ? backlog : started }, { at: ended, by });
  return row;
}

/** Two weeks each, from a Monday, until four weeks from now. */
function cycles(store: Workspace, team: Rows.Team, now: number, days: number): void {
  const length = 14 * DAY;
  // 1970-01-05 was a Monday.
  const monday = Math.floor((now - days * DAY - 4 * DAY) / length) * length + 4 * DAY;
  for (let number = 1, startsAt = monday; startsAt < now + 28 * DAY; number++, startsAt += length) {
    const endsAt = startsAt + length;
    const ended = endsAt <= now ? { completedAt: endsAt } : {};
    Studio.addCycle(store, { teamId: team.id, number, startsAt, endsAt, at: Math.min(startsAt - 28 * DAY, now), ...ended });
  }
}

function cycleAt(store: Workspace, teamId: string, at: number): Rows.Cycle | undefined {
  const found = Store.grouped(store, "cycles by team", store.cycles.values(), (one) => one.teamId).get(teamId);
  return found?.find((one) => one.startsAt <= at && at < one.endsAt);
}

function project(store: Workspace, client: Client, now: number, days: number, draw: Draw): Rows.Project {
  const day = (from: number) => new Date(now + from * DAY).toISOString().slice(0, 10);
  const at = now - (days - 10) * DAY;
  const words = BRIEFS[client.language];
  const row = Papers.addProject(store, {
    name: client.project,
    description: client.company,
    content: paper(client, words.brief.slice(0, 2), draw),
    teamIds: [...store.teams.keys()],
    leadId: userNamed(store, "Marek Dvorak"),
    memberIds: [...store.users.values()].filter((one) => !one.guest).map((one) => one.id),
    health: draw.pick(["onTrack", "onTrack", "atRisk"]),
    priority: 2,
    startDate: day(-(days - 10)),
    targetDate: day(20 + draw.below(90)),
    startedAt: at,
    by: userNamed(store, "Irina Sokolova"),
    at,
  });
  const papers = [
    [words.titles.brief, words.brief, 3],
    [words.titles.specification, words.specification, 12],
  ] as const;
  for (const [title, sections, later] of papers)
    Papers.addDocument(store, {
      title: `${title}: ${client.project}`,
      content: paper(client, sections, draw),
      projectId: row.id,
      by: userNamed(store, "Marek Dvorak"),
      at: at + later * DAY,
    });
  return row;
}

function userNamed(store: Workspace, name: string): string {
  return named(Store.grouped(store, "users by name", store.users.values(), (one) => one.name).get(name), name);
}
function labelNamed(store: Workspace, name: string): string {
  return named(Store.grouped(store, "labels by name", store.issueLabels.values(), (one) => one.name).get(name), name);
}
function named(rows: readonly Rows.Base[] | undefined, name: string): string {
  const [first] = rows ?? [];
  if (!first) throw new Error(`The studio has no ${name}.`);
  return first.id;
}
