import * as Clock from "#core/clock.ts";
import { type Answer, type Kind, retryAfter, SourceError } from "#core/connectors/http.ts";
import * as Limits from "#core/connectors/linear/limits.ts";

type Path = readonly (string | number)[];
export type GraphqlError = { message: string; path: Path; type: string };

/** Linear's own words for what went wrong (packages/sdk/src/error.ts), by what it means here. All else is trouble upstream. */
const KINDS: Record<string, { kind: Exclude<Kind, "bug">; status?: number }> = {
  ratelimited: { kind: "rate_limited" },
  authenticationerror: { kind: "auth", status: 401 },
  // A right that is missing ends this stream only, so not 401.
  forbidden: { kind: "auth", status: 403 },
  featurenotaccessible: { kind: "auth", status: 403 },
  invalidinput: { kind: "invalid_data" },
  inputerror: { kind: "invalid_data" },
  usererror: { kind: "invalid_data" },
  graphqlerror: { kind: "invalid_data" },
  graphqlvalidationfailed: { kind: "invalid_data" },
};
const WORST = ["rate_limited", "auth", "invalid_data"] as const;

/** The errors of a GraphQL answer, empty when there are none. */
export function errorsOf(body: unknown): GraphqlError[] {
  const errors = typeof body === "object" && body !== null && "errors" in body ? body.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.map((given: unknown) => {
    const error = (given ?? {}) as { message?: unknown; path?: unknown; extensions?: { type?: unknown; code?: unknown } | null };
    const words = [error.extensions?.code, error.extensions?.type].map((word) =>
      String(word ?? "")
        .toLowerCase()
        .replace(/[^a-z]/g, ""),
    );
    return {
      message: String(error.message ?? "?").slice(0, 300),
      path: Array.isArray(error.path) ? (error.path as Path) : [],
      type: words.find((word) => word in KINDS) ?? "",
    };
  });
}

/** Whether an error broke a single row of a list: `[list, "nodes", index, …]`. */
export const isOfOneRow = ({ path, type }: GraphqlError): boolean =>
  path.length >= 3 && path[1] === "nodes" && typeof path[2] === "number" && !(type in KINDS);

/**
 * What Linear's errors amount to. Its quota is refused with HTTP 400, and errors come with HTTP 200 too. Undefined when there are none, or when they
 * only concern single rows of lists that are there otherwise.
 */
export function refusal({ status, headers, body }: Answer): SourceError | undefined {
  const errors = errorsOf(body);
  if (errors.length === 0) return undefined;
  const data = (body as { data?: unknown }).data;
  const whole = typeof data === "object" && data !== null && Object.values(data).every((value) => value !== null);
  if (whole && errors.every(isOfOneRow)) return undefined;
  const worst =
    WORST.map((kind) => errors.find((error) => KINDS[error.type]?.kind === kind)).find((error) => error !== undefined) ?? errors[0];
  const { kind, status: meant } = KINDS[worst?.type ?? ""] ?? { kind: "upstream" as const };
  if (kind === "rate_limited") {
    const now = Clock.now();
    const retryAt = Limits.resetAt(headers, now) ?? retryAfter(headers.get("retry-after"), now);
    return new SourceError("rate_limited", status, { source: "linear", until: retryAt?.toISOString() ?? "?" }, { retryAt });
  }
  return new SourceError(kind, meant ?? status, { source: "linear", problem: worst?.message ?? "?" });
}
