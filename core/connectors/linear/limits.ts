import * as Clock from "#core/clock.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";

/** What is left of a bucket, and when it is full again. */
type Bucket = { remaining: number; resetAt: Date };
const known = new WeakMap<Reading, Bucket[]>();

const NAMES = ["requests", "complexity"] as const;

/** Both buckets as an answer's headers tell them; the reset is in epoch milliseconds (linear.app/developers/rate-limiting). */
export function buckets(headers: Headers): Record<(typeof NAMES)[number], Bucket | undefined> {
  const [requests, complexity] = NAMES.map((name) => {
    const remaining = Number(headers.get(`x-ratelimit-${name}-remaining`) ?? Number.NaN);
    const reset = Number(headers.get(`x-ratelimit-${name}-reset`) ?? Number.NaN);
    if (!Number.isFinite(remaining) || !Number.isFinite(reset) || Math.abs(reset) > 8.64e15) return undefined;
    return { remaining, resetAt: new Date(reset) };
  });
  return { requests, complexity };
}

/** Remembers what an answer said is left, for the rest of this read. */
export function note(reading: Reading, headers: Headers): void {
  const { requests, complexity } = buckets(headers);
  if (requests && complexity) known.set(reading, [requests, complexity]);
}

/** Stops before Linear has to: throws `rate_limited` when a request of so many points would not fit into what is left. */
export function refuseBeforeLinearDoes(reading: Reading, points: number): void {
  const [requests, complexity] = known.get(reading) ?? [];
  const now = Clock.now();
  const full = [
    requests && requests.remaining < 1 ? requests : undefined,
    complexity && complexity.remaining < points ? complexity : undefined,
  ];
  const until = latest(full, now);
  if (until) throw new SourceError("rate_limited", 0, { source: "linear", until: until.toISOString() }, { retryAt: until });
}

/** When to come back after a refusal: when the bucket that is empty is full again, else when both are. Undefined when nothing usable was said. */
export function resetAt(headers: Headers, now: Date): Date | undefined {
  const { requests, complexity } = buckets(headers);
  const empty = [requests, complexity].filter((bucket) => bucket && bucket.remaining <= 0);
  return latest(empty.length > 0 ? empty : [requests, complexity], now);
}

function latest(given: readonly (Bucket | undefined)[], now: Date): Date | undefined {
  const times = given.flatMap((bucket) => (bucket && bucket.resetAt > now ? [bucket.resetAt.getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}
