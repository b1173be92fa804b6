import { Hono } from "hono";
import { type Fault, strike } from "#test/simulators/faults.ts";
import { hangUp } from "#test/simulators/gate.ts";
import { answer, judged, read, routeOf } from "#test/simulators/linear/doorway.ts";
import type { World } from "#test/simulators/linear/world.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { damage, instead, remember } from "#test/simulators/mishap.ts";

export function linearApp(world: World): Hono {
  const app = new Hono();
  const { store, log, faults } = world;
  app.post("/graphql", async (c) => {
    if (world.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, world.latencyMs));
    const asked = await read(c);
    const route = asked ? routeOf(world, asked) : "none";
    const described = JSON.stringify(asked?.variables ?? {});
    const struck = strike(faults, route, `${asked?.operationName ?? ""} ${described}`);
    const note = {
      at: store.now(),
      method: "POST",
      path: c.req.path,
      query: { operation: asked?.operationName ?? "", variables: described.slice(0, 500) } as Record<string, string>,
      route,
      fault: struck.length > 0 ? struck.map((one) => one.kind).join("+") : undefined,
    };
    const stead = struck.length > 0 ? await instead(faults, struck, c.req.raw, store.now) : undefined;
    const found = stead ? judged(world, asked) : answer(world, c.req.header("authorization"), asked, route, capOf(struck));
    const verdict = found.invalid.length > 0 ? "invalid" : found.drift.length > 0 ? "sim-drift" : "ok";
    const query = { ...note.query, complexity: String(found.points) };
    const problems = [...found.invalid, ...found.drift];
    RequestLog.write(log, { ...note, query, status: stead?.status ?? found.status, verdict, problems });
    if (stead) return stead;
    const response = new Response(JSON.stringify(found.body), {
      status: found.status,
      headers: { "content-type": "application/json; charset=utf-8", ...found.headers },
    });
    if (faults.armed.length === 0) return response;
    const damaged = await damage(faults, struck.filter(whole), route, response.clone(), hangUp(c));
    await remember(faults, route, response);
    return damaged;
  });
  app.notFound((c) => {
    const note = { at: store.now(), method: c.req.method, path: c.req.path, query: c.req.query(), route: "none", fault: undefined };
    RequestLog.write(log, { ...note, status: 404, verdict: "invalid", problems: [`no such route: ${c.req.method} ${c.req.path}`] });
    return c.text("Not Found", 404);
  });
  return app;
}

/** An empty page and a short one are made short, not cut: their cursor stands behind what they have. */
function capOf(struck: readonly Fault[]): number | undefined {
  const caps = struck.flatMap((one) => (one.kind === "emptyPage" ? [0] : one.kind === "shortPage" ? [one.keep ?? 1] : []));
  return caps.length > 0 ? Math.min(...caps) : undefined;
}
const whole = (one: Fault): boolean => one.kind !== "emptyPage" && one.kind !== "shortPage";
