import { expect } from "vitest";
import type { Value } from "#test/simulators/attio/rows.ts";
import { type Options, type Simulated, simulated } from "#test/simulators/attio/server.ts";
import { faulty } from "#test/simulators/log.ts";

export type Rec = { id: Record<string, string>; created_at: string; web_url: string; values: Record<string, Value[]> };
export const NOW = new Date("2026-03-10T12:00:00Z");
/** The same in epoch seconds. */
export const at = NOW.getTime() / 1_000;
const open: Simulated[] = [];

/** For afterEach: whatever a test did not announce as wrong must have been what the vendor describes. */
export function nothingWrong(): void {
  for (const sim of open.splice(0)) expect(faulty(sim.world.gate.log)).toEqual([]);
}

/** An empty workspace whose clock stands still at `NOW`, and ways to ask it. */
export function workspace(options: Options = {}) {
  const sim = simulated({ size: "empty", now: NOW, ...options });
  sim.clock.set(NOW, 0);
  open.push(sim);
  const { store, tokens } = sim.world;
  const send = (method: string, path: string, body?: unknown, token = tokens.full) =>
    sim.app.request(`/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const data = async <T>(method: string, path: string, body?: unknown, token = tokens.full): Promise<T> => {
    const answer = await send(method, path, body, token);
    const text = await answer.text();
    expect([answer.status, answer.status === 200 ? "" : text], path).toEqual([200, ""]);
    return (JSON.parse(text) as { data: T }).data;
  };
  const query = (object: string, body: unknown = {}, token = tokens.full) =>
    data<Rec[]>("POST", `objects/${object}/records/query`, body, token);
  /** A refusal that is meant: it must not fail the test as a wrong request. */
  const error = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await send(method, path, body);
    sim.world.gate.log.entries.length = 0;
    const { status_code, type, code } = (await answer.json()) as Record<string, unknown>;
    return [answer.status, status_code, type, code];
  };
  return { ...sim, store, tokens, send, data, query, error };
}

export const names = (rows: readonly Rec[]) => rows.map((row) => row.values.name?.[0]?.value ?? row.values.name?.[0]?.full_name);
export const byTime = [{ direction: "asc", attribute: "created_at" }];
