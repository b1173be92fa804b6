import type { Hono } from "hono";
import { type Clock, clock } from "#test/simulators/clock.ts";
import * as Faults from "#test/simulators/faults.ts";
import { type Gate, json } from "#test/simulators/gate.ts";
import { listen } from "#test/simulators/listen.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { type Asked, openaiApp, type Said, type World } from "#test/simulators/openai/app.ts";
import { BEHAVIOUR, refusal } from "#test/simulators/openai/behaviour.ts";
import { check } from "#test/simulators/openai/check.ts";

export type Options = {
  /** Hold requests and answers against the vendor's description, where it is at hand. */
  validate?: boolean;
  /** What the model says; without it, nothing that fits any schema. */
  answer?: (asked: Asked) => Said;
  latencyMs?: number;
  now?: Date | (() => Date);
};

/** The simulator without a port: its app, for `app.request()`. */
export function simulated(options: Options = {}): { app: Hono; world: World; clock: Clock } {
  const time = clock(options.now);
  const gate: Gate = {
    log: RequestLog.requestLog(),
    faults: Faults.faults({
      401: JSON.stringify(BEHAVIOUR.badKey),
      429: JSON.stringify(BEHAVIOUR.throttled),
      500: JSON.stringify(BEHAVIOUR.broken),
    }),
    check: options.validate === false ? undefined : check(),
    now: time.now,
    latencyMs: options.latencyMs ?? 0,
    throttled: () => undefined,
    refused: (_, c) =>
      c.req.header("authorization") === `Bearer ${world.key}` && !world.revoked ? undefined : json(BEHAVIOUR.badKey, 401),
    invalid: (problems) => json(refusal(problems.join("; "), "invalid_request_error", null), 400),
  };
  const world: World = {
    gate,
    key: "sk-simulated",
    revoked: false,
    poison: () => false,
    breaks: () => false,
    dimensions: undefined,
    answer: options.answer ?? (() => "{}"),
    embedded: [],
    used: { input: 0, output: 0 },
  };
  return { app: openaiApp(world), world, clock: time };
}

export type Running = { baseUrl: string; world: World; faults: Faults.Faults; log: RequestLog.RequestLog; close: () => Promise<void> };

/** The simulator on 127.0.0.1. Port 0 takes any that is free. */
export async function startOpenAi(options: Options & { port?: number } = {}): Promise<Running> {
  const { app, world } = simulated(options);
  const { url, close } = await listen(app, options.port ?? 0);
  return { baseUrl: `${url}/v1`, world, faults: world.gate.faults, log: world.gate.log, close };
}
