import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { retrySeconds } from "#core/connectors/errors.ts";
import { getJson, retryAfter } from "#core/connectors/http.ts";
import { completeness } from "#core/connectors/reconcile.ts";
import { budget } from "#core/jobs/budget.ts";
import { backoffSeconds } from "#core/jobs/settle.ts";

const now = new Date("2026-02-17T12:00:00Z");

test.each([
  ["90", "2026-02-17T12:01:30.000Z"],
  ["Tue, 17 Feb 2026 12:05:00 GMT", "2026-02-17T12:05:00.000Z"],
  ["Tue, 17 Feb 2026 11:00:00 GMT", undefined],
  ["0", undefined],
  ["soon", undefined],
  [null, undefined],
  ["999999999", "2026-02-18T12:00:00.000Z"],
])("Retry-After %s means %s", (header, expected) => {
  expect(retryAfter(header, now)?.toISOString()).toBe(expected);
});

test("a connector's error is retried after 30, 60, 120, 240, 480 seconds, at most six hours", () => {
  expect([0, 1, 2, 3, 4, 5, 12].map(retrySeconds)).toEqual([30, 30, 60, 120, 240, 480, 21_600]);
});

test("a run backs off 30 s · 2^(n-1), ±15 %, at most an hour", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map((n) => backoffSeconds(n, 0.5))).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600]);
  expect(backoffSeconds(1, 0)).toBeCloseTo(25.5);
  expect(backoffSeconds(1, 1)).toBeCloseTo(34.5);
});

test("completeness in percent: an empty mirror of an empty source is complete, and it never leaves 0 to 100", () => {
  expect([completeness(0, 0, 0), completeness(100, 10, 5), completeness(10, 20, 0), completeness(3, 1, 0)]).toEqual([100, 85, 0, 66.67]);
});

test("an upstream that never answers is a network error after three tries, each counted", async () => {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const spent = budget({ seconds: 30, requests: 100 });
  const asked = getJson({ source: "chatwoot", url, headers: {}, budget: spent, timeoutMs: 60 });
  await expect(asked).rejects.toMatchObject({ kind: "network", why: { code: "network", params: { problem: "no answer in time" } } });
  expect(spent.requests).toBe(3);
  server.closeAllConnections();
  server.close();
});
