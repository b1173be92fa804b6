import { createHash, randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { Refused } from "#core/error.ts";

const KEPT_MS = 24 * 3_600_000;
const IN_FLIGHT_MS = 60_000;

/** What makes two requests the same: who, what, the key they chose; and `fingerprint`, which then has to be equal. */
export type Asked = {
  accountScopeId: string;
  projectId: string | undefined;
  caller: string;
  method: string;
  path: string;
  key: string;
  fingerprint: string;
};
export type Answer = { status: number; body: string };
export type Claim = { answered: Answer } | { claim: string };

/**
 * Claims the request, or answers what it was answered before. Throws `idempotency_mismatch` when the key was used with something else, and
 * `idempotency_in_flight` while the first is at work; after a minute that one is given up on.
 */
export async function claim(asked: Asked): Promise<Claim> {
  const { accountScopeId, projectId, caller, method, path, key } = asked;
  const now = Clock.now();
  const mine = randomUUID();
  const bodyHash = createHash("sha256").update(asked.fingerprint).digest("hex");
  const expiresAt = new Date(now.getTime() + KEPT_MS);
  const givenUp = new Date(now.getTime() - IN_FLIGHT_MS);
  const taken = await systemSql<{ claim: string }[]>`
    insert into idempotency_keys as i (account_scope_id, project_id, caller, method, path, key, body_hash, claim, created_at, expires_at)
    values (${accountScopeId}, ${projectId ?? null}, ${caller}, ${method}, ${path}, ${key}, ${bodyHash}, ${mine}, ${now}, ${expiresAt})
    on conflict (caller, method, path, key) do update
      set body_hash = excluded.body_hash, claim = excluded.claim, status_code = null, response_body = null, created_at = excluded.created_at, expires_at = excluded.expires_at
      where i.expires_at <= ${now} or (i.status_code is null and i.created_at <= ${givenUp} and i.body_hash = excluded.body_hash)
    returning claim`;
  if (taken.length > 0) return { claim: mine };
  const [known] = await systemSql<{ bodyHash: string; statusCode: number | null; responseBody: string | null }[]>`
    select body_hash, status_code, response_body from idempotency_keys where caller = ${caller} and method = ${method} and path = ${path} and key = ${key}`;
  if (known && known.bodyHash !== bodyHash) throw new Refused("idempotency_mismatch");
  if (!known || known.statusCode === null) throw new Refused("idempotency_in_flight");
  return { answered: { status: known.statusCode, body: known.responseBody ?? "" } };
}

/** Keeps the answer for a day. One whose claim was given up on keeps nothing. */
export async function keep({ caller, method, path, key }: Asked, claim: string, { status, body }: Answer): Promise<void> {
  await systemSql`
    update idempotency_keys set status_code = ${status}, response_body = ${body}
    where caller = ${caller} and method = ${method} and path = ${path} and key = ${key} and claim = ${claim}`;
}

/** Forgets the request, so that it may be tried again. */
export async function forget({ caller, method, path, key }: Asked, claim: string): Promise<void> {
  await systemSql`delete from idempotency_keys where caller = ${caller} and method = ${method} and path = ${path} and key = ${key} and claim = ${claim}`;
}
