import { expect, test } from "vitest";
import { buckets, resetAt } from "#core/connectors/linear/limits.ts";
import { refusal } from "#core/connectors/linear/refusal.ts";

const answer = (body: unknown, status = 200, headers: Record<string, string> = {}) => ({ status, headers: new Headers(headers), body });
const error = (code: string, type: string, path?: (string | number)[]) => ({ message: "no", path, extensions: { code, type } });
const future = String(Date.now() + 600_000);

test.each([
  ["RATELIMITED", "ratelimited", 400, "rate_limited", 400],
  ["AUTHENTICATION_ERROR", "authentication error", 400, "auth", 401],
  ["FORBIDDEN", "forbidden", 200, "auth", 403],
  ["?", "feature not accessible", 200, "auth", 403],
  ["GRAPHQL_VALIDATION_FAILED", "graphql error", 400, "invalid_data", 400],
  ["INPUT_ERROR", "invalid input", 200, "invalid_data", 200],
  ["INTERNAL_SERVER_ERROR", "internal error", 200, "upstream", 200],
  ["LOCK_TIMEOUT", "lock timeout", 500, "upstream", 500],
  ["?", "something new", 200, "upstream", 200],
])("%s (%s) as HTTP %i is %s", (code, type, status, kind, said) => {
  expect(refusal(answer({ data: null, errors: [error(code, type)] }, status))).toMatchObject({ kind, status: said });
});

test("errors of single rows are not the page's; one that means more is", () => {
  const data = { issues: { nodes: [{}, {}] } };
  const ofRow = error("INTERNAL_SERVER_ERROR", "internal error", ["issues", "nodes", 1, "title"]);
  expect(refusal(answer({ data, errors: [ofRow] }))).toBeUndefined();
  expect(refusal(answer({ data, errors: [ofRow, error("RATELIMITED", "ratelimited", ["issues", "nodes", 0])] }))).toMatchObject({
    kind: "rate_limited",
  });
  expect(refusal(answer({ data, errors: [error("?", "?", ["issues", "pageInfo"])] }))).toMatchObject({ kind: "upstream" });
  expect(refusal(answer({ data: { issues: null }, errors: [ofRow] }))).toMatchObject({ kind: "upstream" });
  expect(refusal(answer({ data }))).toBeUndefined();
});

test("when to come back: the bucket that is empty says so, in milliseconds; else both; else Retry-After; else nobody knows", () => {
  const headers = {
    "x-ratelimit-requests-remaining": "0",
    "x-ratelimit-requests-reset": future,
    "x-ratelimit-complexity-remaining": "500",
    "x-ratelimit-complexity-reset": String(Number(future) + 1_000_000),
  };
  const limited = { errors: [error("RATELIMITED", "ratelimited")] };
  expect(refusal(answer(limited, 400, headers))?.retryAt).toEqual(new Date(Number(future)));
  expect(refusal(answer(limited, 400, { "retry-after": "90" }))?.retryAt?.getTime()).toBeGreaterThan(Date.now() + 60_000);
  expect(refusal(answer(limited, 400))?.retryAt).toBeUndefined();
  expect(resetAt(new Headers({ ...headers, "x-ratelimit-requests-remaining": "9" }), new Date())).toEqual(
    new Date(Number(future) + 1_000_000),
  );
  expect(resetAt(new Headers(headers), new Date(Number(future) + 1))).toBeUndefined();
  expect(buckets(new Headers({ "x-ratelimit-requests-remaining": "many" }))).toEqual({ requests: undefined, complexity: undefined });
});
