import { expect, test } from "vitest";
import * as Ends from "#core/connectors/attio/ends.ts";

const LIMIT = 50;
const SINCE = 1_000;

/** Looks for what is new in a list of times; answers what was seen of it, in how many pages, and where to begin next time. */
function look(list: readonly number[], length: number, newestLast: boolean) {
  const seen: number[] = [];
  let at = Ends.begin(newestLast, length);
  for (let pages = 1; pages < 100; pages++) {
    const times = list.slice(at.offset, at.offset + LIMIT);
    seen.push(...times);
    const step = Ends.next(at, times, LIMIT, SINCE, length);
    if (step.done) return { fresh: new Set(seen.filter((time) => time >= SINCE)).size, pages, newestLast: step.newestLast };
    at = step.next;
  }
  throw new Error("it does not end");
}
const old = Array.from({ length: 300 }, (_, n) => n);
const fresh = (count: number) => Array.from({ length: count }, (_, n) => SINCE + n);

test.each([0, 1, 49, 50, 130])("%i new ones are seen at whichever end they come, and next time that end is looked at alone", (count) => {
  const rising = [...old, ...fresh(count)];
  expect(look(rising.toReversed(), 300, false)).toMatchObject({ fresh: count, newestLast: false });
  expect(look(rising, 300, false)).toMatchObject({ fresh: count, newestLast: true });
  expect(look(rising, 300, true)).toMatchObject({ fresh: count, newestLast: true });
});

test("a quiet look is one page", () => {
  expect(look(old.toReversed(), 300, false).pages).toBe(1);
  expect(look(old, 300, true).pages).toBe(1);
});

test("without any order both ends are looked at, each time anew", () => {
  const mixed = [...old, ...fresh(3)].toSorted((a, b) => ((a * 7_919) % 1_009) - ((b * 7_919) % 1_009));
  expect(look(mixed, 300, false).newestLast).toBe(false);
});
