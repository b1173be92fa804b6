import { MODELS } from "#core/codes/models.ts";
import { REQUESTS } from "#core/codes/requests.ts";
import { RUNS } from "#core/codes/runs.ts";
import { SOURCES } from "#core/codes/sources.ts";

/** The closed list of error and reason codes. */
const CODES = { ...REQUESTS, ...RUNS, ...SOURCES, ...MODELS };

export type Code = keyof typeof CODES;
export type Params = Record<string, string | number>;
/** Why something is as it is, as stored: a code with its parameters, and the reason behind it if there is one, whose words stand for `{error}`. */
export type Reason = { code: Code; params: Params; because?: Reason };
export type Language = "en" | "ru";

export const codes = Object.keys(CODES) as Code[];
export const reason = (code: Code, params: Params = {}, because?: Reason): Reason =>
  because ? { code, params: { ...params, error: say(because), code: because.code }, because } : { code, params };
export const statusOf = (code: Code): number => CODES[code].status;
/** Whether trying the same again can help. */
export const retryHelps = (code: Code): boolean => CODES[code].retry;

/** A reason in words, all of one language. What ends as a sentence does keeps its own end. */
export function say({ code, params, because }: Reason, language: Language = "en"): string {
  return CODES[code][language].replace(/\{(\w+)\}(\.?)/g, (_, name: string, stop: string) => {
    const text = name === "error" && because ? say(because, language) : String(params[name] ?? "?");
    return /[.!?…]$/.test(text) ? text : text + stop;
  });
}

/** The words of a code, unfilled: what a test compares between the languages. */
export const words = (code: Code): Record<Language, string> => ({ en: CODES[code].en, ru: CODES[code].ru });

/** Refused by a rule: trying the same again will not help until something changes. */
export class Refused extends Error {
  readonly why: Reason;
  readonly details: unknown;
  constructor(code: Code, params: Params = {}, details?: unknown) {
    super(say(reason(code, params)));
    this.name = "Refused";
    this.why = reason(code, params);
    this.details = details;
  }
}

/** Did not work this time. `retryAt` is when the other side said to come back; without it the run's own backoff decides. */
export class Failed extends Error {
  readonly why: Reason;
  readonly retryAt: Date | undefined;
  constructor(code: Code, params: Params = {}, options: { retryAt?: Date | undefined; cause?: unknown } = {}) {
    super(say(reason(code, params)), { cause: options.cause });
    this.name = "Failed";
    this.why = reason(code, params);
    this.retryAt = options.retryAt;
  }
}

/** Not now, through nobody's fault: the run goes back to the queue, until `retryAt` if that is known, and the attempt does not count. */
export class Later extends Error {
  readonly why: Reason;
  readonly retryAt: Date | undefined;
  constructor(code: Code, params: Params = {}, retryAt?: Date) {
    super(say(reason(code, params)));
    this.name = "Later";
    this.why = reason(code, params);
    this.retryAt = retryAt;
  }
}

/** What went wrong, as a reason: known failures keep theirs, all else is a bug. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof Refused || error instanceof Failed || error instanceof Later) return error.why;
  return reason("bug", { problem: error instanceof Error ? error.message.slice(0, 500) : String(error).slice(0, 500) });
}
