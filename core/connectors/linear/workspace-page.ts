import type { Reading } from "#core/connectors/connector.ts";
import * as Api from "#core/connectors/linear/api.ts";
import { coversAll, coversProject, coversTeam, type Routed, routes } from "#core/connectors/linear/coverage.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import { wholeProject } from "#core/connectors/linear/inner.ts";
import * as Page from "#core/connectors/linear/page.ts";
import * as Projects from "#core/connectors/linear/projects.ts";
import { teamRef } from "#core/connectors/linear/transform.ts";
import * as Transform from "#core/connectors/linear/transform-workspace.ts";
import { nodes } from "#core/connectors/linear/values.ts";
import { holders, TABLES } from "#core/connectors/linear/workspace.ts";
import { transaction } from "#core/db.ts";

export const KINDS = ["teams", "users", "states", "cycles", "projects"] as const;
export type Kind = (typeof KINDS)[number];
/** How a record of each kind is called where one is named: set aside, or asked for again. */
export const NOUNS: Record<Kind, string> = { teams: "team", users: "user", states: "state", cycles: "cycle", projects: "project" };

/** Reads a page of teams, people, states, cycles and projects: each goes where a binding covers it, and where it is known already. */
export async function take(
  reading: Reading,
  lists: Record<string, Api.List>,
  alsoTo: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<Page.Taken> {
  const items = Page.empty();
  const { bindings } = reading;
  const byTeam = (raw: Api.Raw) => routes(bindings, (binding) => coversTeam(binding, teamRef(raw.team)));
  const parts = [
    read(
      "teams",
      lists,
      (raw) => void items.teams.push({ row: Transform.team(raw), projects: routes(bindings, (one) => coversTeam(one, teamRef(raw))) }),
    ),
    read("users", lists, (raw) => void items.users.push({ row: Transform.user(raw), projects: routes(bindings, coversAll) })),
    read("states", lists, (raw) => void items.states.push({ row: Transform.state(raw), projects: byTeam(raw) })),
    read("cycles", lists, (raw) => void items.cycles.push({ row: Transform.cycle(raw), projects: byTeam(raw) })),
    read("projects", lists, async (given) => {
      const raw = await wholeProject(reading, given);
      const row = Transform.project(raw);
      const teams = nodes(raw.teams).map(teamRef);
      const names = { id: row.externalId, slug: row.slugId, name: row.name };
      items.projects.push({ row, projects: routes(bindings, (binding) => coversProject(binding, names, teams)) });
    }),
  ];
  const setAside = (await Promise.all(parts)).flat();
  await transaction(reading.scope, async () => {
    for (const kind of ["teams", "users", "states", "cycles"] as const)
      items[kind] = wider(items[kind] as Routed<never>[], await holders(reading, TABLES[kind], ids(items[kind])));
    items.projects = wider(wider(items.projects, await Projects.wanted(reading, ids(items.projects))), alsoTo);
  });
  return { items, setAside };
}

/** Projects by id, as the issues or documents of `to` need them. */
export async function projects(reading: Reading, to: ReadonlyMap<string, readonly string[]>): Promise<Page.Taken> {
  const taken: Page.Taken = { items: Page.empty(), setAside: [] };
  const wanted = [...to.keys()];
  for (let from = 0; from < wanted.length; from += 50) {
    const filters = { projects: { id: { in: wanted.slice(from, from + 50) } } };
    for await (const lists of Api.pages(["projects"], (pages) => ask(reading, filters, pages)))
      Page.add(taken, await take(reading, lists, to));
  }
  return taken;
}

/** Of these Linear projects, those that are not held where they are wanted; one that is wanted nowhere in particular, when nobody holds it. */
export async function unheld(reading: Reading, wanted: ReadonlyMap<string, string[]>): Promise<Map<string, string[]>> {
  const held = await transaction(reading.scope, () => holders(reading, TABLES.projects, [...wanted.keys()]));
  return new Map(
    [...wanted].filter(([id, to]) => {
      const by = held.get(id) ?? [];
      return to.length > 0 ? to.some((project) => !by.includes(project)) : by.length === 0;
    }),
  );
}

/** Asks for the kinds that have a page, each with its filter. */
export function ask(
  reading: Reading,
  filters: Partial<Record<Kind, object>>,
  pages: Readonly<Record<string, string | null>> = Object.fromEntries(Object.keys(filters).map((kind) => [kind, null])),
  order: "updatedAt" | "createdAt" = "updatedAt",
): Promise<Record<string, Api.List>> {
  const variables = KINDS.flatMap((kind) => [
    [kind, kind in pages],
    [`${kind}After`, pages[kind]],
    [`${kind}Filter`, filters[kind]],
  ]);
  return Api.query(reading, Documents.WORKSPACE, { order, ...Object.fromEntries(variables) });
}

function read(kind: Kind, lists: Record<string, Api.List>, work: (raw: Api.Raw) => Promise<void> | void) {
  const list = lists[kind];
  return list ? Page.understand(NOUNS[kind], list, work) : [];
}

const ids = (routed: readonly Routed<{ externalId: string }>[]): string[] => routed.map(({ row }) => row.externalId);

function wider<T extends { externalId: string }>(routed: readonly Routed<T>[], more: ReadonlyMap<string, readonly string[]>): Routed<T>[] {
  return routed.map(({ row, projects }) => ({ row, projects: [...new Set([...projects, ...(more.get(row.externalId) ?? [])])] }));
}
