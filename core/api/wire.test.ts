import { expect, test } from "vitest";
import * as z from "zod";
import { fromWire, toWire } from "#core/api/wire.ts";

const Row = z.object({
  projectId: z.string(),
  lastSeenAt: z.date().nullable(),
  p95Ms: z.number().optional(),
  counters: z.record(z.string(), z.object({ readCount: z.number() })),
  manyRows: z.array(z.object({ rowId: z.number() })).default([]),
});

test("fields are renamed both ways, at any depth; the keys of a record are data", () => {
  const at = new Date("2026-01-01T00:00:00Z");
  const row = {
    projectId: "p",
    lastSeenAt: at,
    p95Ms: 3,
    counters: { cwMessages: { readCount: 2 }, a_b: { readCount: 1 } },
    manyRows: [{ rowId: 1 }],
  };
  const wire = {
    project_id: "p",
    last_seen_at: at,
    p95_ms: 3,
    counters: { cwMessages: { read_count: 2 }, a_b: { read_count: 1 } },
    many_rows: [{ row_id: 1 }],
  };
  expect(toWire(Row, row)).toEqual(wire);
  expect(fromWire(Row, wire)).toEqual(row);
  expect(JSON.stringify(toWire(Row, { lastSeenAt: at }))).toBe('{"last_seen_at":"2026-01-01T00:00:00.000Z"}');
});

test("what the schema does not name does not leave", () => {
  const secret = { projectId: "p", passwordHash: "x", manyRows: [{ rowId: 1, keyHash: "y" }] };
  expect(toWire(Row, secret)).toEqual({ project_id: "p", many_rows: [{ row_id: 1 }] });
});

test("a field comes in under its one name; any other stays unknown, and a strict schema says so", () => {
  const Strict = z.strictObject({ timeZone: z.string().optional() });
  expect(Strict.safeParse(fromWire(Strict, { time_zone: "UTC" })).data).toEqual({ timeZone: "UTC" });
  expect(Strict.safeParse(fromWire(Strict, { timeZone: "UTC" })).success).toBe(false);
  expect(Strict.safeParse(fromWire(Strict, { time__zone: "UTC" })).success).toBe(false);
  expect(fromWire(Strict, JSON.parse('{"__proto__":{"a":1}}'))).not.toHaveProperty("a");
});

test("transforms, unions and what is no object pass through", () => {
  const Body = z.object({
    itemIds: z.array(z.string()).transform((ids) => new Set(ids)),
    oneOf: z.union([z.object({ firstKind: z.string() }), z.object({ secondKind: z.number() })]),
  });
  expect(Body.parse(fromWire(Body, { item_ids: ["a", "a"], one_of: { second_kind: 1 } }))).toEqual({
    itemIds: new Set(["a"]),
    oneOf: { secondKind: 1 },
  });
  expect(toWire(Body.shape.oneOf, { firstKind: "x" })).toEqual({ first_kind: "x" });
  for (const value of [null, undefined, 3, "text", []]) expect(fromWire(Row, value)).toEqual(value);
});
