import type { Hono } from "hono";
import { STUDIO } from "#test/simulators/cast.ts";
import { type Clock, clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import { type Gate, json } from "#test/simulators/gate.ts";
import { listen } from "#test/simulators/listen.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { loopsApp, throttled, type World } from "#test/simulators/loops/app.ts";
import { BEHAVIOUR } from "#test/simulators/loops/behaviour.ts";
import { check } from "#test/simulators/loops/check.ts";
import { mutate } from "#test/simulators/loops/control.ts";
import { fill, type Size, settings } from "#test/simulators/loops/data.ts";
import * as Store from "#test/simulators/loops/store.ts";
import { sendWebhooks } from "#test/simulators/loops/webhooks.ts";
import { planeApp } from "#test/simulators/plane.ts";
import type { Postman } from "#test/simulators/postman.ts";

export type Options = {
  /** "empty" has two mailing lists and four custom properties, and no contacts. */
  size?: Size | "empty";
  seed?: number;
  /** Hold requests and answers against the vendor's description, where it is at hand. */
  validate?: boolean;
  /** Requests a second. False: no limit. */
  rateLimit?: number | false;
  now?: Date | (() => Date);
  latencyMs?: number;
};
export type Simulated = { app: Hono; control: Hono; world: World; postman: Postman; clock: Clock };

/** The simulator without ports: its two apps, for `app.request()`. */
export function simulated(options: Options = {}): Simulated {
  const time = clock(options.now);
  const store = Store.empty({ teamName: STUDIO.name, now: time.now });
  const rateLimit = options.rateLimit === false ? undefined : (options.rateLimit ?? BEHAVIOUR.requestsPerSecond);
  const full = () => ({ left: rateLimit ?? BEHAVIOUR.requestsPerSecond, at: time.now() });
  const refill = () => {
    Object.assign(store, { ...Store.empty({ teamName: store.teamName, now: time.now }), listeners: store.listeners });
    if (options.size === "empty") settings(store);
    else fill(store, { size: options.size ?? "small", seed: options.seed ?? 1 });
  };
  refill();
  const gate: Gate = {
    log: RequestLog.requestLog(),
    faults: Faults.faults({ 401: JSON.stringify(BEHAVIOUR.badKey), 429: JSON.stringify(BEHAVIOUR.throttled) }),
    check: options.validate === false ? undefined : check(),
    now: time.now,
    latencyMs: options.latencyMs ?? 0,
    throttled: () => throttled(world),
    refused: (_, c) => {
      const key = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
      return key === world.tokens.key && !world.revoked.has(key) ? undefined : json(BEHAVIOUR.badKey, 401);
    },
    invalid: (problems) => json({ success: false, message: problems.join("; ") }, 400),
  };
  const world: World = { store, gate, tokens: { key: "sim-loops-key" }, revoked: new Set(), rateLimit, bucket: full() };
  const postman = sendWebhooks(store);
  const control = planeApp({
    log: gate.log,
    faults: gate.faults,
    postman,
    clock: time,
    mutate: (verb, args) => mutate(world, verb, args),
    counts: () => Store.counts(store),
    reset: () => {
      refill();
      world.revoked.clear();
      world.bucket = full();
    },
  });
  return { app: loopsApp(world), control, world, postman, clock: time };
}

export type Running = {
  /** With "/api" at its end, as in the vendor's description. */
  baseUrl: string;
  controlUrl: string;
  tokens: World["tokens"];
  store: Store.Store;
  faults: Faults.Faults;
  postman: Postman;
  log: RequestLog.RequestLog;
  clock: Clock;
  world: World;
  close: () => Promise<void>;
};

/** The simulator on 127.0.0.1. Port 0 takes any that is free. */
export async function startLoops(options: Options & { port?: number; controlPort?: number } = {}): Promise<Running> {
  const { app, control, world, postman, clock: time } = simulated(options);
  const [api, plane] = await Promise.all([listen(app, options.port ?? 0), listen(control, options.controlPort ?? 0)]);
  return {
    baseUrl: `${api.url}/api`,
    controlUrl: plane.url,
    tokens: world.tokens,
    store: world.store,
    faults: world.gate.faults,
    postman,
    log: world.gate.log,
    clock: time,
    world,
    close: async () => {
      await Promise.all([api.close(), plane.close()]);
    },
  };
}
