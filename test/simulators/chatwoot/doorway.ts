import type { Context } from "hono";
import { ADMIN_ONLY, BEHAVIOUR, BOT_MAY, ERRORS } from "#test/simulators/chatwoot/behaviour.ts";
import type { Agent } from "#test/simulators/chatwoot/rows.ts";
import type { Viewer, World } from "#test/simulators/chatwoot/world.ts";
import { strike } from "#test/simulators/faults.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { damage, instead, remember } from "#test/simulators/mishap.ts";

export type Call = { c: Context; viewer: Viewer; query: Readonly<Record<string, string>>; body: unknown };
export type Handler = (call: Call) => Response;

export const json = (body: unknown, status = 200): Response => jsonText(JSON.stringify(body), status);
export function jsonText(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "application/json; charset=utf-8" } });
}

export const notFound = (): Response => json(ERRORS.notFound, 404);
type Fields = Readonly<Record<string, unknown>>;
export const fields = (body: unknown): Fields => (typeof body === "object" && body !== null ? (body as Fields) : {});
/** The person whose token it is; a bot is none. */
export const userOf = (call: Call): Agent | undefined => (call.viewer.kind === "user" ? call.viewer.agent : undefined);

/** What every request passes: the rate limit, planned faults, the token, the vendor's description, and the log. */
export async function pass(world: World, route: string, c: Context, handler: Handler): Promise<Response> {
  const { store, log, faults, check } = world;
  if (world.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, world.latencyMs));
  const query = c.req.query();
  const path = c.req.path;
  const note = { at: store.now(), method: c.req.method, path, query, route, fault: undefined as string | undefined };
  if (throttled(world, route, c)) {
    RequestLog.write(log, { ...note, status: 429, verdict: "ok", problems: [] });
    return new Response(BEHAVIOUR.throttled, { status: 429, headers: { "content-type": "text/plain" } });
  }
  const struck = strike(faults, route, c.req.url);
  if (struck.length > 0) note.fault = struck.map((one) => one.kind).join("+");
  const body = c.req.method === "GET" || c.req.method === "DELETE" ? undefined : await readBody(c);
  const asked = check?.request({ route, method: c.req.method, params: c.req.param(), query, body }) ?? { invalid: [], unknown: [] };
  const problems = [...asked.invalid, ...asked.unknown];
  const verdict = asked.invalid.length > 0 ? "invalid" : asked.unknown.length > 0 ? "unknown-param" : "ok";
  const stead = struck.length > 0 ? await instead(faults, struck, c.req.raw, store.now) : undefined;
  if (stead) {
    RequestLog.write(log, { ...note, status: stead.status, verdict, problems });
    return stead;
  }
  const answer = allowed(world, route, c) ?? answered(world, c, query, body, handler);
  if (check && answer.headers.get("content-type")?.startsWith("application/json")) {
    const drift = check.response(route, answer.status, await answer.clone().text());
    if (drift.length > 0) {
      RequestLog.write(log, { ...note, status: 500, verdict: "sim-drift", problems: drift });
      return json({ error: "The simulator's answer is not the vendor's.", problems: drift }, 500);
    }
  }
  RequestLog.write(log, { ...note, status: answer.status, verdict, problems });
  if (faults.armed.length === 0) return answer;
  const damaged = await damage(faults, struck, route, answer.clone(), hangUp(c));
  await remember(faults, route, answer);
  return damaged;
}

function answered(world: World, c: Context, query: Readonly<Record<string, string>>, body: unknown, handler: Handler): Response {
  const viewer = viewerOf(world, c.req.header("api_access_token"));
  if (!viewer) return json(ERRORS.badToken, 401);
  if (c.req.param("account") !== String(world.store.accountId)) return json(ERRORS.notFound, 404);
  return handler({ c, viewer, query, body });
}

function allowed(world: World, route: string, c: Context): Response | undefined {
  const token = c.req.header("api_access_token");
  if (!token) return json(ERRORS.noToken, 401);
  const viewer = viewerOf(world, token);
  if (!viewer) return json(ERRORS.badToken, 401);
  if (viewer.kind === "bot") return BOT_MAY.has(route) ? undefined : json(ERRORS.botToken, 401);
  return ADMIN_ONLY.has(route) && viewer.agent.role !== "administrator" ? json(ERRORS.notAuthorized, 401) : undefined;
}

function viewerOf(world: World, token: string | undefined): Viewer | undefined {
  if (token === world.tokens.bot) return { kind: "bot", id: world.bot };
  const id = token === world.tokens.admin ? world.admin : token === world.tokens.agent ? world.agent : undefined;
  const agent = id === undefined ? undefined : world.store.agents.get(id);
  return agent && { kind: "user", agent };
}

function throttled(world: World, route: string, c: Context): boolean {
  if (world.rateLimit === undefined) return false;
  const minute = Math.floor(world.store.now() / 60);
  if (world.counted.minute !== minute) world.counted = { minute, perAddress: new Map() };
  const address = c.req.header("x-forwarded-for") ?? "local";
  const seen = (world.counted.perAddress.get(address) ?? 0) + 1;
  world.counted.perAddress.set(address, seen);
  if (seen > world.rateLimit) return true;
  if (route !== "GET contacts/search") return false;
  const searches = (world.counted.perAddress.get(route) ?? 0) + 1;
  world.counted.perAddress.set(route, searches);
  return searches > BEHAVIOUR.searchesPerMinute;
}

function hangUp(c: Context): (() => void) | undefined {
  const { outgoing } = (c.env ?? {}) as { outgoing?: { destroy: () => void } };
  return outgoing && (() => outgoing.destroy());
}

async function readBody(c: Context): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text());
  } catch {
    return undefined;
  }
}
