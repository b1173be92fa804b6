import { expect, test } from "vitest";
import * as z from "zod";
import { encode, next, pageBy } from "#core/api/cursor.ts";

const Query = z.object(pageBy(z.tuple([z.coerce.date(), z.number().int()])));
const at = new Date("2026-01-01T00:00:00Z");

test("a cursor is the place where the page ended", () => {
  const cursor = next(
    [
      { at, n: 1 },
      { at, n: 7 },
    ],
    2,
    (row) => [row.at, row.n],
  );
  expect(Query.parse({ cursor, limit: "2" })).toEqual({ limit: 2, cursor: [at, 7] });
  expect(next([{ n: 1 }], 2, (row) => row.n)).toBeNull();
  expect(next([], 2, () => 1)).toBeNull();
});

test.each(["x", "%%%", encode("text"), encode([1]), encode({ at, n: 1 }), Buffer.from("{").toString("base64url"), "a".repeat(600)])(
  "%s is no cursor of this list",
  (cursor) => {
    expect(Query.safeParse({ cursor }).success).toBe(false);
  },
);

test.each([
  ["0", false],
  ["1", true],
  ["500", true],
  ["501", false],
  ["x", false],
  ["1.5", false],
  [undefined, true],
])("limit %s: %s", (limit, fine) => {
  expect(Query.safeParse({ limit }).success).toBe(fine);
});
