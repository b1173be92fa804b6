import { setTimeout as sleep } from "node:timers/promises";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import type { Breaker } from "#core/connectors/breaker.ts";
import { type Code, Failed, type Params } from "#core/error.ts";
import type { Budget } from "#core/jobs/budget.ts";

export type Kind = "auth" | "rate_limited" | "upstream" | "network" | "invalid_data" | "bug";
/** What of an answer a source may judge for itself: `body` is undefined when it was not JSON. */
export type Answer = { status: number; headers: Headers; body: unknown };
/**
 * One question. With `body` it is POSTed as JSON (or PUT); it must do no harm asked twice, for it may be asked again. `judge` finds the refusals that only this source
 * gives (a quota as HTTP 400, errors beside data): what it returns is thrown.
 */
export type Request = {
  source: string;
  url: string;
  headers: Record<string, string>;
  budget: Budget;
  breaker?: Breaker;
  body?: unknown;
  method?: "POST" | "PUT";
  judge?: (answer: Answer) => SourceError | undefined;
  /** Told of each try that failed and is made again; what it throws ends the asking. */
  again?: (error: SourceError) => Promise<void>;
  timeoutMs?: number;
};

const TIMEOUT_MS = 20_000;
const PAUSES_MS = [config.CONNECTOR_REQUEST_PAUSE_MS, 4 * config.CONNECTOR_REQUEST_PAUSE_MS];
// A wait up to this is sat out inside the run; a longer one is the queue's to keep.
const PATIENCE_MS = 5_000;

// Only an escape can bring in what Postgres cannot store: decoding UTF-8 has mended the rest.
const ODD = /\\u(0000|[dD][89a-fA-F])/;
const plain = new WeakSet<object>();

/** Whether an answer, as parsed, holds no NUL and no half of a surrogate pair: then none of its rows needs cleaning. */
export const isPlain = (body: unknown): boolean => typeof body === "object" && body !== null && plain.has(body);

/** An upstream that did not give what was asked. `status` is its HTTP status, 0 when there was none. */
export class SourceError extends Failed {
  readonly kind: Kind;
  readonly status: number;
  constructor(kind: Exclude<Kind, "bug">, status: number, params: Params, options: { retryAt?: Date | undefined; cause?: unknown } = {}) {
    super(kind satisfies Code, params, options);
    this.name = "SourceError";
    this.kind = kind;
    this.status = status;
  }
}

/** Errors of a connection that was never made. */
const UNMADE = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** Whether a request is sure not to have reached its host: where it may have, it may have been answered too. */
export function unsent({ kind, cause }: SourceError): boolean {
  const inner = cause instanceof Error ? (cause.cause as NodeJS.ErrnoException | undefined) : undefined;
  return kind === "network" && UNMADE.includes(inner?.code ?? "");
}

/** The document alone: see `ask`. */
export async function getJson(request: Request): Promise<unknown> {
  return (await ask(request)).body;
}

/**
 * Asks for a JSON document. Short trouble (5xx, a reset, a truncated body, a short Retry-After) is tried again twice; what remains is thrown,
 * classified. Every try counts against the run's budget, and a try that the host failed against its circuit breaker, unless it was not waited for.
 */
export async function ask(request: Request): Promise<Answer> {
  const host = new URL(request.url).host;
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await inTurn(host, () => once(request));
      await request.breaker?.succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof SourceError) || !["upstream", "network", "rate_limited", "invalid_data"].includes(error.kind)) throw error;
      if ((error.kind === "network" && !impatient(request, error)) || error.status >= 500) await request.breaker?.failed(error);
      const asked = error.retryAt ? error.retryAt.getTime() - Clock.now().getTime() : undefined;
      const pause = asked !== undefined && asked > 0 ? asked : PAUSES_MS[attempt];
      const hopeless = error.kind !== "rate_limited" && error.status >= 400 && error.status < 500 && error.status !== 408;
      if (attempt >= PAUSES_MS.length || pause === undefined || pause > PATIENCE_MS || hopeless || request.budget.signal.aborted)
        throw error;
      await request.again?.(error);
      await sleep(pause);
    }
  }
}

/** A wait that was shorter than it takes to know says nothing of the host. */
const impatient = ({ timeoutMs = TIMEOUT_MS }: Request, { cause }: SourceError): boolean =>
  timeoutMs < TIMEOUT_MS && cause instanceof Error && cause.name === "TimeoutError";

async function once({ source, url, headers, budget, body, method = "POST", judge, timeoutMs = TIMEOUT_MS }: Request): Promise<Answer> {
  budget.spend(1);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, {
      ...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    });
    text = await answer.text();
  } catch (cause) {
    throw new SourceError("network", 0, { source, problem: problemOf(cause) }, { cause });
  }
  const found: Answer = { status: answer.status, headers: answer.headers, body: parsed(text) };
  const judged = judge?.(found);
  if (judged) throw judged;
  if (!answer.ok) throw refusal(source, answer, text);
  if (found.body === undefined) {
    const problem = `${answer.headers.get("content-type") ?? "no content type"}, ${text.length} characters that are not JSON`;
    throw new SourceError("upstream", answer.status, { source, problem });
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !ODD.test(text)) plain.add(body);
    return body;
  } catch {
    return undefined;
  }
}

/** At most so many questions of this process are open at one host. */
const WIDTH = 6;
const open = new Map<string, number>();
const waiting = new Map<string, (() => void)[]>();

async function inTurn<T>(host: string, work: () => Promise<T>): Promise<T> {
  const count = open.get(host) ?? 0;
  if (count < WIDTH) open.set(host, count + 1);
  else await new Promise<void>((resolve) => waiting.set(host, [...(waiting.get(host) ?? []), resolve]));
  try {
    return await work();
  } finally {
    const next = waiting.get(host)?.shift();
    if (next) next();
    else open.set(host, (open.get(host) ?? 1) - 1);
  }
}

function refusal(source: string, answer: Response, text: string): SourceError {
  const problem = `HTTP ${answer.status}${said(text)}`;
  if (answer.status === 401 || answer.status === 403) return new SourceError("auth", answer.status, { source, problem });
  const retryAt = retryAfter(answer.headers.get("retry-after"), Clock.now());
  if (answer.status === 429) return new SourceError("rate_limited", 429, { source, until: retryAt?.toISOString() ?? "?" }, { retryAt });
  return new SourceError("upstream", answer.status, { source, problem }, { retryAt });
}

/** Retry-After as seconds or as an HTTP date; undefined when it is absent, unreadable or past. At most a day ahead. */
export function retryAfter(header: string | null, now: Date): Date | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const at = Number.isFinite(seconds) ? now.getTime() + seconds * 1_000 : Date.parse(header);
  if (!Number.isFinite(at) || at <= now.getTime()) return undefined;
  return new Date(Math.min(at, now.getTime() + 86_400_000));
}

/** The error's own words when it is a short JSON one; never a page of HTML. */
function said(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) {
      const word = "error" in body ? body.error : "message" in body ? body.message : undefined;
      if (typeof word === "string") return `, ${word.slice(0, 200)}`;
    }
  } catch {
    // Not JSON: the status says enough.
  }
  return "";
}

function problemOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? ` (${(cause.cause as NodeJS.ErrnoException).code ?? cause.cause.message})` : "";
  return cause.name === "TimeoutError" ? "no answer in time" : `${cause.message}${inner}`;
}
