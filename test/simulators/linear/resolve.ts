import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType, getNullableType, isLeafType, isNonNullType } from "graphql";
import type { Limit } from "#test/simulators/linear/bucket.ts";
import { computed } from "#test/simulators/linear/computed.ts";
import { passes } from "#test/simulators/linear/filter.ts";
import { CONSTANT, NEVER } from "#test/simulators/linear/gaps.ts";
import { many, one, type Row, type TypeName } from "#test/simulators/linear/graph.ts";
import { changeOf } from "#test/simulators/linear/history.ts";
import { type Connection, type PageArgs, page, sorted } from "#test/simulators/linear/page.ts";
import { Unimplemented } from "#test/simulators/linear/refusal.ts";
import type { Store } from "#test/simulators/linear/store.ts";
import { cached } from "#test/simulators/linear/store.ts";
import { type Viewer, visible } from "#test/simulators/linear/viewer.ts";

export type Context = {
  store: Store;
  viewer: Viewer;
  /** A fault's: no root list of the answer is longer. */
  cap: number | undefined;
  /** What this request's token has left. */
  limits: readonly Limit[];
  roots: Readonly<Record<string, Readonly<Record<string, Root>>>>;
};
export type Root = (args: Args, context: Context) => unknown;
export type Args = Readonly<Record<string, unknown>>;
type ListArgs = PageArgs & { filter?: Record<string, unknown> | null; includeArchived?: boolean | null; includeDisabled?: boolean | null };
const LIST_ARGS = new Set(["first", "last", "after", "before", "orderBy", "filter", "includeArchived", "includeDisabled"]);

/** Every field of every type: what is neither stored nor derived nor said to be absent throws, so that no answer is made up. */
export const resolve: GraphQLFieldResolver<unknown, Context> = (source, args: Args, context, info) => {
  const type = info.parentType.name;
  const field = info.fieldName;
  const root = context.roots[type]?.[field];
  if (root) return root(args, context);
  if (source === undefined) throw new Unimplemented(`${type}.${field}`);
  const row = source as Row & Record<string, unknown>;
  const told = type === "IssueHistory" ? changeOf(context.store, row as never, field) : undefined;
  if (told !== undefined) return told;
  const read = computed(type, field);
  if (read) return read(row as never, context.store, context.viewer);
  const list = many(type, field);
  if (list) {
    const [target, find] = list;
    return connection(context, target, find(context.store, row as never), args);
  }
  const link = one(type, field);
  if (link) {
    const [target, find] = link;
    const found = find(context.store, row as never);
    return found && (info.returnType.toString().endsWith("!") || visible(context.store, context.viewer, target, found)) ? found : null;
  }
  const stored = row[field];
  if (stored !== undefined) return stored;
  const constant = CONSTANT[type]?.[field];
  if (constant !== undefined) return constant;
  if (NEVER[type]?.has(field)) return null;
  return leafOr(undefined, info);
};

function leafOr(found: unknown, info: GraphQLResolveInfo): unknown {
  if (found !== undefined) return found;
  const leaf = isLeafType(getNamedType(info.returnType)) && getNullableType(info.returnType) === info.returnType;
  if (leaf && !isNonNullType(info.returnType)) return null;
  throw new Unimplemented(`${info.parentType.name}.${info.fieldName}`);
}

/** What filters mean another thing by as time goes: durations, and what is active, past or next. */
const TIMELY = /"-?P[\dT]|"is[A-Z]/;

/** A page of a root list: of all rows of a type that the viewer may see. Clients walk many pages by one filter, so what it leaves is kept. */
export function rootList(context: Context, type: TypeName, rows: () => Iterable<Row>, args: Args): Connection {
  const { store, viewer } = context;
  const { orderBy, filter, includeArchived, includeDisabled } = args as ListArgs;
  const key = `${type} ${viewer.access.token} ${orderBy ?? "createdAt"}`;
  const all = cached(store, key, () => {
    const seen = [...rows()].filter((row) => visible(store, viewer, type, row));
    return sorted(seen, orderBy ?? "createdAt");
  });
  const chosen = JSON.stringify([filter, includeArchived, includeDisabled]);
  const wanted = TIMELY.test(chosen)
    ? keep(context, type, all, args)
    : cached(store, `${key} ${chosen}`, () => keep(context, type, all, args));
  return page(wanted, args, context.cap);
}

/** A page of what hangs from a row, newest first. */
function connection(context: Context, type: TypeName, rows: readonly Row[], args: Args): Connection {
  const seen = rows.filter((row) => visible(context.store, context.viewer, type, row));
  return page(keep(context, type, sorted(seen, (args as ListArgs).orderBy ?? "createdAt"), args), args);
}

function keep(context: Context, type: TypeName, rows: readonly Row[], args: Args): readonly Row[] {
  for (const [key, value] of Object.entries(args))
    if (!LIST_ARGS.has(key) && value !== null && value !== false && value !== undefined) throw new Unimplemented(`the argument ${key}`);
  const { filter, includeArchived, includeDisabled } = args as ListArgs;
  return rows.filter(
    (row) =>
      (includeArchived === true || row.archivedAt === null) &&
      (type !== "User" || includeDisabled === true || (row as unknown as { active: boolean }).active) &&
      (!filter || passes(context.store, context.viewer, type, row, filter)),
  );
}
