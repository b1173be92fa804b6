import { createHash, timingSafeEqual } from "node:crypto";
import type { Caller } from "#core/actor.ts";
import type { Operation } from "#core/api/operation.ts";
import { Refused } from "#core/error.ts";
import * as ApiKey from "#core/platform/api-key.ts";
import * as Session from "#core/platform/session.ts";

export const COOKIE = "sid";
export type Authenticated = { actor: Caller; session: Session.Session | undefined; cookie: string | undefined };

/**
 * Who calls: by key when one is given, else by cookie. `cookie` is the one to send again when the session was prolonged. Throws `unauthenticated`, and
 * `csrf_invalid` when a cookie alone would change something: another site can make a browser send it, but cannot read the token.
 */
export async function authenticate(headers: Headers, { method }: Operation, secure: boolean): Promise<Authenticated> {
  const secret = bearer(headers) ?? headers.get("x-api-key") ?? undefined;
  if (secret !== undefined) {
    const actor = await ApiKey.find(secret);
    if (!actor) throw new Refused("unauthenticated");
    return { actor, session: undefined, cookie: undefined };
  }
  const id = cookieOf(headers);
  const found = id ? await Session.find(id) : undefined;
  if (!id || !found) throw new Refused("unauthenticated");
  const { user, session, touched } = found;
  if (method !== "GET" && !same(headers.get("x-csrf-token") ?? "", session.csrfToken)) throw new Refused("csrf_invalid");
  return { actor: user, session, cookie: touched ? setCookie(id, secure) : undefined };
}

export function setCookie(id: string, secure: boolean): string {
  return `${COOKIE}=${id}; Path=/; Max-Age=${Session.LIFETIME_SECONDS}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

export const clearCookie = (secure: boolean): string => `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;

/** Compares two texts in a time that tells nothing about either. */
export function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export function bearer(headers: Headers): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function cookieOf(headers: Headers): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) || undefined;
}
