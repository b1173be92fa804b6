import type { Context } from "hono";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { errorBody, Refusal } from "#test/simulators/attio/refusal.ts";
import type { World } from "#test/simulators/attio/world.ts";
import { type Call, json } from "#test/simulators/gate.ts";

type Fields = Readonly<Record<string, unknown>>;
export type Asked = {
  call: Call;
  /** Path parameters by name. */
  at: (name: string) => string;
  query: Call["query"];
  /** The body, or what it has under `data`. */
  body: Fields;
  data: Fields;
  /** The token sees half of the records. */
  narrow: boolean;
};
export type Handler = (asked: Asked) => Response;

export function handled(world: World, handler: Handler): (call: Call) => Response {
  return (call) => {
    const body = fields(call.body);
    const at = (name: string) => call.c.req.param(name) ?? "";
    try {
      return handler({ call, at, query: call.query, body, data: fields(body.data), narrow: tokenOf(call.c) === world.tokens.half });
    } catch (error) {
      if (error instanceof Refusal) return json(errorBody(error.status, error.code, error.message), error.status);
      throw error;
    }
  };
}

export const fields = (found: unknown): Fields => (typeof found === "object" && found !== null ? (found as Fields) : {});
export const tokenOf = (c: Context): string => /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
export const knows = (world: World, token: string): boolean =>
  (token === world.tokens.full || token === world.tokens.half) && !world.revoked.has(token);

export function refused(world: World, route: string, c: Context): Response | undefined {
  // A token that is none gets an answer here: {active: false}.
  if (route === "GET self" || knows(world, tokenOf(c))) return undefined;
  return json(errorBody(401, "unauthorized", "The access token is missing, unknown or was revoked."), 401);
}

export const invalid = (problems: readonly string[]): Response => json(errorBody(400, "validation_type", problems.join("; ")), 400);

/** Counted by the simulator's own clock, in whole seconds, as the vendor's Retry-After has no finer one. */
export function throttled(world: World, route: string): Response | undefined {
  if (world.rateLimit === undefined) return undefined;
  const second = Math.floor(world.gate.now());
  if (world.counted.second !== second) world.counted = { second, reads: 0, writes: 0 };
  const read = route.startsWith("GET ") || route.endsWith("/query") || route.endsWith("/search");
  const seen = read ? ++world.counted.reads : ++world.counted.writes;
  return seen > (read ? world.rateLimit : world.rateLimit * BEHAVIOUR.writesPerRead) ? slowDown(second + 1) : undefined;
}

/** What a query costs counts for ten seconds. */
export function spend(world: World, score: number): Response | undefined {
  if (world.rateLimit === undefined) return undefined;
  const now = world.gate.now();
  world.spent = world.spent.filter((one) => one.at > now - BEHAVIOUR.complexitySeconds);
  const sum = world.spent.reduce((all, one) => all + one.score, score);
  const [oldest] = world.spent;
  if (sum > BEHAVIOUR.complexityLimit) return slowDown(Math.ceil((oldest?.at ?? now) + BEHAVIOUR.complexitySeconds));
  world.spent.push({ at: now, score });
  return undefined;
}

function slowDown(until: number): Response {
  const body = errorBody(429, "rate_limit_exceeded", "Rate limit exceeded, please try again later.");
  return json(body, 429, { "retry-after": new Date(until * 1_000).toUTCString() });
}
