import type { Context } from "hono";
import { type Faults, strike } from "#test/simulators/faults.ts";
import * as RequestLog from "#test/simulators/log.ts";
import { damage, instead, remember } from "#test/simulators/mishap.ts";
import type { Check } from "#test/simulators/openapi.ts";

export type Call = { c: Context; query: Readonly<Record<string, string>>; body: unknown };
/** What the requests to a simulator described by an OpenAPI document pass. */
export type Gate = {
  log: RequestLog.RequestLog;
  faults: Faults;
  check: Check | undefined;
  /** Epoch seconds. */
  now: () => number;
  latencyMs: number;
  /** The rate limit: an answer in place of all else. */
  throttled: (route: string, c: Context) => Response | undefined;
  /** The token. */
  refused: (route: string, c: Context) => Response | undefined;
  /** What the vendor answers to a request that its description does not allow. */
  invalid: (problems: readonly string[]) => Response;
};

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return jsonText(JSON.stringify(body), status, headers);
}
export function jsonText(body: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { "content-type": "application/json; charset=utf-8", ...headers } });
}

/** The rate limit, planned faults, the token, the vendor's description, the handler, the description again, and the log. */
export async function pass(gate: Gate, route: string, c: Context, handler: (call: Call) => Response): Promise<Response> {
  const { log, faults, check } = gate;
  if (gate.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, gate.latencyMs));
  const { method, path } = c.req;
  const query = c.req.query();
  const note = { at: gate.now(), method, path, query, route, fault: undefined as string | undefined };
  const slowedDown = gate.throttled(route, c);
  if (slowedDown) {
    RequestLog.write(log, { ...note, status: slowedDown.status, verdict: "ok", problems: [] });
    return slowedDown;
  }
  const struck = strike(faults, route, c.req.url);
  if (struck.length > 0) note.fault = struck.map((one) => one.kind).join("+");
  const text = method === "GET" || method === "DELETE" ? "" : await c.req.text();
  const call: Call = { c, query, body: parsed(text) };
  const asked = check?.request({ method, path, query, body: call.body }) ?? { invalid: [], unknown: [] };
  const problems = [...asked.invalid, ...asked.unknown];
  const verdict = asked.invalid.length > 0 ? "invalid" : asked.unknown.length > 0 ? "unknown-param" : "ok";
  const stead = struck.length > 0 ? await instead(faults, struck, c.req.raw, gate.now) : undefined;
  if (stead) {
    RequestLog.write(log, { ...note, status: stead.status, verdict, problems });
    return stead;
  }
  const answer = gate.refused(route, c) ?? (asked.invalid.length > 0 ? gate.invalid(asked.invalid) : handler(call));
  const drift = check && answer.body ? check.response(method, path, answer.status, await answer.clone().text()) : [];
  if (drift.length > 0) {
    RequestLog.write(log, { ...note, status: 500, verdict: "sim-drift", problems: drift });
    return json({ error: "The simulator's answer is not the vendor's.", problems: drift }, 500);
  }
  RequestLog.write(log, { ...note, status: answer.status, verdict, problems });
  if (faults.armed.length === 0) return answer;
  const damaged = await damage(faults, struck, route, answer.clone(), hangUp(c));
  await remember(faults, route, answer);
  return damaged;
}

/** A method and path that no route has: the vendor's own answer, or a loud one where the vendor has it and the simulator does not. */
export function unrouted(gate: Gate, c: Context, answer: Response): Response {
  const { method, path } = c.req;
  const known = gate.check?.request({ method, path, query: {}, body: undefined }).absent === false;
  const note = { at: gate.now(), method, path, query: c.req.query(), route: "none", fault: undefined };
  if (!known) {
    RequestLog.write(gate.log, { ...note, status: answer.status, verdict: "invalid", problems: [`no such route: ${method} ${path}`] });
    return answer;
  }
  const problem = `the simulator does not have ${method} ${path}`;
  RequestLog.write(gate.log, { ...note, status: 501, verdict: "sim-drift", problems: [problem] });
  return json({ error: problem }, 501);
}

/** Ends the connection under an answer, where there is one. */
export function hangUp(c: Context): (() => void) | undefined {
  const { outgoing } = (c.env ?? {}) as { outgoing?: { destroy: () => void } };
  return outgoing && (() => outgoing.destroy());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
