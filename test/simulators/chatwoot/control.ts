import { Hono } from "hono";
import * as z from "zod";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import type { World } from "#test/simulators/chatwoot/world.ts";
import type { Clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import * as RequestLog from "#test/simulators/log.ts";

type Verb = (store: Store.Store, args: never) => unknown;
const VERBS: Readonly<Record<string, Verb>> = {
  createConversation: Verbs.createConversation,
  addMessage: Verbs.addMessage,
  importOldMessages: Verbs.importOldMessages,
  editMessage: Verbs.editMessage,
  deleteMessage: Verbs.deleteMessage,
  setStatus: Verbs.setStatus,
  label: Verbs.label,
  assign: Verbs.assign,
  editConversation: Verbs.editConversation,
  deleteConversation: Verbs.deleteConversation,
  addInbox: People.addInbox,
  addAgent: People.addAgent,
  createContact: People.createContact,
  editContact: People.editContact,
  mergeContacts: People.mergeContacts,
  deleteContact: People.deleteContact,
};

const mutation = z.object({ verb: z.string(), args: z.unknown() });
const instant = z.object({ now: z.iso.datetime({ offset: true }).optional(), speed: z.number().min(0).optional() });

export function mutate(store: Store.Store, verb: string, args: unknown): unknown {
  const run = VERBS[verb];
  if (!run) throw new Error(`no such verb: ${verb}; there are ${Object.keys(VERBS).join(", ")}`);
  return run(store, args as never);
}

/** What a test or the demo does to the simulator from outside, on a port of its own. `reset` fills the store anew. */
export function controlApp(world: World, clock: Clock, reset: () => void): Hono {
  const app = new Hono();
  world.faults.run = (verb, args) => mutate(world.store, verb, args);
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.post("/_sim/fault", async (c) => {
    const given: unknown = await c.req.json();
    for (const one of Array.isArray(given) ? given : [given]) Faults.arm(world.faults, Faults.Fault.parse(one));
    return c.json({ armed: world.faults.armed.length });
  });
  app.delete("/_sim/fault", (c) => {
    Faults.disarm(world.faults);
    return c.json({ armed: 0 });
  });
  app.post("/_sim/mutate", async (c) => {
    const given: unknown = await c.req.json();
    const results = (Array.isArray(given) ? given : [given]).map((one) => {
      const { verb, args } = mutation.parse(one);
      return bare(mutate(world.store, verb, args));
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
    const entries = world.log.entries.filter((entry) => entry.n > after && (c.req.query("verdict") ?? entry.verdict) === entry.verdict);
    return c.json({ total: world.log.total, entries });
  });
  app.get("/_sim/counts", (c) => c.json({ ...Store.counts(world.store), requests: world.log.total }));
  app.post("/_sim/reset", (c) => {
    reset();
    Faults.disarm(world.faults);
    RequestLog.clear(world.log);
    return c.json(Store.counts(world.store));
  });
  return app;
}

/** A row without what it carries along for itself. */
function bare(row: unknown): unknown {
  if (Array.isArray(row)) return row.map(bare);
  if (typeof row !== "object" || row === null) return row ?? null;
  const { json: _, byTime: __, messages: ___, ...rest } = row as Record<string, unknown>;
  return rest;
}
