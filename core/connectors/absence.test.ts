import { expect, test } from "vitest";
import { suspicious } from "#core/connectors/absence.ts";

test.each([
  [{ gone: 0, live: 0 }, false],
  [{ gone: 10, live: 10 }, false],
  [{ gone: 11, live: 11 }, true],
  [{ gone: 11, live: 110 }, false],
  [{ gone: 11, live: 109 }, true],
  [{ gone: 500, live: 10_000 }, false],
])("%o is suspicious: %s", (count, expected) => {
  expect(suspicious(count)).toBe(expected);
});
