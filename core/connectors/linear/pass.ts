import type { Cursor } from "#core/connectors/connector.ts";
import type { List } from "#core/connectors/linear/api.ts";
import { instant } from "#core/connectors/linear/values.ts";

/** What is this much older than the watermark is read once more: upstream's rows become visible after they are stamped. */
const OVERLAP_MS = 2 * 60_000;

/**
 * A pass over one kind: everything changed since `since`, newest first (all there is without it: a backfill). `newest` is the watermark of the pass to
 * come, of this pass's first page: a row that changes while later pages are read goes to the front, where only the next pass looks.
 */
export type Leg = { since: string | null; newest: string | null; after: string | null; done: boolean };

/** The legs of the pass a cursor is in; of a new pass when the last one ended. */
export function legs<K extends string>(kinds: readonly K[], cursor: Cursor | undefined): Record<K, Leg> {
  const value = (kind: K, key: string) => {
    const found = cursor?.[`${kind}_${key}`];
    return typeof found === "string" ? found : null;
  };
  const entries = kinds.map((kind): [K, Leg] => [
    kind,
    { since: value(kind, "since"), newest: value(kind, "newest"), after: value(kind, "after"), done: cursor?.[`${kind}_done`] === true },
  ]);
  return Object.fromEntries(entries) as Record<K, Leg>;
}

/** What to ask for next: the page of each leg that goes on, by kind, and each leg's filter. */
export function ask<K extends string>(
  given: Record<K, Leg>,
): { pages: Record<string, string | null>; filters: Partial<Record<K, object>> } {
  const going = (Object.entries(given) as [K, Leg][]).filter(([, leg]) => !leg.done);
  const filters = going.flatMap(([kind, { since }]) =>
    since === null ? [] : [[kind, { updatedAt: { gte: new Date(Date.parse(since) - OVERLAP_MS).toISOString() } }]],
  );
  return { pages: Object.fromEntries(going.map(([kind, leg]) => [kind, leg.after])), filters: Object.fromEntries(filters) };
}

/** The cursor after a page of each leg that was asked for, and whether the pass is over. A watermark is never ahead of `now`. */
export function next<K extends string>(
  given: Record<K, Leg>,
  lists: Readonly<Record<string, List>>,
  now: Date,
): { cursor: Cursor; done: boolean } {
  const moved = (Object.entries(given) as [K, Leg][]).map(([kind, leg]): [K, Leg] => {
    const list = lists[kind];
    if (leg.done || !list) return [kind, leg];
    const newest = leg.after === null ? watermark(list, leg.since, now) : leg.newest;
    return [kind, { ...leg, newest, after: list.next, done: list.next === null }];
  });
  const done = moved.every(([, leg]) => leg.done);
  return { cursor: cursorOf(Object.fromEntries(moved), done), done };
}

/** How a pass is kept: of one that is over, only where the next one begins. */
export function cursorOf(given: Readonly<Record<string, Leg>>, done: boolean): Cursor {
  const entries = Object.entries(given).flatMap(([kind, leg]): [string, string | boolean | null][] =>
    done
      ? [[`${kind}_since`, leg.newest]]
      : [
          [`${kind}_since`, leg.since],
          [`${kind}_newest`, leg.newest],
          [`${kind}_after`, leg.after],
          [`${kind}_done`, leg.done],
        ],
  );
  return Object.fromEntries(entries);
}

/** The same pass from its beginning: for cursors that upstream no longer knows. */
export function again<K extends string>(given: Record<K, Leg>): Record<K, Leg> {
  const entries = (Object.entries(given) as [K, Leg][]).map(([kind, leg]): [K, Leg] => [
    kind,
    leg.done ? leg : { ...leg, newest: null, after: null },
  ]);
  return Object.fromEntries(entries) as Record<K, Leg>;
}

function watermark({ rows, broken }: List, since: string | null, now: Date): string | null {
  const stamps = [...rows, ...broken.map(({ raw }) => raw)].flatMap(
    (row) => instant((row as { updatedAt?: unknown } | null)?.updatedAt) ?? [],
  );
  const newest = [since, ...stamps].reduce((latest, one) => (latest === null || (one !== null && one > latest) ? one : latest), null);
  return newest !== null && newest > now.toISOString() ? now.toISOString() : newest;
}
