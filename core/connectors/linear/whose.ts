import type { Named, Reading } from "#core/connectors/connector.ts";
import type { Raw } from "#core/connectors/linear/api.ts";
import { covers, coversAll, coversProject, coversTeam, routes } from "#core/connectors/linear/coverage.ts";
import * as Transform from "#core/connectors/linear/transform.ts";
import { nodes, object, optional, text, Unreadable } from "#core/connectors/linear/values.ts";
import { holders, TABLES } from "#core/connectors/linear/workspace.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";

const HELD_IN: Readonly<Record<string, string>> = {
  issue: "linear_issues_raw",
  comment: "linear_comments_raw",
  document: TABLES.documents,
  ...Object.fromEntries(WorkspacePage.KINDS.map((kind) => [WorkspacePage.NOUNS[kind], TABLES[kind]])),
};

/**
 * The projects that each of these records goes to, as far as can be told of one that cannot be read: where a binding covers what is legible of it, and
 * where it, or the issue it is about, is held already. Inside a transaction of the reading's scope.
 */
export async function whose(reading: Reading, named: readonly Named[]): Promise<string[][]> {
  const things = named.map(({ recordRef, payload }) => {
    const [kind = "", ...rest] = recordRef.split(":");
    return { kind, id: rest.join(":"), raw: object(payload) };
  });
  const held = new Map<string, Map<string, string[]>>();
  const wanted = Map.groupBy(
    things.flatMap(({ kind, id, raw }) => [{ kind, id }, ...issueOf(raw).map((issue) => ({ kind: "issue", id: issue }))]),
    ({ kind }) => kind,
  );
  for (const [kind, ones] of wanted) {
    const table = HELD_IN[kind];
    if (table) held.set(kind, await holders(reading, table, [...new Set(ones.map(({ id }) => id))]));
  }
  return things.map(({ kind, id, raw }) => [
    ...covered(reading, kind, raw),
    ...(held.get(kind)?.get(id) ?? []),
    ...issueOf(raw).flatMap((issue) => held.get("issue")?.get(issue) ?? []),
  ]);
}

const issueOf = (raw: Raw): string[] => [optional(object(raw.issue).id) ?? []].flat();

/** What of a record is legible may not be enough to say where it goes: nowhere, then. */
function covered({ bindings }: Reading, kind: string, raw: Raw): string[] {
  try {
    return routes(bindings, (binding) => {
      switch (kind) {
        case "issue":
          return covers(binding, Transform.coverable(raw));
        case "comment":
          return covers(binding, Transform.coverable(object(raw.issue)));
        case "team":
          return coversTeam(binding, Transform.teamRef(raw));
        case "state":
        case "cycle":
          return coversTeam(binding, Transform.teamRef(raw.team));
        case "project":
          return coversProject(
            binding,
            { id: optional(raw.id), slug: text(raw.slugId), name: text(raw.name) },
            nodes(raw.teams).map(Transform.teamRef),
          );
        default:
          return coversAll(binding);
      }
    });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return [];
  }
}
