import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";

/** What goes wrong with a delivery. `nth` and `times` count deliveries, as with faults of answers. */
export const Trouble = z.intersection(
  z.object({ nth: z.int().min(1).optional(), times: z.int().min(0).optional() }),
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("duplicate") }),
    /** Comes after the one behind it. */
    z.object({ kind: z.literal("reorder") }),
    z.object({ kind: z.literal("delay"), ms: z.int().min(0) }),
    z.object({ kind: z.literal("badSignature") }),
    /** Signed, but with a time so many seconds ago; for vendors that sign the time. */
    z.object({ kind: z.literal("staleTimestamp"), seconds: z.number() }),
    /** An event that no reader knows. */
    z.object({ kind: z.literal("unknownEvent") }),
    z.object({ kind: z.literal("huge"), bytes: z.int().min(1) }),
    z.object({ kind: z.literal("drop") }),
  ]),
);
export type Trouble = z.input<typeof Trouble>;
export type Letter = { url: string; body: Record<string, unknown> };
/** `seal` turns a body into headers: id, time and signature, as the vendor makes them. `id` is the same for every attempt. */
export type Seal = (letter: Letter, raw: string, id: string, seconds: number) => Record<string, string>;
export type Postman = {
  armed: { trouble: Trouble; seen: number; struck: number }[];
  held: (() => Promise<void>)[];
  underway: Set<Promise<void>>;
  delivered: number;
  options: {
    now: () => number;
    seal: Seal;
    id: () => string;
    unknown: (body: Letter["body"]) => Letter["body"];
    /** For vendors that put the time into the body: the body as sent at this epoch second. */
    date?: (body: Letter["body"], seconds: number) => Letter["body"];
  } & Patience;
};
type Patience = { timeoutMs: number; attempts: number; retryMs: number };

export function postman(options: Postman["options"]): Postman {
  return { armed: [], held: [], underway: new Set(), delivered: 0, options };
}

export function arm(one: Postman, trouble: Trouble): void {
  one.armed.push({ trouble, seen: 0, struck: 0 });
}

export function disarm(one: Postman): void {
  one.armed = [];
  one.held = [];
}

/** Sends without waiting; what is not answered with 2xx in time is sent again, and at last given up. */
export function send(one: Postman, letter: Letter): void {
  const troubles = struck(one);
  const has = <K extends Trouble["kind"]>(kind: K) => troubles.find((it): it is Extract<Trouble, { kind: K }> => it.kind === kind);
  if (has("drop")) return;
  const body = has("unknownEvent") ? one.options.unknown(letter.body) : letter.body;
  const padded = has("huge") ? { ...body, padding: "x".repeat(has("huge")?.bytes ?? 0) } : body;
  const id = one.options.id();
  const post = async () => {
    await pause(has("delay")?.ms ?? 0, undefined, { ref: false });
    // Sealed anew for each attempt: a second one with the first one's time would be refused as stale.
    const sealed = () => {
      const at = one.options.now() - (has("staleTimestamp")?.seconds ?? 0);
      const raw = JSON.stringify(one.options.date?.(padded, at) ?? padded);
      const headers = one.options.seal({ ...letter, body: padded }, raw, id, at);
      if (has("badSignature"))
        for (const key of Object.keys(headers)) if (key.endsWith("signature")) headers[key] = spoilt(headers[key] ?? "");
      return { raw, headers };
    };
    for (let n = 0; n <= (has("duplicate") ? 1 : 0); n++) await attempts(one, letter.url, sealed);
  };
  if (has("reorder")) {
    one.held.push(post);
    return;
  }
  const late = one.held.splice(0);
  track(
    one,
    (async () => {
      await post();
      for (const held of late) await held();
    })(),
  );
}

/** Everything sent so far has arrived or been given up. */
export async function settled(one: Postman): Promise<void> {
  while (one.underway.size > 0) await Promise.all(one.underway);
}

async function attempts(one: Postman, url: string, sealed: () => { raw: string; headers: Record<string, string> }): Promise<void> {
  const { attempts: most, retryMs, timeoutMs } = one.options;
  for (let n = 1; n <= most; n++) {
    const { raw, headers } = sealed();
    const answer = await fetch(url, {
      method: "POST",
      body: raw,
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => undefined);
    if (answer?.ok) {
      one.delivered += 1;
      return;
    }
    if (n < most) await pause(retryMs * 2 ** (n - 1), undefined, { ref: false });
  }
}

function struck(one: Postman): Trouble[] {
  return one.armed.flatMap((it) => {
    it.seen += 1;
    const times = it.trouble.times ?? 1;
    if (it.seen < (it.trouble.nth ?? 1) || (times > 0 && it.struck >= times)) return [];
    it.struck += 1;
    return [it.trouble];
  });
}

function track(one: Postman, work: Promise<void>): void {
  const tracked = work.finally(() => one.underway.delete(tracked));
  one.underway.add(tracked);
}

const spoilt = (signature: string): string => signature.replace(/[0-9a-zA-Z](?=[^,]*$)/, (letter) => (letter === "0" ? "1" : "0"));
