import { expect, test } from "vitest";
import { distance } from "#core/memory/spelling.ts";

test.each([
  ["логотип", "логотип", 0],
  ["логтоип", "логотип", 1],
  ["договр", "договор", 1],
  ["deadlin", "deadine", 2],
  ["invoice", "invioce", 1],
  ["макет", "счёт", Number.POSITIVE_INFINITY],
  ["a", "abcd", Number.POSITIVE_INFINITY],
  ["", "ab", 2],
])("%s and %s are %d apart", (a, b, apart) => {
  expect(distance(a, b, 2)).toBe(apart);
  expect(distance(b, a, 2)).toBe(apart);
});
