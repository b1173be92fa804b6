import { expect, test } from "vitest";
import * as Plan from "#core/connectors/attio/plan.ts";

const one = (stream: string, rows: number, given: Partial<Plan.Standing> = {}): Plan.Standing => ({
  stream,
  limit: stream === "notes_sweep" ? 50 : 500,
  rows,
  sweptAt: 0,
  underWay: false,
  backfill: false,
  failed: false,
  ...given,
});
const small = [
  one("deals_sweep", 80),
  one("companies_sweep", 400),
  one("people_sweep", 500),
  one("tasks_sweep", 20),
  one("notes_sweep", 120),
];
const large = [
  one("deals_sweep", 80),
  one("companies_sweep", 5_000, { sweptAt: 100 }),
  one("people_sweep", 9_000, { sweptAt: 200 }),
  one("notes_sweep", 2_000, { sweptAt: 300 }),
];

test("a small workspace is read whole every cycle and promises just that", () => {
  expect(Plan.isWhole(small)).toBe(true);
  for (const { stream } of small) expect(Plan.hasTurn(small, stream, 0)).toBe(true);
  for (const { stream } of small) expect(Plan.promise(small, stream)).toBe(15);
});

test("in a large one what fits a page goes every cycle, the others one at a time, the one that waits longest first", () => {
  expect(large.map(({ stream }) => Plan.hasTurn(large, stream, 0))).toEqual([true, true, false, false]);
  const underWay = large.map((row) => (row.stream === "people_sweep" ? { ...row, underWay: true } : row));
  expect(underWay.map(({ stream }) => Plan.hasTurn(underWay, stream, 0))).toEqual([true, false, true, false]);
});

test("a spent budget stops all but a backfill, and a stream that failed holds up no other", () => {
  expect(Plan.hasTurn(small, "deals_sweep", Plan.SWEEP_REQUESTS)).toBe(false);
  const anew = small.map((row) => ({ ...row, backfill: true }));
  expect(Plan.hasTurn(anew, "deals_sweep", Plan.SWEEP_REQUESTS)).toBe(true);
  const failed = large.map((row) => (row.stream === "companies_sweep" ? { ...row, failed: true, underWay: true } : row));
  expect(Plan.hasTurn(failed, "people_sweep", 0)).toBe(true);
});

test("a round's requests over what a cycle may spend is what a stream promises, in minutes", () => {
  expect(Plan.requestsFor(0, 500)).toBe(1);
  expect(Plan.requestsFor(5_000, 500)).toBe(11);
  expect(Plan.freshnessMinutes(11, 10, 15)).toBe(30);
  expect(Plan.freshnessMinutes(1, 10, 15)).toBe(15);
  // 11 + 19 + 45 requests, 9 a cycle beside the deals: nine cycles.
  expect(Plan.promise(large, "people_sweep")).toBe(135);
  expect(Plan.promise(large, "deals_sweep")).toBe(15);
});

test("how a sweep stands is read from its cursor", () => {
  expect(Plan.standing("people_sweep", 500, undefined, "idle")).toMatchObject({ backfill: true, underWay: false });
  expect(Plan.standing("people_sweep", 500, { backfill: true, offset: 495 }, "idle")).toMatchObject({ backfill: true, underWay: true });
  expect(Plan.standing("people_sweep", 500, { rows: 900, swept_at: 7 }, "failed")).toEqual({
    ...{ stream: "people_sweep", limit: 500, rows: 900, sweptAt: 7 },
    ...{ underWay: false, backfill: false, failed: true },
  });
});
