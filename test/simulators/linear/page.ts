import { BEHAVIOUR } from "#test/simulators/linear/behaviour.ts";
import type { Row } from "#test/simulators/linear/graph.ts";
import { Refusal } from "#test/simulators/linear/refusal.ts";

export type OrderBy = "createdAt" | "updatedAt";
export type PageArgs = {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  orderBy?: OrderBy | null;
};
export type Edge = { node: Row; cursor: string };
export type Connection = {
  edges: Edge[];
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};
type Position = readonly [value: number, id: string];

/** Newest first (linear.app/developers/pagination), and among equals by id: there is no direction to ask for. */
export function sorted(rows: Iterable<Row>, orderBy: OrderBy): Row[] {
  return [...rows].sort((a, b) => order([a[orderBy], a.id], [b[orderBy], b.id]));
}
const order = (a: Position, b: Position): number => b[0] - a[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);

/**
 * A page of rows that are already sorted. A cursor is a place in the order, not a row: what moves to the front while a client reads is behind it.
 * `cap` shortens the page below what was asked for, as a fault does.
 */
export function page(rows: readonly Row[], args: PageArgs, cap = Number.POSITIVE_INFINITY): Connection {
  const orderBy = args.orderBy ?? "createdAt";
  for (const size of [args.first, args.last])
    if (typeof size === "number" && (size < 1 || size > BEHAVIOUR.maxFirst))
      throw new Refusal("input", `Argument Validation Error: first and last must be between 1 and ${BEHAVIOUR.maxFirst}, not ${size}`);
  if (typeof args.first === "number" && typeof args.last === "number")
    throw new Refusal("input", "Argument Validation Error: first and last cannot be used together");
  const after = args.after == null ? undefined : opened(args.after, orderBy);
  const before = args.before == null ? undefined : opened(args.before, orderBy);
  const from = after ? upper(rows, after, orderBy) : 0;
  const to = before ? lower(rows, before, orderBy) : rows.length;
  const backwards = typeof args.last === "number";
  const size = Math.min((backwards ? args.last : args.first) ?? BEHAVIOUR.defaultFirst, cap);
  const start = backwards ? Math.max(from, to - size) : from;
  const end = backwards ? to : Math.min(to, from + size);
  const nodes = rows.slice(start, Math.max(start, end));
  const edges = nodes.map((node) => ({ node, cursor: cursor(orderBy, [node[orderBy], node.id]) }));
  // An empty page stands where it was asked for, so that the next one begins there.
  const empty = size === 0 ? (args.after ?? cursor(orderBy, [Number.MAX_SAFE_INTEGER, ""])) : null;
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: end < rows.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? empty,
      endCursor: edges.at(-1)?.cursor ?? empty,
    },
  };
}

function cursor(orderBy: OrderBy, position: Position): string {
  return Buffer.from(JSON.stringify([orderBy, ...position])).toString("base64url");
}

function opened(given: string, orderBy: OrderBy): Position {
  try {
    const [by, value, id] = JSON.parse(Buffer.from(given, "base64url").toString()) as [OrderBy, number, string];
    if (by === orderBy && typeof value === "number" && typeof id === "string") return [value, id];
  } catch {}
  throw new Refusal("input", `Argument Validation Error: the cursor ${given} is not one of this list in this order`);
}

/** The first index behind a position, and the first at or behind it. */
const upper = (rows: readonly Row[], at: Position, orderBy: OrderBy) => search(rows, (row) => order([row[orderBy], row.id], at) > 0);
const lower = (rows: readonly Row[], at: Position, orderBy: OrderBy) => search(rows, (row) => order([row[orderBy], row.id], at) >= 0);
function search(rows: readonly Row[], behind: (row: Row) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (behind(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
}
