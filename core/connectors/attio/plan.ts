import { OVERLAP } from "#core/connectors/attio/walk.ts";
import type { Cursor } from "#core/connectors/connector.ts";

/*
 * Attio cannot be asked what changed, so everything is read again and again: in a small workspace all of it every cycle, in a large one a part, whose size
 * is the freshness a stream promises. Objects of one page are read every cycle; of the others one at a time, the one that waits longest first.
 */

/** Requests a cycle may spend on reading again what it has read before. A backfill and a person's own run are not held to it. */
export const SWEEP_REQUESTS = 10;
/** How often the cycle runs (jobs/catalogue.ts). */
export const CYCLE_MINUTES = 15;

/** How a sweep stands: how long its list was last time, when that pass ended (epoch ms), whether one is under way. */
export type Standing = {
  stream: string;
  limit: number;
  rows: number;
  sweptAt: number;
  underWay: boolean;
  backfill: boolean;
  failed: boolean;
};

export function standing(stream: string, limit: number, cursor: Cursor | undefined, status: string): Standing {
  const complete = cursor !== undefined && cursor.backfill !== true;
  return {
    stream,
    limit,
    rows: Number(cursor?.rows ?? 0),
    sweptAt: Number(cursor?.swept_at ?? 0),
    underWay: Number(cursor?.offset ?? 0) > 0,
    backfill: !complete,
    failed: status === "failed",
  };
}

/** Requests that a list of so many rows takes. */
export const requestsFor = (rows: number, limit: number): number => Math.max(1, Math.ceil(rows / (limit - OVERLAP)));

const isSmall = (one: Standing): boolean => one.rows <= one.limit;

/** Whether every sweep fits into every cycle; then nothing has to be looked for at the lists' heads. */
export const isWhole = (all: readonly Standing[]): boolean =>
  all.reduce((sum, one) => sum + requestsFor(one.rows, one.limit), 0) <= SWEEP_REQUESTS;

/** Whether a sweep has its turn when so many of the cycle's requests are spent. */
export function hasTurn(all: readonly Standing[], stream: string, spent: number): boolean {
  const own = all.find((one) => one.stream === stream);
  if (!own || own.backfill) return true;
  if (spent >= SWEEP_REQUESTS) return false;
  if (own.underWay || isSmall(own) || isWhole(all)) return true;
  const rivals = all.filter((one) => one.stream !== stream && !isSmall(one) && !one.failed && !one.backfill);
  return rivals.every((one) => !one.underWay && one.sweptAt >= own.sweptAt);
}

/** Within how many minutes an edit upstream is here, when a round of so many requests is spread over cycles. */
export const freshnessMinutes = (requests: number, requestsPerCycle: number, cycleMinutes: number): number =>
  Math.max(1, Math.ceil(requests / requestsPerCycle)) * cycleMinutes;

/** What a sweep promises beside the others. */
export function promise(all: readonly Standing[], stream: string): number {
  const own = all.find((one) => one.stream === stream);
  if (!own || isSmall(own) || isWhole(all)) return freshnessMinutes(1, SWEEP_REQUESTS, CYCLE_MINUTES);
  const small = all.filter(isSmall).length;
  const round = all.filter((one) => !isSmall(one)).reduce((sum, one) => sum + requestsFor(one.rows, one.limit), 0);
  return freshnessMinutes(round, SWEEP_REQUESTS - small, CYCLE_MINUTES);
}
