import { BEHAVIOUR } from "#test/simulators/linear/behaviour.ts";

/** A bucket that leaks evenly: `level` as it was at `at`, in epoch milliseconds. */
type Bucket = { level: number; at: number };
export type Limit = { name: "Requests" | "Complexity" | "Endpoint-Requests"; limit: number; remaining: number; reset: number };
export type Buckets = {
  /** Per token, in an hour; undefined: no limit is ever met, though headers tell one. */
  requests: number | undefined;
  complexity: number | undefined;
  endpoints: Readonly<Record<string, number>>;
  held: Map<string, Bucket>;
};

export function buckets(given: Partial<Omit<Buckets, "held">> = {}): Buckets {
  return { requests: given.requests, complexity: given.complexity, endpoints: given.endpoints ?? {}, held: new Map() };
}

/** Pours what a request costs into its buckets, unless one of them would overflow: then nothing is poured and `ok` is false. */
export function pour(
  all: Buckets,
  given: { token: string; kind: "key" | "oauth"; endpoint: string; points: number; now: number; limited: boolean },
): { ok: boolean; limits: Limit[] } {
  const { token, kind, endpoint, points, now } = given;
  const own = all.endpoints[endpoint];
  const wanted: { name: Limit["name"]; key: string; limit: number; cost: number }[] = [
    { name: "Requests", key: `requests ${token}`, limit: all.requests ?? BEHAVIOUR.requestsPerHour[kind], cost: 1 },
    { name: "Complexity", key: `complexity ${token}`, limit: all.complexity ?? BEHAVIOUR.complexityPerHour[kind], cost: points },
    ...(own === undefined ? [] : [{ name: "Endpoint-Requests" as const, key: `${endpoint} ${token}`, limit: own, cost: 1 }]),
  ];
  const seen = wanted.map((one) => ({ ...one, level: leaked(all.held.get(one.key), one.limit, now) }));
  const ok = !given.limited || seen.every(({ level, cost, limit }) => level + cost <= limit);
  const limits = seen.map(({ name, key, limit, cost, level }) => {
    const next = ok ? Math.min(limit, level + cost) : level;
    all.held.set(key, { level: next, at: now });
    const reset = now + Math.ceil((next / limit) * BEHAVIOUR.periodMs);
    return { name, limit, remaining: Math.floor(limit - next), reset };
  });
  return { ok, limits };
}

function leaked(bucket: Bucket | undefined, limit: number, now: number): number {
  if (!bucket) return 0;
  return Math.max(0, bucket.level - ((now - bucket.at) / BEHAVIOUR.periodMs) * limit);
}

/** linear.app/developers/rate-limiting: Reset is in epoch milliseconds. */
export function headersOf(limits: readonly Limit[], points: number, endpoint: string): Record<string, string> {
  const headers: Record<string, string> = { "X-Complexity": String(points) };
  for (const { name, limit, remaining, reset } of limits) {
    headers[`X-RateLimit-${name}-Limit`] = String(limit);
    headers[`X-RateLimit-${name}-Remaining`] = String(remaining);
    headers[`X-RateLimit-${name}-Reset`] = String(reset);
    if (name === "Endpoint-Requests") headers["X-RateLimit-Endpoint-Name"] = endpoint;
  }
  return headers;
}
