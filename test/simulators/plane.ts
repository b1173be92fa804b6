import { Hono } from "hono";
import * as z from "zod";
import type { Clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import * as RequestLog from "#test/simulators/log.ts";
import * as Postman from "#test/simulators/postman.ts";

/** What a simulator lets be done to it from outside. */
export type Plane = {
  log: RequestLog.RequestLog;
  faults: Faults.Faults;
  /** Absent where webhooks have no faults of their own. */
  postman?: Postman.Postman;
  clock: Clock;
  mutate: (verb: string, args: unknown) => unknown;
  counts: () => Record<string, number>;
  /** Fills the store anew. */
  reset: () => void;
};
const mutation = z.object({ verb: z.string(), args: z.unknown() });
const instant = z.object({ now: z.iso.datetime({ offset: true }).optional(), speed: z.number().min(0).optional() });
const listed = (given: unknown): unknown[] => (Array.isArray(given) ? given : [given]);

/** What a test or the demo does to a simulator, on a port of its own: the same for each of them. */
export function planeApp(plane: Plane): Hono {
  const { clock, postman } = plane;
  const app = new Hono();
  plane.faults.run = plane.mutate;
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.post("/_sim/fault", async (c) => {
    for (const one of listed(await c.req.json())) Faults.arm(plane.faults, Faults.Fault.parse(one));
    return c.json({ armed: plane.faults.armed.length });
  });
  app.delete("/_sim/fault", (c) => {
    Faults.disarm(plane.faults);
    return c.json({ armed: 0 });
  });
  if (postman) webhookFaults(app, postman);
  app.post("/_sim/mutate", async (c) => {
    const results = listed(await c.req.json()).map((one) => {
      const { verb, args } = mutation.parse(one);
      return plane.mutate(verb, args) ?? null;
    });
    return c.json({ results });
  });
  app.post("/_sim/clock", async (c) => {
    const { now, speed } = instant.parse(await c.req.json());
    clock.set(now ? new Date(now) : new Date(clock.now() * 1_000), speed ?? 1);
    return c.json({ now: new Date(clock.now() * 1_000).toISOString() });
  });
  app.get("/_sim/log", (c) => {
    const after = Number(c.req.query("after") ?? 0);
    const entries = plane.log.entries.filter((entry) => entry.n > after && (c.req.query("verdict") ?? entry.verdict) === entry.verdict);
    return c.json({ total: plane.log.total, entries });
  });
  app.get("/_sim/counts", (c) => c.json({ ...plane.counts(), requests: plane.log.total }));
  app.post("/_sim/reset", (c) => {
    plane.reset();
    Faults.disarm(plane.faults);
    if (postman) Postman.disarm(postman);
    RequestLog.clear(plane.log);
    return c.json(plane.counts());
  });
  return app;
}

function webhookFaults(app: Hono, postman: Postman.Postman): void {
  app.post("/_sim/webhook-fault", async (c) => {
    for (const one of listed(await c.req.json())) Postman.arm(postman, Postman.Trouble.parse(one));
    return c.json({ armed: postman.armed.length });
  });
  app.delete("/_sim/webhook-fault", (c) => {
    Postman.disarm(postman);
    return c.json({ armed: 0 });
  });
}
