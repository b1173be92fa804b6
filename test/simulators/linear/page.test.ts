import * as fc from "fast-check";
import { expect, test } from "vitest";
import { page, sorted } from "#test/simulators/linear/page.ts";

const row = (id: string, createdAt: number, updatedAt = createdAt) => ({ id, createdAt, updatedAt, archivedAt: null });
const ids = (rows: readonly { id: string }[]) => rows.map((one) => one.id);

test("newest first by the key asked for, and among equals always the same order", () => {
  const rows = [row("a", 1, 9), row("c", 2, 3), row("b", 2, 3)];
  expect(ids(sorted(rows, "createdAt"))).toEqual(["b", "c", "a"]);
  expect(ids(sorted(rows, "updatedAt"))).toEqual(["a", "b", "c"]);
});

test("walking pages forwards or backwards gives every row once, whatever the size and however many stamps are equal", async () => {
  const walk = fc.property(
    fc.array(fc.nat(5), { maxLength: 40 }),
    fc.integer({ min: 1, max: 12 }),
    fc.boolean(),
    (stamps, size, forwards) => {
      const rows = sorted(
        stamps.map((at, n) => row(`id-${n}`, at)),
        "createdAt",
      );
      const seen: string[] = [];
      let cursor: string | null = null;
      for (;;) {
        const { nodes, pageInfo } = page(rows, forwards ? { first: size, after: cursor } : { last: size, before: cursor });
        if (forwards) seen.push(...ids(nodes));
        else seen.unshift(...ids(nodes));
        expect(forwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage).toBe(cursor !== null && rows.length > 0);
        if (!(forwards ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) break;
        cursor = forwards ? pageInfo.endCursor : pageInfo.startCursor;
      }
      expect(seen).toEqual(ids(rows));
    },
  );
  await fc.assert(walk, { numRuns: 200 });
});

test("a row that moves to the front while a client reads is behind its cursor", () => {
  const rows = [row("a", 1), row("b", 2), row("c", 3), row("d", 4)];
  const first = page(sorted(rows, "updatedAt"), { first: 2, orderBy: "updatedAt" });
  expect(ids(first.nodes)).toEqual(["d", "c"]);
  (rows[0] as { updatedAt: number }).updatedAt = 9;
  const second = page(sorted(rows, "updatedAt"), { first: 2, orderBy: "updatedAt", after: first.pageInfo.endCursor });
  expect(ids(second.nodes)).toEqual(["b"]);
  expect(second.pageInfo.hasNextPage).toBe(false);
});

test("a page has fifty rows unless told, and 250 are the most", () => {
  const rows = Array.from({ length: 300 }, (_, n) => row(`id-${n}`, n));
  expect(page(rows, {}).nodes.length).toBe(50);
  expect(page(rows, { first: 250 }).nodes.length).toBe(250);
  expect(() => page(rows, { first: 251 })).toThrow("between 1 and 250");
  expect(() => page(rows, { first: 0 })).toThrow("between 1 and 250");
  expect(() => page(rows, { first: 2, last: 2 })).toThrow("together");
});

test("a cursor belongs to its order", () => {
  const rows = [row("a", 2), row("b", 1)];
  const { endCursor } = page(rows, { first: 1 }).pageInfo;
  expect(() => page(rows, { first: 1, after: endCursor, orderBy: "updatedAt" })).toThrow("cursor");
  expect(() => page(rows, { first: 1, after: "nonsense" })).toThrow("cursor");
});

test("a page made empty stands where it was asked for: nothing is lost behind it", () => {
  const rows = [row("a", 3), row("b", 2), row("c", 1)];
  const empty = page(rows, { first: 2 }, 0);
  expect([empty.nodes.length, empty.pageInfo.hasNextPage]).toEqual([0, true]);
  expect(ids(page(rows, { first: 2, after: empty.pageInfo.endCursor }).nodes)).toEqual(["a", "b"]);
  const short = page(rows, { first: 2 }, 1);
  expect(ids(page(rows, { first: 2, after: short.pageInfo.endCursor }).nodes)).toEqual(["b", "c"]);
});
