import { type Context as Call, Hono } from "hono";
import { operations } from "#core/api/catalogue.ts";
import { failure, languageOf } from "#core/api/envelope.ts";
import { corsHeaders, isSecure, preflightHeaders, requestIdOf, securityHeaders } from "#core/api/headers.ts";
import type { Operation } from "#core/api/operation.ts";
import type { Resource, Route, Routes } from "#core/api/route.ts";
import { type Incoming, type Served, serve } from "#core/api/serve.ts";
import { Refused } from "#core/error.ts";
import { log } from "#core/log.ts";

/** What the runtime tells with each request: the address at the other end, from the socket or the gateway, and from a header only behind proxies that are trusted. */
export type ApiEnv = { Bindings: { address: string } };
export type Api = Hono<ApiEnv> & { resource: Resource; routes: Readonly<Record<string, Route>> };

/** A resource's door: each of its operations in the catalogue, bound to its route. */
export function api<R extends Resource>(resource: R, routes: Routes<R>): Api {
  const app = new Hono<ApiEnv>();
  for (const [name, route] of Object.entries(routes) as [keyof typeof operations, Route][]) {
    const operation: Operation = operations[name];
    app.on(operation.method, operation.path, (c) => respond(c, name, (incoming) => serve(operation, route, incoming)));
  }
  app.options("*", (c) => new Response(null, { status: 204, headers: headersOf(c, {}, preflightHeaders(c.req.header("origin") ?? null)) }));
  app.notFound((c) => respond(c, "none", () => Promise.reject(unanswered(c.req.path))));
  return Object.assign(app, { resource, routes: routes as Readonly<Record<string, Route>> });
}

const PATHS = Object.values(operations).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+").replaceAll(".", "\\.")}$`),
}));

/** Why a request that no operation takes is refused: its path is nobody's, or is called by another method. */
function unanswered(path: string): Refused {
  const methods = PATHS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (methods.length === 0) return new Refused("not_found", { thing: "route" });
  const more = methods.includes("GET") ? ["HEAD", "OPTIONS"] : ["OPTIONS"];
  return new Refused("method_not_allowed", { allow: [...methods, ...more].toSorted().join(", ") });
}

async function respond(c: Call<ApiEnv>, name: string, work: (incoming: Incoming) => Promise<Served>): Promise<Response> {
  const began = performance.now();
  const requestId = requestIdOf(c.req.header("x-request-id") ?? null);
  const incoming = {
    request: c.req.raw,
    requestId,
    address: c.env?.address ?? "unknown",
    secure: isSecure(c.req.raw),
    params: c.req.param(),
  };
  const language = languageOf(c.req.header("accept-language") ?? null);
  const served = await work(incoming).catch((error: unknown): Served => failure(error, requestId, language));
  const headers = headersOf(c, { "content-type": "application/json; charset=utf-8", "x-request-id": requestId, ...served.headers });
  log.info("request", {
    requestId,
    operation: name,
    status: served.status,
    ms: Math.round(performance.now() - began),
    actor: served.actor,
  });
  return new Response(served.body, { status: served.status, headers });
}

function headersOf(c: Call<ApiEnv>, own: Record<string, string>, cors = corsHeaders(c.req.header("origin") ?? null)): Headers {
  return new Headers({ ...securityHeaders(isSecure(c.req.raw)), ...cors, ...own });
}
