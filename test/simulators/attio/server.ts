import type { Hono } from "hono";
import { attioApp } from "#test/simulators/attio/app.ts";
import { BEHAVIOUR } from "#test/simulators/attio/behaviour.ts";
import { check } from "#test/simulators/attio/check.ts";
import { mutate } from "#test/simulators/attio/control.ts";
import { fill, type Size } from "#test/simulators/attio/data.ts";
import * as Doorway from "#test/simulators/attio/doorway.ts";
import { errorBody } from "#test/simulators/attio/refusal.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { addMember } from "#test/simulators/attio/studio.ts";
import { sendWebhooks } from "#test/simulators/attio/webhooks.ts";
import type { World } from "#test/simulators/attio/world.ts";
import { TEAM } from "#test/simulators/cast.ts";
import { type Clock, clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import type { Gate } from "#test/simulators/gate.ts";
import { listen } from "#test/simulators/listen.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { planeApp } from "#test/simulators/plane.ts";
import type { Postman } from "#test/simulators/postman.ts";

export type Options = {
  /** "empty" has the objects and the members, and is filled by hand with the verbs. */
  size?: Size | "empty";
  seed?: number;
  /** Hold requests and answers against the vendor's description, where it is at hand. */
  validate?: boolean;
  /** Reads a second; writes are a quarter of it. False: no limit. */
  rateLimit?: number | false;
  now?: Date | (() => Date);
  /** The moment the data is made for, where it differs from the clock's first: a demo restarted later finds the same workspace. */
  filledAt?: Date;
  latencyMs?: number;
};
export type Simulated = { app: Hono; control: Hono; world: World; clock: Clock };

/** The simulator without ports: its two apps, for `app.request()`. */
export function simulated(options: Options = {}): Simulated {
  const time = clock(options.now);
  const store = Store.empty({ workspaceName: "Foxglove Studio", now: time.now });
  const since = options.filledAt ?? (options.now instanceof Date ? options.now : undefined);
  const filledAt = since ? since.getTime() / 1_000 : time.now();
  const refill = () => {
    Object.assign(store, { ...Store.empty({ workspaceName: store.workspaceName, now: time.now }), listeners: store.listeners });
    for (const one of TEAM) addMember(store, one);
    if (options.size !== "empty") fill(store, { size: options.size ?? "small", seed: options.seed ?? 1, now: filledAt });
  };
  refill();
  const error = (status: number, code: string, message: string) => JSON.stringify(errorBody(status, code, message));
  const gate: Gate = {
    log: RequestLog.requestLog(),
    faults: Faults.faults({
      401: error(401, "unauthorized", "The access token is missing, unknown or was revoked."),
      403: error(403, "forbidden", "The access token lacks a scope that this needs."),
      404: error(404, "not_found", "The referenced object was not found."),
      429: error(429, "rate_limit_exceeded", "Rate limit exceeded, please try again later."),
    }),
    check: options.validate === false ? undefined : check(),
    now: time.now,
    latencyMs: options.latencyMs ?? 0,
    throttled: (route) => Doorway.throttled(world, route),
    refused: (route, c) => Doorway.refused(world, route, c),
    invalid: Doorway.invalid,
  };
  const world: World = {
    store,
    gate,
    postman: sendWebhooks(store),
    tokens: { full: "sim-attio-token", half: "sim-attio-half-token" },
    rateLimit: options.rateLimit === false ? undefined : (options.rateLimit ?? BEHAVIOUR.readsPerSecond),
    counted: { second: 0, reads: 0, writes: 0 },
    spent: [],
    revoked: new Set(),
  };
  const { log, faults } = gate;
  const control = planeApp({
    log,
    faults,
    postman: world.postman,
    clock: time,
    mutate: (verb, args) => mutate(world, verb, args),
    counts: () => Store.counts(store),
    reset: () => {
      refill();
      world.revoked.clear();
    },
  });
  return { app: attioApp(world), control, world, clock: time };
}

export type Running = {
  baseUrl: string;
  controlUrl: string;
  workspaceId: string;
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
export async function startAttio(options: Options & { port?: number; controlPort?: number } = {}): Promise<Running> {
  const { app, control, world, clock: time } = simulated(options);
  const [api, plane] = await Promise.all([listen(app, options.port ?? 0), listen(control, options.controlPort ?? 0)]);
  return {
    baseUrl: api.url,
    controlUrl: plane.url,
    workspaceId: world.store.workspaceId,
    tokens: world.tokens,
    store: world.store,
    faults: world.gate.faults,
    postman: world.postman,
    log: world.gate.log,
    clock: time,
    world,
    close: async () => {
      await Promise.all([api.close(), plane.close()]);
    },
  };
}
