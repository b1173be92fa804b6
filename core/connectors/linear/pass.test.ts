import { expect, test } from "vitest";
import type { Cursor } from "#core/connectors/connector.ts";
import type { List } from "#core/connectors/linear/api.ts";
import * as Pass from "#core/connectors/linear/pass.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const page = (next: string | null, ...stamps: string[]): List => ({ rows: stamps.map((updatedAt) => ({ updatedAt })), broken: [], next });
const KINDS = ["issues", "comments"] as const;
const step = (cursor: Cursor | undefined, lists: Record<string, List>) => Pass.next(Pass.legs(KINDS, cursor), lists, now);

test("a backfill has no filter; its watermark is the first page's newest row, whatever later pages show", () => {
  expect(Pass.ask(Pass.legs(KINDS, undefined))).toEqual({ pages: { issues: null, comments: null }, filters: {} });
  const first = step(undefined, {
    issues: page("a", "2026-03-10T11:00:00.000Z", "2026-03-09T11:00:00.000Z"),
    comments: page(null, "2026-03-01T00:00:00.000Z"),
  });
  expect(first.done).toBe(false);
  // The kind that ended is not asked for again.
  expect(Pass.ask(Pass.legs(KINDS, first.cursor)).pages).toEqual({ issues: "a" });
  const second = step(first.cursor, { issues: page(null, "2026-03-10T11:59:00.000Z") });
  expect(second).toEqual({ done: true, cursor: { issues_since: "2026-03-10T11:00:00.000Z", comments_since: "2026-03-01T00:00:00.000Z" } });
  expect(Pass.ask(Pass.legs(KINDS, second.cursor)).filters).toEqual({
    issues: { updatedAt: { gte: "2026-03-10T10:58:00.000Z" } },
    comments: { updatedAt: { gte: "2026-02-28T23:58:00.000Z" } },
  });
});

test("a watermark stays on a quiet pass, never goes back, and never ahead of the clock", () => {
  const since = { issues_since: "2026-03-10T11:00:00.000Z", comments_since: "2026-03-10T11:00:00.000Z" };
  expect(step(since, { issues: page(null), comments: page(null, "2026-03-10T10:59:00.000Z") }).cursor).toEqual(since);
  const ahead = step(since, { issues: page(null, "2099-01-01T00:00:00.000Z"), comments: page(null, "junk") });
  expect(ahead.cursor).toEqual({ ...since, issues_since: now.toISOString() });
});

test("a row that was set aside counts for the watermark; a pass that starts over keeps its filter and forgets its page", () => {
  const first = step(undefined, {
    issues: { rows: [], broken: [{ raw: { updatedAt: "2026-03-10T11:00:00.000Z" }, message: "no" }], next: "a" },
    comments: page(null),
  });
  const again = Pass.again(Pass.legs(KINDS, first.cursor));
  expect(again.issues).toEqual({ since: null, newest: null, after: null, done: false });
  expect(again.comments.done).toBe(true);
});
