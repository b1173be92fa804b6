import { BEHAVIOUR } from "#test/simulators/linear/behaviour.ts";
import { identifier } from "#test/simulators/linear/computed.ts";
import type { Row, TypeName } from "#test/simulators/linear/graph.ts";
import { Refusal } from "#test/simulators/linear/refusal.ts";
import { type Context, type Root, rootList } from "#test/simulators/linear/resolve.ts";
import type { Store } from "#test/simulators/linear/store.ts";
import { visible } from "#test/simulators/linear/viewer.ts";

type Table = "users" | "teams" | "workflowStates" | "cycles" | "projectStatuses" | "projects";
type Tables = Table | "issueLabels" | "issues" | "comments" | "issueRelations" | "documents" | "webhooks";
/** Root fields, one and many, of each type. */
const ROOTS: readonly (readonly [TypeName, string, Tables])[] = [
  ["User", "user", "users"],
  ["Team", "team", "teams"],
  ["WorkflowState", "workflowState", "workflowStates"],
  ["Cycle", "cycle", "cycles"],
  ["ProjectStatus", "projectStatus", "projectStatuses"],
  ["Project", "project", "projects"],
  ["IssueLabel", "issueLabel", "issueLabels"],
  ["Issue", "issue", "issues"],
  ["Comment", "comment", "comments"],
  ["IssueRelation", "issueRelation", "issueRelations"],
  ["Document", "document", "documents"],
  ["Webhook", "webhook", "webhooks"],
];
const rowsOf = (store: Store, table: Tables) => store[table] as ReadonlyMap<string, Row>;

/** The row that an id names, if the viewer may see it; an issue also by its identifier, a team by its key, a project and a document by its slug. */
export function found(context: Context, type: TypeName, table: Tables, id: unknown): Row {
  const { store, viewer } = context;
  const row = rowsOf(store, table).get(String(id)) ?? byName(store, type, String(id));
  if (!row || !visible(store, viewer, type, row))
    throw new Refusal("input", `Entity not found: ${type}`, `Could not find referenced ${type}.`);
  return row;
}

function byName(store: Store, type: TypeName, name: string): Row | undefined {
  if (type === "Issue" && /^[A-Z]+-\d+$/i.test(name))
    return [...store.issues.values()].find((row) => [identifier(store, row), ...row.previousIdentifiers].includes(name.toUpperCase()));
  if (type === "Team") return [...store.teams.values()].find((row) => row.key === name);
  if (type === "Project") return [...store.projects.values()].find((row) => row.slugId === name);
  return type === "Document" ? [...store.documents.values()].find((row) => row.slugId === name) : undefined;
}

export const QUERIES: Readonly<Record<string, Root>> = {
  viewer: (_, { viewer }) => viewer.user,
  organization: (_, { store }) => store.organization,
  rateLimitStatus: (_, { viewer, limits }) => ({
    identifier: viewer.user.id,
    kind: viewer.access.kind === "key" ? "apiKey" : "oauth",
    limits: limits.map(({ name, limit, remaining, reset }) => {
      const requestedAmount = limit - remaining;
      return {
        type: name.toLowerCase(),
        allowedAmount: limit,
        remainingAmount: remaining,
        requestedAmount,
        period: BEHAVIOUR.periodMs,
        reset,
      };
    }),
  }),
  ...Object.fromEntries(
    ROOTS.flatMap(([type, one, many]): [string, Root][] => [
      [one, (args, context) => found(context, type, many, args.id)],
      [many, (args, context) => rootList(context, type, () => rowsOf(context.store, many).values(), args)],
    ]),
  ),
};
