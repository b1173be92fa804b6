import { expect, test } from "vitest";
import * as Walk from "#core/connectors/attio/walk.ts";

const LIMIT = 20;
type List = Walk.Row[];
const list = (count: number, createdAt = (n: number) => `t${String(n).padStart(4, "0")}`): List =>
  Array.from({ length: count }, (_, n) => ({ id: `r${n}`, createdAt: createdAt(n) }));

/** Walks a list to its end; `between` may change it before the nth request, or answer in its place. */
function walk(
  rows: List,
  between: (nth: number, rows: List) => List | undefined = () => undefined,
  given: { known?: number; sure?: boolean } = {},
) {
  const seen = new Set<string>();
  let position = Walk.start(given.known ?? 0);
  for (let nth = 1; nth < 500; nth++) {
    const page = between(nth, rows) ?? rows.slice(position.offset, position.offset + LIMIT);
    for (const row of page) seen.add(row.id);
    const step = Walk.next(Walk.fromCursor(Walk.toCursor(position)), page, LIMIT, given.sure ?? false);
    position = step.position;
    if (step.done) return { missed: rows.filter((row) => !seen.has(row.id)).length, requests: nth, rows: position.rows };
  }
  throw new Error("it does not end");
}

test.each([0, 1, 5, 19, 20, 21, 40, 97, 400])("a list of %i is walked whole, and its length is known at the end", (count) => {
  expect(walk(list(count))).toMatchObject({ missed: 0, rows: count });
});

test("a short page ends a list that was as long last time, unless one has to be sure; otherwise it is asked on from once more", () => {
  expect(walk(list(12), undefined, { known: 12 }).requests).toBe(1);
  expect(walk(list(13), undefined, { known: 12 }).requests).toBe(1);
  expect(walk(list(11), undefined, { known: 12 }).requests).toBe(2);
  expect(walk(list(12), undefined, { known: 12, sure: true }).requests).toBe(2);
  expect(walk(list(12)).requests).toBe(2);
});

test.each([
  ["a few rows go before the next page", (rows: List) => void rows.splice(0, Walk.OVERLAP - 1)],
  ["more rows go than the overlap holds", (rows: List) => void rows.splice(0, 14)],
  ["rows come at the end", (rows: List) => void rows.push({ id: "new", createdAt: "t9999" })],
])("%s: nothing that stays is missed", (_, change) => {
  expect(walk(list(97), (nth, rows) => (nth === 3 ? change(rows) : undefined) ?? undefined)).toMatchObject({ missed: 0 });
});

test("a page that is short or empty by mistake, even just after a step back, ends nothing", () => {
  expect(walk(list(97), (nth, rows) => (nth === 2 ? rows.slice(15, 18) : undefined)).missed).toBe(0);
  expect(walk(list(97), (nth) => (nth === 3 ? [] : undefined)).missed).toBe(0);
  expect(walk(list(97), (nth) => (nth === 1 ? [] : undefined), { sure: true }).missed).toBe(0);
  expect(walk(list(7), (nth) => (nth === 1 ? [] : undefined), { known: 7 }).missed).toBe(0);
  expect(walk(list(97), (nth) => (nth === 3 || nth === 5 ? [] : undefined)).missed).toBe(0);
});

test("equal times that lie across a page's edge may change their order between pages", () => {
  const rows = list(60, (n) => (n >= 12 && n < 30 ? "t0012" : `t${String(n).padStart(4, "0")}`));
  const turn = (nth: number, all: List) => {
    if (nth === 2) all.splice(12, 18, ...all.slice(12, 30).toReversed());
    return undefined;
  };
  expect(walk(rows, turn).missed).toBe(0);
});

test("a list in no order at all still ends", () => {
  const shuffle = (_: number, rows: List) => {
    rows.sort(() => 0.5 - Math.random());
    return undefined;
  };
  expect(walk(list(97), shuffle).requests).toBeLessThan(60);
});
