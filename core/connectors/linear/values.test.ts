import { expect, test } from "vitest";
import * as Values from "#core/connectors/linear/values.ts";

test("an instant or a day that no column can hold is none", () => {
  expect(Values.instant("+012000-01-01T00:00:00Z")).toBeNull();
  expect(Values.instant("-000001-01-01T00:00:00Z")).toBeNull();
  expect(Values.instant("2026-03-01T09:00:00Z")).toBe("2026-03-01T09:00:00.000Z");
  expect(["0000-01-01", "2026-02-30", "2026-02-28T10:00:00Z"].map(Values.date)).toEqual([null, null, "2026-02-28"]);
});

test("a whole number is within the column's range once it is rounded", () => {
  expect([2 ** 31 - 1, 2 ** 31 - 0.5, -(2 ** 31), Number.NaN].map(Values.whole)).toEqual([2 ** 31 - 1, null, null, null]);
});
