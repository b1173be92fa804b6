import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { compare, type Filtered, filtered, readings } from "#test/simulators/attio/filter.ts";
import { Refusal } from "#test/simulators/attio/refusal.ts";
import type { Holder, Shape } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { MAIN_KEY } from "#test/simulators/attio/values.ts";

export type Asked = { filter?: unknown; sorts?: unknown; limit?: unknown; offset?: unknown };
type Order = (a: Holder, b: Holder) => number;

/** One page of records or entries. Without sorts their order is no one's promise; equals stand in that same order. */
export function page<T extends Holder>(
  store: Store.Store,
  shape: Shape,
  rows: readonly T[],
  asked: Asked,
): { rows: T[]; complexity: number } {
  const filter: Filtered = filtered(shape, asked.filter);
  const orders = ordersOf(shape, asked.sorts);
  const { limit, offset } = span(asked.limit, asked.offset, BEHAVIOUR.queryLimit, BEHAVIOUR.queryLimit);
  const found = rows
    .filter(filter.matches)
    .map((row) => ({ row, place: Store.place(store, row.id) }))
    .sort((a, b) => {
      for (const order of orders) {
        const by = order(a.row, b.row);
        if (by !== 0) return by;
      }
      return a.place - b.place;
    });
  const complexity = Math.ceil(limit / 100) * (1 + filter.conditions + orders.length);
  return { rows: found.slice(offset, offset + limit).map((one) => one.row), complexity };
}

/** From and to which row, with the vendor's own default and maximum. */
export function span(limit: unknown, offset: unknown, usual: number, most: number): { limit: number; offset: number } {
  const size = limit === undefined ? usual : Number(limit);
  const from = offset === undefined ? 0 : Number(offset);
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw new Refusal(400, "validation_type", `limit must be a whole number from 1 to ${most}.`);
  if (!Number.isInteger(from) || from < 0) throw new Refusal(400, "validation_type", "offset must be a whole number from 0.");
  return { limit: size, offset: from };
}

function ordersOf(shape: Shape, sorts: unknown): Order[] {
  if (sorts === undefined) return [];
  if (!Array.isArray(sorts)) throw new Refusal(400, "validation_type", "sorts must be an array.");
  return sorts.map((one: { direction?: unknown; attribute?: unknown; field?: unknown; path?: unknown }) => {
    const attribute = typeof one.attribute === "string" ? Store.attribute(shape, one.attribute) : undefined;
    if (!attribute) throw new Refusal(400, "filter_error", `Error in sorts: unknown attribute "${String(one.attribute ?? one.path)}".`);
    const field = typeof one.field === "string" ? one.field : MAIN_KEY[attribute.type];
    const key = (row: Holder): unknown => {
      const [first] = row.values[attribute.slug] ?? [];
      return first && readings(first, field)[0];
    };
    const sign = one.direction === "desc" ? -1 : 1;
    return (a: Holder, b: Holder) => {
      const [left, right] = [key(a), key(b)];
      // What has no value comes last, either way.
      if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
      return compare(left, right) * sign || 0;
    };
  });
}
