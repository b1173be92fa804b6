import type { Reading } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Api from "#core/connectors/linear/api.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import { object } from "#core/connectors/linear/values.ts";

type Inner = { document: Documents.Document; list: "issues" | "projects"; field: string };
const ISSUE: readonly Inner[] = [
  { document: Documents.LABELS_OF, list: "issues", field: "labels" },
  { document: Documents.BLOCKERS_OF, list: "issues", field: "inverseRelations" },
];
const PROJECT: readonly Inner[] = [{ document: Documents.TEAMS_OF, list: "projects", field: "teams" }];
const BLOCKED: Inner = { document: Documents.DEPENDENTS_OF, list: "issues", field: "relations" };

/** An issue with all its labels and all that blocks it: what did not fit on the inner pages is read to its end. */
export const wholeIssue = (reading: Reading, raw: Api.Raw): Promise<Api.Raw> => whole(reading, raw, ISSUE);
/** A project with all its teams. */
export const wholeProject = (reading: Reading, raw: Api.Raw): Promise<Api.Raw> => whole(reading, raw, PROJECT);

/** The ids of the issues that one blocks. */
export async function dependents(reading: Reading, id: string): Promise<string[]> {
  const relations = await rest(reading, BLOCKED, id, null);
  return relations.flatMap((relation) => {
    const dependent = object(relation.relatedIssue).id;
    return relation.type === "blocks" && typeof dependent === "string" ? [dependent] : [];
  });
}

/** Whether a connection has more than came with it. */
export const isPartial = (connection: unknown): boolean => object(object(connection).pageInfo).hasNextPage === true;

async function whole(reading: Reading, raw: Api.Raw, parts: readonly Inner[]): Promise<Api.Raw> {
  const partial = parts.filter(({ field }) => isPartial(raw[field]));
  if (partial.length === 0 || typeof raw.id !== "string") return raw;
  const filled: Record<string, unknown> = { ...raw };
  for (const part of partial) {
    const { nodes, next } = Api.inner(raw[part.field], part.field);
    filled[part.field] = {
      nodes: [...nodes, ...(await rest(reading, part, raw.id, next))],
      pageInfo: { hasNextPage: false, endCursor: null },
    };
  }
  return filled;
}

async function rest(reading: Reading, { document, list, field }: Inner, id: string, from: string | null): Promise<Api.Raw[]> {
  const nodes: Api.Raw[] = [];
  for (let after = from; ; ) {
    const [row] = Api.list(await Api.query(reading, document, { id, after }), list).rows;
    // Gone while it was read: there is nothing more of it.
    if (!row) return nodes;
    const page = Api.inner(row[field], field);
    nodes.push(...page.nodes);
    if (page.next === null) return nodes;
    if (page.next === after) throw new SourceError("upstream", 200, { source: "linear", problem: `${field} goes on from where it was` });
    after = page.next;
  }
}
