import type { Hono } from "hono";
import { type Clock, clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import * as Access from "#test/simulators/linear/access.ts";
import { linearApp } from "#test/simulators/linear/app.ts";
import * as Bucket from "#test/simulators/linear/bucket.ts";
import { check } from "#test/simulators/linear/check.ts";
import { mutate } from "#test/simulators/linear/control.ts";
import { fill, type Size, studio } from "#test/simulators/linear/data.ts";
import { errorOf, type Reason, Refusal } from "#test/simulators/linear/refusal.ts";
import * as Store from "#test/simulators/linear/store.ts";
import { sendWebhooks } from "#test/simulators/linear/webhooks.ts";
import type { World } from "#test/simulators/linear/world.ts";
import { listen } from "#test/simulators/listen.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { planeApp } from "#test/simulators/plane.ts";
import type { Postman } from "#test/simulators/postman.ts";

export type Options = {
  /** "empty" has the studio's people, teams, states and labels, and is filled by hand with the verbs. */
  size?: Size | "empty";
  seed?: number;
  /** Hold requests against the vendor's description, where it is at hand. */
  validate?: boolean;
  /** Requests an hour of each token, in place of the vendor's; false: no limit refuses anything. */
  rateLimit?: number | false;
  /** Complexity points an hour of each token, in place of the vendor's. */
  complexityLimit?: number;
  /** Root fields with a limit of their own, a number an hour. */
  endpointLimits?: Readonly<Record<string, number>>;
  now?: Date | (() => Date);
  /** The moment the data is made for, where it differs from the clock's first: a demo restarted later finds the same workspace. */
  filledAt?: Date;
  latencyMs?: number;
};
export type Simulated = { app: Hono; control: Hono; world: World; clock: Clock };

/** The simulator without ports: its two apps, for `app.request()`. */
export function simulated(options: Options = {}): Simulated {
  const time = clock(options.now);
  // Once: a reset gives the same workspace again, however far the clock has moved.
  const since = options.filledAt ?? (options.now instanceof Date ? options.now : undefined);
  const filledAt = since ? since.getTime() / 1_000 : time.now();
  const store = Store.empty({ now: time.now });
  const tokens = {
    admin: "lin_api_simulated_admin",
    member: "lin_api_simulated_member",
    guest: "lin_api_simulated_guest",
    oauth: "lin_oauth_simulated",
    half: "lin_api_simulated_half",
  };
  const refill = () => {
    const { version, listeners } = store;
    Object.assign(store, { ...Store.empty({ now: time.now }), version: version + 1, listeners });
    const people = studio(store, filledAt);
    if (options.size !== "empty") fill(store, { size: options.size ?? "small", seed: options.seed ?? 1, now: filledAt });
    for (const name of ["admin", "member", "guest", "half"] as const)
      Access.addToken(store, { token: tokens[name], userId: people[name === "half" ? "admin" : name] });
    Access.addToken(store, { token: tokens.oauth, userId: people.admin, kind: "oauth" });
    Access.narrowToken(store, { token: tokens.half });
  };
  refill();
  const world: World = {
    store,
    log: RequestLog.requestLog(),
    faults: Faults.faults({
      400: said("ratelimited", "Rate limit exceeded. Please try again later."),
      401: said("authentication", "Authentication required, not authenticated"),
      403: said("forbidden", "You do not have access to this resource"),
    }),
    postman: sendWebhooks(store),
    check: check(options.validate !== false),
    tokens,
    buckets: Bucket.buckets({
      ...(typeof options.rateLimit === "number" ? { requests: options.rateLimit } : {}),
      ...(options.complexityLimit === undefined ? {} : { complexity: options.complexityLimit }),
      endpoints: options.endpointLimits ?? {},
    }),
    limited: options.rateLimit !== false,
    latencyMs: options.latencyMs ?? 0,
  };
  const control = planeApp({
    log: world.log,
    faults: world.faults,
    postman: world.postman,
    clock: time,
    mutate: (verb, args) => mutate(store, verb, args),
    counts: () => Store.counts(store),
    reset: () => {
      refill();
      world.buckets.held.clear();
    },
  });
  return { app: linearApp(world), control, world, clock: time };
}

const said = (reason: Reason, message: string) => JSON.stringify({ errors: [errorOf(new Refusal(reason, message))] });

export type Running = {
  /** Without "/graphql". */
  baseUrl: string;
  controlUrl: string;
  organizationId: string;
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
export async function startLinear(options: Options & { port?: number; controlPort?: number } = {}): Promise<Running> {
  const { app, control, world, clock: time } = simulated(options);
  const [api, plane] = await Promise.all([listen(app, options.port ?? 0), listen(control, options.controlPort ?? 0)]);
  return {
    baseUrl: api.url,
    controlUrl: plane.url,
    organizationId: world.store.organization.id,
    tokens: world.tokens,
    store: world.store,
    faults: world.faults,
    postman: world.postman,
    log: world.log,
    clock: time,
    world,
    close: async () => {
      await Promise.all([api.close(), plane.close()]);
    },
  };
}
