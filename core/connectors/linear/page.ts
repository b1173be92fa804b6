import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";
import type * as Api from "#core/connectors/linear/api.ts";
import * as Blocking from "#core/connectors/linear/blocking.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import * as Discussion from "#core/connectors/linear/discussion.ts";
import * as Issues from "#core/connectors/linear/issues.ts";
import * as Projects from "#core/connectors/linear/projects.ts";
import { sum } from "#core/connectors/linear/rows.ts";
import type { Comment, Issue, Paper } from "#core/connectors/linear/transform.ts";
import type { Project } from "#core/connectors/linear/transform-workspace.ts";
import { Unreadable } from "#core/connectors/linear/values.ts";
import * as Workspace from "#core/connectors/linear/workspace.ts";

/**
 * What a page brings, of whatever kind. `listed` names every issue that was read, covered or not; `closed` those that hold nothing up any more.
 * Comments go where their issue is held when they are written, and so do documents; `projects` of a document is where it goes when it has neither an
 * issue nor a Linear project.
 */
export type Items = Workspace.Workspace & {
  listed: string[];
  closed: string[];
  issues: Routed<Issue>[];
  projects: Routed<Project>[];
  comments: Comment[];
  papers: Routed<Paper>[];
};
export type Taken = { items: Items; setAside: SetAside[] };

export const empty = (): Items => ({
  teams: [],
  users: [],
  states: [],
  cycles: [],
  listed: [],
  closed: [],
  issues: [],
  projects: [],
  comments: [],
  papers: [],
});

/** Adds what another reading brought. */
export function add(to: Taken, more: Taken): void {
  for (const key of Object.keys(to.items) as (keyof Items)[]) (to.items[key] as unknown[]).push(...more.items[key]);
  to.setAside.push(...more.setAside);
}

/** Writes a page, in the order in which the rows depend on each other. */
export async function write(reading: Reading, items: Items): Promise<Written> {
  const workspace = await Workspace.write(reading, items);
  const issues = await Issues.upsert(reading, items.issues);
  const projects = await Projects.write(reading, items.projects);
  const dropped = await Issues.dropUnrouted(reading, items.listed, items.issues);
  const released = await Blocking.release(reading, items.closed);
  const comments = await Discussion.comments(reading, items.comments);
  const papers = await Discussion.papers(reading, items.papers);
  return sum(workspace, issues, projects, { rows: dropped, events: 0 }, released, comments, papers);
}

/** Reads rows one by one; what its transform cannot read is set aside and the others go on, and so is what Linear could not give whole. */
export async function understand(kind: string, list: Api.List, work: (raw: Api.Raw) => Promise<void> | void): Promise<SetAside[]> {
  const setAside: SetAside[] = list.broken.map(({ raw, message }) => ({
    recordRef: `${kind}:${idOf(raw)}`,
    kind: "upstream",
    message,
    payload: raw,
  }));
  for (const raw of list.rows) {
    try {
      await work(raw);
    } catch (error) {
      if (!(error instanceof Unreadable) && !(error instanceof TypeError)) throw error;
      setAside.push({ recordRef: `${kind}:${idOf(raw)}`, kind: "invalid_data", message: error.message, payload: raw });
    }
  }
  return setAside;
}

const idOf = (raw: unknown): string => String((raw as { id?: unknown } | null)?.id ?? "?").slice(0, 100);
