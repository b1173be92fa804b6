import type { Hono } from "hono";
import { chatwootApp } from "#test/simulators/chatwoot/app.ts";
import { BEHAVIOUR, ERRORS } from "#test/simulators/chatwoot/behaviour.ts";
import { check } from "#test/simulators/chatwoot/check.ts";
import { controlApp } from "#test/simulators/chatwoot/control.ts";
import { fill, type Size } from "#test/simulators/chatwoot/data.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import type { Agent } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import { sendWebhooks } from "#test/simulators/chatwoot/webhooks.ts";
import type { World } from "#test/simulators/chatwoot/world.ts";
import { type Clock, clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import { listen } from "#test/simulators/listen.ts";
import * as RequestLog from "#test/simulators/log.ts";

export type Options = {
  /** "empty" has an administrator, an agent, a bot and one inbox, and is filled by hand with the verbs. */
  size?: Size | "empty";
  seed?: number;
  /** Hold requests and answers against the vendor's description, where it is at hand. */
  validate?: boolean;
  rateLimit?: number | false;
  now?: Date | (() => Date);
  /** The moment the data is made for, where it differs from the clock's first: a demo restarted later finds the same account. */
  filledAt?: Date;
  /** CONVERSATION_RESULTS_PER_PAGE. */
  pageSize?: number;
  latencyMs?: number;
};
export type Simulated = { app: Hono; control: Hono; world: World; clock: Clock };

/** The simulator without ports: its two apps, for `app.request()`. */
export function simulated(options: Options = {}): Simulated {
  const time = clock(options.now);
  const store = Store.empty({ accountId: 1, accountName: "Studio", now: time.now });
  // Once: a reset gives the same account again, however far the clock has moved.
  const since = options.filledAt ?? (options.now instanceof Date ? options.now : undefined);
  const filledAt = since ? since.getTime() / 1_000 : time.now();
  const refill = () => {
    Object.assign(store, { ...Store.empty({ now: time.now }), version: store.version + 1, listeners: store.listeners });
    if (options.size === "empty") minimum(store);
    else fill(store, { size: options.size ?? "small", seed: options.seed ?? 1, now: filledAt });
  };
  refill();
  const one = (role: Agent["role"]) => [...store.agents.values()].find((row) => row.role === role)?.id ?? 0;
  const world: World = {
    store,
    log: RequestLog.requestLog(),
    faults: Faults.faults({
      429: BEHAVIOUR.throttled,
      401: JSON.stringify(ERRORS.badToken),
      403: JSON.stringify(ERRORS.notAuthorized),
    }),
    check: options.validate === false ? undefined : check(),
    tokens: { admin: "sim-admin-token", agent: "sim-agent-token", bot: "sim-bot-token" },
    admin: one("administrator"),
    agent: one("agent"),
    bot: [...store.bots.keys()][0] ?? 0,
    pageSize: options.pageSize ?? BEHAVIOUR.conversationsPerPage,
    rateLimit: options.rateLimit === false ? undefined : (options.rateLimit ?? BEHAVIOUR.requestsPerMinute),
    latencyMs: options.latencyMs ?? 0,
    counted: { minute: 0, perAddress: new Map() },
  };
  sendWebhooks(store);
  return { app: chatwootApp(world), control: controlApp(world, time, refill), world, clock: time };
}

export type Running = {
  baseUrl: string;
  controlUrl: string;
  accountId: number;
  tokens: World["tokens"];
  store: Store.Store;
  faults: Faults.Faults;
  log: RequestLog.RequestLog;
  clock: Clock;
  world: World;
  close: () => Promise<void>;
};

/** The simulator on 127.0.0.1. Port 0 takes any that is free. */
export async function startChatwoot(options: Options & { port?: number; controlPort?: number } = {}): Promise<Running> {
  const { app, control, world, clock: time } = simulated(options);
  const [api, plane] = await Promise.all([listen(app, options.port ?? 0), listen(control, options.controlPort ?? 0)]);
  return {
    baseUrl: api.url,
    controlUrl: plane.url,
    accountId: world.store.accountId,
    tokens: world.tokens,
    store: world.store,
    faults: world.faults,
    log: world.log,
    clock: time,
    world,
    close: async () => {
      await Promise.all([api.close(), plane.close()]);
    },
  };
}

function minimum(store: Store.Store): void {
  const inbox = People.addInbox(store, { name: "Website" });
  People.addAgent(store, { name: "Vera Admin", role: "administrator" });
  People.addAgent(store, { name: "Tom Agent", inboxIds: [inbox.id] });
  store.bots.set(1, { id: 1, name: "Greeter" });
}
