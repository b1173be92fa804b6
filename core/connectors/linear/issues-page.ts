import type { Reading } from "#core/connectors/connector.ts";
import * as Api from "#core/connectors/linear/api.ts";
import { covers, coversAll, coversTeam, routes } from "#core/connectors/linear/coverage.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import { dependents, wholeIssue } from "#core/connectors/linear/inner.ts";
import * as Issues from "#core/connectors/linear/issues.ts";
import * as Page from "#core/connectors/linear/page.ts";
import * as Said from "#core/connectors/linear/said.ts";
import * as Transform from "#core/connectors/linear/transform.ts";
import * as Workspace from "#core/connectors/linear/transform-workspace.ts";
import { object } from "#core/connectors/linear/values.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";
import { transaction } from "#core/db.ts";

const IDS_A_REQUEST = 100;

/**
 * Reads a page of issues: routes each, and fetches what its move brings along. `arriving`: with an issue that is new to a project come its comments and
 * documents (a backfill leaves them to their own stream); with one that was closed and is open again come those that it holds up.
 */
export async function take(reading: Reading, list: Api.List, { arriving }: { arriving: boolean }): Promise<Page.Taken> {
  const taken: Page.Taken = { items: Page.empty(), setAside: [] };
  const open: string[] = [];
  taken.setAside.push(
    ...(await Page.understand("issue", list, async (given) => {
      const raw = await wholeIssue(reading, given);
      const row = Transform.issue(raw);
      const projects = routes(reading.bindings, (binding) => covers(binding, Transform.coverable(raw)));
      taken.items.listed.push(row.externalId);
      (isClosed(row) ? taken.items.closed : open).push(row.externalId);
      if (projects.length === 0) return;
      taken.items.issues.push({ row, projects });
      mention(reading, raw, projects, taken.items);
    })),
  );
  const marks = await transaction(reading.scope, () => Issues.marks(reading, taken.items.listed));
  if (arriving) {
    const stored = new Set(marks.map((mark) => `${mark.externalId} ${mark.projectId}`));
    const arrivals = taken.items.issues.filter(({ row, projects }) =>
      projects.some((project) => !stored.has(`${row.externalId} ${project}`)),
    );
    Page.add(
      taken,
      await Said.ofIssues(
        reading,
        arrivals.map(({ row }) => row.externalId),
      ),
    );
  }
  const reopened = new Set(marks.filter((mark) => mark.closed && open.includes(mark.externalId)).map((mark) => mark.externalId));
  const held: string[] = [];
  for (const id of reopened) held.push(...(await dependents(reading, id)));
  const unread = [...new Set(held)].filter((id) => !taken.items.listed.includes(id));
  if (unread.length > 0) Page.add(taken, await byIds(reading, unread, { arriving: false }));
  Page.add(taken, await WorkspacePage.projects(reading, await projectsWanted(reading, taken.items)));
  return taken;
}

/** Asks for the page of issues, with a filter or without. */
export function ask(
  reading: Reading,
  filters: { issues?: object },
  pages: Readonly<Record<string, string | null>>,
  order: "updatedAt" | "createdAt" = "updatedAt",
): Promise<Record<string, Api.List>> {
  return Api.query(reading, Documents.ISSUES, { order, issues: true, issuesAfter: pages.issues, issuesFilter: filters.issues });
}

/** Issues by id; those that are gone upstream are simply not among them. */
export async function byIds(reading: Reading, ids: readonly string[], how: { arriving: boolean }): Promise<Page.Taken> {
  const taken: Page.Taken = { items: Page.empty(), setAside: [] };
  for (let from = 0; from < ids.length; from += IDS_A_REQUEST) {
    const filters = { issues: { id: { in: ids.slice(from, from + IDS_A_REQUEST) } } };
    for await (const lists of Api.pages(["issues"], (pages) => ask(reading, filters, pages)))
      Page.add(taken, await take(reading, Api.list(lists, "issues"), how));
  }
  return taken;
}

const isClosed = (issue: Transform.Issue): boolean =>
  Transform.CLOSED.includes(issue.stateType) || issue.archivedAt !== null || issue.trashed;

/** What an issue names goes with it to projects whose bindings do not cover it on their own: its team, state, cycle and people. */
function mention(reading: Reading, raw: Api.Raw, projects: readonly string[], { teams, states, cycles, users }: Page.Items): void {
  const team = Transform.teamRef(raw.team);
  const byTeam = routes(reading.bindings, (binding) => coversTeam(binding, team));
  const byAll = routes(reading.bindings, coversAll);
  const [toTeams, toUsers] = [projects.filter((one) => !byTeam.includes(one)), projects.filter((one) => !byAll.includes(one))];
  if (toTeams.length > 0) {
    teams.push({ row: Workspace.team(object(raw.team)), projects: toTeams });
    states.push({ row: Workspace.state(object(raw.state)), projects: toTeams });
    if (raw.cycle) cycles.push({ row: Workspace.cycle(object(raw.cycle)), projects: toTeams });
  }
  for (const person of [raw.assignee, raw.creator])
    if (person && toUsers.length > 0) users.push({ row: Workspace.user(object(person)), projects: toUsers });
}

/** Linear projects that come by no binding of their own: where every binding narrows by labels, a project is known through its issues alone. */
async function projectsWanted(reading: Reading, { issues }: Page.Items): Promise<Map<string, string[]>> {
  const byLabels = reading.scope.projects.filter((project) =>
    reading.bindings.every((binding) => binding.projectId !== project || binding.labels.length > 0),
  );
  const wanted = new Map<string, string[]>();
  for (const { row, projects } of byLabels.length > 0 ? issues : []) {
    const to = projects.filter((project) => byLabels.includes(project));
    if (row.linearProjectExternalId !== null && to.length > 0)
      wanted.set(row.linearProjectExternalId, [...new Set([...(wanted.get(row.linearProjectExternalId) ?? []), ...to])]);
  }
  return WorkspacePage.unheld(reading, wanted);
}
