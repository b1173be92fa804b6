import { random } from "#test/simulators/random.ts";

/** What goes wrong. Rows are those of the answer's `payload` (or of a bare array); `row` may be negative, counted from the end. */
export type Kind =
  /** `retryAfter`: seconds, "date" for an HTTP date that many seconds ahead (`seconds`), or absent. */
  | { kind: "status"; status: number; retryAfter?: number | "date"; seconds?: number; html?: boolean; body?: string; contentType?: string }
  /** No answer until the client gives up, or until `ms` are over. */
  | { kind: "hang"; ms?: number }
  | { kind: "slow"; ms: number }
  | { kind: "drip"; chunk?: number; everyMs?: number }
  | { kind: "reset"; afterBytes?: number }
  | { kind: "truncate"; keep?: number }
  | { kind: "contentType"; value?: string; body?: string }
  | { kind: "bom" }
  /** The last row of the answer before this one on the same route comes again, and so does this one's first. */
  | { kind: "duplicate" }
  | { kind: "emptyPage" }
  | { kind: "patch"; row: number; key: string; value?: unknown; remove?: boolean }
  | { kind: "pad"; bytes: number; row?: number; key?: string }
  /** Runs before (default) or after the answer is made: a change between two pages. */
  | { kind: "hook"; verb?: string; args?: unknown; run?: () => void; when?: "before" | "after" };

export type Rule = {
  /** "GET conversations/:id/messages", or with "*" for any part of it; absent: every route. */
  route?: string;
  /** Part of the path and query, to strike one conversation or one page only. */
  path?: string;
  /** The first matching call to strike, from 1. */
  nth?: number;
  /** How many to strike from then on; 0 for ever. */
  times?: number;
  probability?: number;
  seed?: number;
};
export type Fault = Rule & Kind;
type Armed = { fault: Fault; pattern: RegExp; seen: number; struck: number; draw: () => number };
export type Faults = { armed: Armed[]; lastRow: Map<string, unknown>; run: (verb: string, args: unknown) => void };

/** Texts that break careless readers: a NUL Postgres cannot store, half a surrogate pair, joined emoji, right-to-left, control and 4-byte letters. */
export const ODD_TEXTS = {
  nul: "before\u0000after",
  loneSurrogate: "half \ud83d of a pair",
  zwj: "👩‍👩‍👧‍👦 approved 🏳️‍🌈",
  rtl: "\u202eשלום عليكم\u202c end",
  crlf: "line one\r\nline two\r",
  astral: "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎",
} as const;

export function faults(): Faults {
  return { armed: [], lastRow: new Map(), run: () => undefined };
}

export function arm(faults: Faults, fault: Fault): void {
  const pattern = new RegExp(`^${(fault.route ?? "*").split("*").map(RegExp.escape).join(".*")}$`);
  faults.armed.push({ fault, pattern, seen: 0, struck: 0, draw: random(fault.seed ?? 1) });
}

export function disarm(faults: Faults): void {
  faults.armed = [];
  faults.lastRow.clear();
}

/** The faults that strike this call. */
export function strike(faults: Faults, route: string, path: string): Fault[] {
  if (faults.armed.length === 0) return [];
  const struck: Fault[] = [];
  for (const one of faults.armed) {
    if (!one.pattern.test(route) || (one.fault.path !== undefined && !path.includes(one.fault.path))) continue;
    one.seen += 1;
    const times = one.fault.times ?? 1;
    if (one.seen < (one.fault.nth ?? 1) || (times > 0 && one.struck >= times)) continue;
    if (one.fault.probability !== undefined && one.draw() >= one.fault.probability) continue;
    one.struck += 1;
    struck.push(one.fault);
  }
  return struck;
}
