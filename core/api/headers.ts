import { randomUUID } from "node:crypto";
import { config } from "#core/config.ts";

const METHODS = "GET, POST, PUT, PATCH, DELETE";
const ASKED = "authorization, content-type, idempotency-key, x-api-key, x-csrf-token, x-project-id, x-request-id";
const SHOWN = "idempotency-replayed, retry-after, x-request-id";

/** The caller's own id for the request, of harmless characters only; without one, a new one. */
export function requestIdOf(header: string | null): string {
  return (header ?? "").replace(/[^\w.-]/g, "").slice(0, 64) || randomUUID();
}

/** Whether the caller reached us by https. Believing the header costs nothing: it only ever makes a cookie stricter. */
export function isSecure(request: Request): boolean {
  return request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
}

export function securityHeaders(secure: boolean): Record<string, string> {
  return {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    ...(secure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

/** What a browser on another origin needs to read the answer: only for the origins that are configured. */
export function corsHeaders(origin: string | null): Record<string, string> {
  const vary = { vary: "Origin" };
  if (!origin || !config.CORS_ORIGIN.includes(origin)) return vary;
  return {
    ...vary,
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": SHOWN,
  };
}

export function preflightHeaders(origin: string | null): Record<string, string> {
  const cors = corsHeaders(origin);
  if (!("access-control-allow-origin" in cors)) return cors;
  return { ...cors, "access-control-allow-methods": METHODS, "access-control-allow-headers": ASKED, "access-control-max-age": "600" };
}
