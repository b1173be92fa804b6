import * as Clock from "#core/clock.ts";
import { Failed, type Language, Later, type Reason, Refused, reason, retryHelps, say, statusOf } from "#core/error.ts";
import { log } from "#core/log.ts";

/** `passing`: another attempt may be answered otherwise. */
export type Answer = { status: number; body: string; headers: Readonly<Record<string, string>>; passing: boolean };

export const success = (status: number, payload: object, requestId: string): Answer => ({
  status,
  body: JSON.stringify({ ok: true, ...payload, request_id: requestId }),
  headers: {},
  passing: false,
});

/** Known failures say why, in the caller's language; all else is logged under the request's id and said to be ours. */
export function failure(error: unknown, requestId: string, language: Language): Answer {
  const known = error instanceof Refused || error instanceof Failed || error instanceof Later;
  if (!known) log.error("a request failed", { requestId, error });
  const why: Reason = known ? error.why : reason("internal_error");
  const details = error instanceof Refused ? error.details : undefined;
  const told = { ok: false, error: why.code, message: say(why, language), ...(details === undefined ? {} : { details }) };
  const body = JSON.stringify({ ...told, request_id: requestId });
  return { status: statusOf(why.code), body, headers: { ...retryAfter(error, why), ...allow(why) }, passing: retryHelps(why.code) };
}

/** The language that Accept-Language likes best of the two that are spoken. */
export function languageOf(header: string | null): Language {
  const wished = (header ?? "").split(",").map((part, n) => {
    const [tag = "", q] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/);
    return { language: tag.split("-")[0], weight: Number(q ?? 1), n };
  });
  const spoken = wished.filter(({ language, weight }) => (language === "ru" || language === "en") && weight > 0);
  return spoken.toSorted((a, b) => b.weight - a.weight || a.n - b.n)[0]?.language === "ru" ? "ru" : "en";
}

const allow = ({ code, params }: Reason): Record<string, string> => (code === "method_not_allowed" ? { allow: String(params.allow) } : {});

function retryAfter(error: unknown, why: Reason): Record<string, string> {
  const until =
    error instanceof Failed ? error.retryAt : why.code === "login_rate_limited" ? new Date(String(why.params.until)) : undefined;
  if (!until) return {};
  return { "retry-after": String(Math.max(1, Math.ceil((until.getTime() - Clock.now().getTime()) / 1_000))) };
}
