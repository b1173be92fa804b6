import { afterAll, beforeAll, expect, test } from "vitest";
import { systemSql } from "#core/db.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

test.each([
  ["Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00.000Z"],
  ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-30T01:00:00.000Z"],
  ["Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00.000Z"],
  ["Asia/Yekaterinburg", "2026-06-01T22:00:00Z", "2026-06-02T22:00:00.000Z"],
  ["America/Los_Angeles", "2026-03-08T05:00:00Z", "2026-03-08T10:00:00.000Z"],
])("a daily job at 3 in %s, seen from %s, is next due at %s", async (zone, moment, expected) => {
  const [row] = await systemSql<{ next: Date }[]>`select next_grid_point(86400, 3, null, ${zone}, ${moment}) as next`;
  expect(row?.next.toISOString()).toBe(expected);
});

test("a weekly job comes on its weekday, in the project's time zone", async () => {
  const [row] = await systemSql<{ next: Date }[]>`select next_grid_point(604800, 4, 1, 'Asia/Tokyo', '2026-06-01T00:00:00Z') as next`;
  expect(row?.next.toISOString()).toBe("2026-06-07T19:00:00.000Z");
});

test("a zone that Postgres does not know is taken as UTC, whatever else the statement asks", async () => {
  const rows = await systemSql<{ next: Date }[]>`
    select next_grid_point(86400, 3, null, zone, '2026-06-01T00:00:00Z') as next from unnest(array['CAT', 'Asia/Tokyo']) zone`;
  expect(rows.map((row) => row.next.toISOString())).toEqual(["2026-06-01T03:00:00.000Z", "2026-06-01T18:00:00.000Z"]);
});
