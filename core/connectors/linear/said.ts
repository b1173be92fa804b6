import type { Reading, SetAside } from "#core/connectors/connector.ts";
import * as Api from "#core/connectors/linear/api.ts";
import { covers, coversAll, routes } from "#core/connectors/linear/coverage.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import { isPartial } from "#core/connectors/linear/inner.ts";
import * as Page from "#core/connectors/linear/page.ts";
import * as Transform from "#core/connectors/linear/transform.ts";
import * as Workspace from "#core/connectors/linear/transform-workspace.ts";
import { object } from "#core/connectors/linear/values.ts";

export const KINDS = ["comments", "documents"] as const;
const ISSUES_A_REQUEST = 100;

/** Comments and documents as read, with the issues (and where they would go) and the Linear projects that they name. */
export type Said = { items: Page.Items; setAside: SetAside[]; issues: Map<string, string[]>; projects: Map<string, string[]> };

/** Reads a page of comments and documents, and names what they are about. */
export async function read(reading: Reading, lists: Record<string, Api.List>): Promise<Said> {
  const said: Said = { items: Page.empty(), setAside: [], issues: new Map(), projects: new Map() };
  if (lists.comments) said.setAside.push(...(await Page.understand("comment", lists.comments, (raw) => readComment(reading, raw, said))));
  if (lists.documents) said.setAside.push(...(await Page.understand("document", lists.documents, (raw) => readPaper(reading, raw, said))));
  return said;
}

/** Every comment and document of these issues, to the last page. */
export async function ofIssues(reading: Reading, ids: readonly string[]): Promise<Page.Taken> {
  const taken: Page.Taken = { items: Page.empty(), setAside: [] };
  for (let from = 0; from < ids.length; from += ISSUES_A_REQUEST) {
    const filter = { issue: { id: { in: ids.slice(from, from + ISSUES_A_REQUEST) } } };
    for await (const lists of Api.pages(KINDS, (pages) => ask(reading, { comments: filter, documents: filter }, pages)))
      Page.add(taken, await read(reading, lists));
  }
  return taken;
}

/** Asks for the kinds that have a page, each with its filter. */
export function ask(
  reading: Reading,
  filters: Partial<Record<(typeof KINDS)[number], object>>,
  pages: Readonly<Record<string, string | null>> = Object.fromEntries(Object.keys(filters).map((kind) => [kind, null])),
  order: "updatedAt" | "createdAt" = "updatedAt",
): Promise<Record<string, Api.List>> {
  const variables = KINDS.flatMap((kind) => [
    [kind, kind in pages],
    [`${kind}After`, pages[kind]],
    [`${kind}Filter`, filters[kind]],
  ]);
  return Api.query(reading, Documents.DISCUSSION, { order, ...Object.fromEntries(variables) });
}

function readComment(reading: Reading, raw: Api.Raw, said: Said): void {
  const row = Transform.comment(raw);
  if (!row) return;
  const to = about(reading, object(raw.issue), said);
  said.items.comments.push(row);
  mention(reading, raw.user, to, said.items);
}

function readPaper(reading: Reading, raw: Api.Raw, said: Said): void {
  const row = Transform.paper(raw);
  const alone: Transform.Coverable = { team: Transform.teamRef(raw.team), project: { id: null, slug: null, name: null }, labels: [] };
  const own = routes(reading.bindings, (binding) => covers(binding, alone));
  const to = row.issueExternalId === null ? own : about(reading, object(raw.issue), said);
  if (row.issueExternalId === null && row.linearProjectExternalId !== null) said.projects.set(row.linearProjectExternalId, []);
  said.items.papers.push({ row, projects: own });
  mention(reading, raw.creator, row.linearProjectExternalId === null ? to : [], said.items);
}

/** Where an issue that is spoken of would go. Of one with more labels than came with it, any may be the one that counts. */
function about(reading: Reading, issue: Api.Raw, { issues }: Said): string[] {
  const coverable = Transform.coverable(issue);
  const projects = routes(reading.bindings, (binding) => covers(isPartial(issue.labels) ? { ...binding, labels: [] } : binding, coverable));
  if (projects.length > 0 && typeof issue.id === "string") issues.set(issue.id, projects);
  return projects;
}

/** Who wrote goes where it was written, to projects whose bindings do not cover everybody. */
function mention(reading: Reading, person: unknown, projects: readonly string[], { users }: Page.Items): void {
  const byAll = routes(reading.bindings, coversAll);
  const to = projects.filter((project) => !byAll.includes(project));
  if (person && to.length > 0) users.push({ row: Workspace.user(object(person)), projects: to });
}
