import * as z from "zod";
import { random } from "#test/simulators/random.ts";

const count = z.int().min(0);
const Rule = z.object({
  /** "GET conversations/:id/messages" or, of GraphQL, "query issues"; with "*" for any part of it; absent: every route. */
  route: z.string().optional(),
  /** Part of the path and query (of GraphQL: of the operation's name and variables), to strike one conversation or one page only. */
  path: z.string().optional(),
  /** The first matching call to strike, from 1. */
  nth: count.optional(),
  /** How many to strike from then on; 0 for ever. One unless told. */
  times: count.optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
});

/**
 * What goes wrong. Rows are those of the answer's `payload` or `data`, of a bare array, or of the first connection of a GraphQL answer; `row` may be negative, counted from the end; `key` may lead
 * down: "values.stage.0.status.title".
 */
const Kind = z.discriminatedUnion("kind", [
  /** `retryAfter`: seconds, "date" for an HTTP date `seconds` ahead, or absent. */
  z.object({
    kind: z.literal("status"),
    status: z.int().min(200).max(599),
    retryAfter: z.union([z.number(), z.literal("date")]).optional(),
    seconds: z.number().optional(),
    html: z.boolean().optional(),
    body: z.string().optional(),
    contentType: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** No answer until the client gives up, or until `ms` are over. */
  z.object({ kind: z.literal("hang"), ms: count.optional() }),
  z.object({ kind: z.literal("slow"), ms: count }),
  z.object({ kind: z.literal("drip"), chunk: count.optional(), everyMs: count.optional() }),
  z.object({ kind: z.literal("reset"), afterBytes: count.optional() }),
  z.object({ kind: z.literal("truncate"), keep: z.number().optional() }),
  z.object({ kind: z.literal("contentType"), value: z.string().optional(), body: z.string().optional() }),
  z.object({ kind: z.literal("bom") }),
  /** The last row of the answer before this one on the same route comes again, and so does this one's first. */
  z.object({ kind: z.literal("duplicate") }),
  z.object({ kind: z.literal("emptyPage") }),
  /** Only the first rows of the page, though more follow. */
  z.object({ kind: z.literal("shortPage"), keep: count.optional() }),
  z.object({ kind: z.literal("patch"), row: z.int(), key: z.string(), value: z.unknown().optional(), remove: z.boolean().optional() }),
  z.object({ kind: z.literal("pad"), bytes: count, row: z.int().optional(), key: z.string().optional() }),
  /** GraphQL only: an error in the answer, and null in it `at` a place ("issues.nodes.3.assignee"); without one there is no data at all. */
  z.object({
    kind: z.literal("graphqlError"),
    message: z.string(),
    code: z.string(),
    type: z.string().optional(),
    at: z.string().optional(),
  }),
  /** GraphQL only: what the page says of its end; "repeat" is the cursor of the answer before this one on the same route. */
  z.object({
    kind: z.literal("pageInfo"),
    hasNextPage: z.boolean().optional(),
    endCursor: z.union([z.literal("repeat"), z.string(), z.null()]).optional(),
  }),
  /** Runs before (default) or after the answer is made: a change between two pages. */
  z.object({
    kind: z.literal("hook"),
    verb: z.string().optional(),
    args: z.unknown().optional(),
    run: z.custom<() => void>((value) => typeof value === "function").optional(),
    when: z.enum(["before", "after"]).optional(),
  }),
]);
export const Fault = z.intersection(Rule, Kind);
export type Fault = z.input<typeof Fault>;
type Armed = { fault: Fault; pattern: RegExp; seen: number; struck: number; draw: () => number };
/** `words`: what the vendor says with a status, where the fault gives no body of its own. */
export type Faults = {
  armed: Armed[];
  lastRow: Map<string, unknown>;
  run: (verb: string, args: unknown) => void;
  words: Readonly<Record<number, string>>;
};

/** Texts that break careless readers: a NUL Postgres cannot store, half a surrogate pair, joined emoji, right-to-left, control and 4-byte letters. */
export const ODD_TEXTS = {
  nul: "before\u0000after",
  loneSurrogate: "half \ud83d of a pair",
  zwj: "👩‍👩‍👧‍👦 approved 🏳️‍🌈",
  rtl: "\u202eשלום عليكم\u202c end",
  crlf: "line one\r\nline two\r",
  astral: "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎",
} as const;

export function faults(words: Faults["words"] = {}): Faults {
  return { armed: [], lastRow: new Map(), run: () => undefined, words };
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
