import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Actor, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { type Reason, Refused } from "#core/error.ts";
import type { Claimed, Next } from "#core/jobs/ledger.ts";
import * as Audit from "#core/platform/audit.ts";
import type { AccountScope } from "#core/scope.ts";

export const SOURCES = ["chatwoot", "linear", "attio"] as const;
export type Source = (typeof SOURCES)[number];

/** Whether an address is one and no more: a password in it would be shown with the connection, a query would be in the way of each path. */
function isBare(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.username === "" && url.password === "" && !/[?#]/.test(address);
}

/** What a person gives to connect an upstream account. Giving it again for the same account replaces the name and the credentials. */
export const Draft = z.strictObject({
  source: z.enum(SOURCES),
  name: z.string().trim().min(1).max(160),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isBare, "an address holds no user, password, query or fragment")
    .transform((url) => url.replace(/\/+$/, "")),
  externalAccount: z.coerce.string().regex(/^[\w-]{1,64}$/),
  apiToken: z.string().trim().min(1).max(500),
  /** What the vendor signs webhooks with; for a Chatwoot that does not sign, the token in their address. Without one, the one there is stays. */
  webhookSecret: z.string().trim().min(16).max(500).optional(),
});
export type Draft = z.infer<typeof Draft>;

export const Info = z.object({
  id: z.uuid(),
  source: z.enum(SOURCES),
  name: z.string(),
  baseUrl: z.string(),
  externalAccount: z.string(),
  simulated: z.boolean(),
  /** Whether it takes webhooks: it has a secret to know them by. */
  webhooks: z.boolean(),
  lastReadAt: z.date().nullable(),
  lastReadStatus: z.enum(["ok", "partial", "failed"]).nullable(),
  projects: z.number(),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

/** A connection as the sync loop needs it, credentials still sealed. */
export type Stored = {
  id: string;
  accountScopeId: string;
  source: Source;
  name: string;
  baseUrl: string;
  externalAccount: string;
  credentials: string;
  simulated: boolean;
  lastReadRunId: string | null;
  lastReadStartedAt: Date | null;
  lastReadStatus: "ok" | "partial" | "failed" | null;
  lastReadReason: Reason | null;
  retryAt: Date | null;
  failures: number;
};

export async function list(scope: AccountScope): Promise<Info[]> {
  return transaction(
    { system: true },
    () =>
      sql<Info[]>`
      select c.id, c.source, c.name, c.base_url, c.external_account, c.simulated, c.webhook_secret is not null as webhooks, c.last_read_ended_at as last_read_at, c.last_read_status, c.created_at,
        (select count(distinct s.project_id) from project_sources s where s.connection_id = c.id and s.removed_at is null) as projects
      from connections c where c.account_scope_id = ${scope.accountScopeId} order by c.created_at, c.id`,
  );
}

/** Connects an account on somebody's word, or replaces the credentials of one that is connected. */
export async function connect(actor: Actor, scope: AccountScope, draft: Draft): Promise<{ connection: Info; replaced: boolean }> {
  const made = await transaction(scope, async () => {
    const done = await create(scope, draft, label(actor));
    await Audit.record(actor, {
      action: done.replaced ? "connection_replaced" : "connection_created",
      entityType: "connection",
      entityId: done.id,
      payload: { source: draft.source },
    });
    return done;
  });
  const connection = (await list(scope)).find((one) => one.id === made.id);
  if (!connection) throw new Refused("not_found", { thing: "connection" });
  return { connection, replaced: made.replaced };
}

/** Removes a connection on somebody's word. */
export async function disconnect(actor: Actor, scope: AccountScope, id: string): Promise<void> {
  await transaction(scope, async () => {
    await remove(scope, id);
    await Audit.record(actor, { action: "connection_removed", entityType: "connection", entityId: id });
  });
}

/** Runs inside the caller's transaction of the account scope, beside its audit row. */
export async function create(scope: AccountScope, draft: Draft, by: string, simulated = false): Promise<{ id: string; replaced: boolean }> {
  const now = Clock.now();
  const { source, name, baseUrl, externalAccount, apiToken, webhookSecret } = draft;
  const fresh = randomUUID();
  const [row] = await sql<{ id: string }[]>`
    insert into connections (id, account_scope_id, source, name, base_url, external_account, credentials, simulated, created_by, created_at, updated_at)
    values (${fresh}, ${scope.accountScopeId}, ${source}, ${name}, ${baseUrl}, ${externalAccount}, ${Secret.seal(apiToken, fresh)}, ${simulated}, ${by}, ${now}, ${now})
    on conflict (account_scope_id, source, base_url, external_account) do update
      set name = excluded.name, retry_at = null, failures = 0, updated_at = excluded.updated_at
    returning id`;
  const id = row?.id ?? fresh;
  // Credentials are sealed for their connection: those of one that was there, or was made by somebody else just now, are sealed anew.
  if (id !== fresh) await sql`update connections set credentials = ${Secret.seal(apiToken, id)} where id = ${id}`;
  // What waited because of the old credentials waits no more.
  if (id !== fresh) await sql`update connector_sync_state set retry_at = null where connection_id = ${id} and retry_at is not null`;
  if (webhookSecret)
    await sql`update connections set webhook_secret = ${Secret.seal(webhookSecret, Secret.forWebhooks(id))} where id = ${id}`;
  return { id, replaced: id !== fresh };
}

/** Removes a connection that feeds no project any more. Inside the caller's transaction. */
export async function remove(scope: AccountScope, id: string): Promise<void> {
  const [row] = await sql<
    { id: string }[]
  >`select id from connections where id = ${id} and account_scope_id = ${scope.accountScopeId} for update`;
  if (!row) throw new Refused("not_found", { thing: "connection" });
  const bindings = await bindingsOf(id);
  if (bindings > 0) throw new Refused("connection_in_use", { bindings });
  await sql`delete from connections where id = ${id}`;
}

async function bindingsOf(id: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count_bindings(${id}) as count`;
  return row?.count ?? 0;
}

/** The connections that feed a project, or are still being emptied out of it. */
export async function feeding(projectId: string): Promise<Stored[]> {
  return systemSql<Stored[]>`
    select c.* from connections c
    where exists (select from project_sources s where s.connection_id = c.id and s.project_id = ${projectId})
    order by c.created_at, c.id`;
}

/** The attempt that holds a connection. */
export type Holder = Pick<Claimed, "id" | "leaseToken">;

/**
 * Takes a connection for an attempt of a run. It is held as long as that attempt's own lease is: a worker that died frees both, and one that comes back
 * to life finds it gone. False when another holds it.
 */
export async function take(id: string, run: Holder): Promise<boolean> {
  const rows = await systemSql<{ id: string }[]>`
    update connections c set lease_run_id = ${run.id}, lease_token = ${run.leaseToken}
    where c.id = ${id} and (c.lease_token is null or c.lease_token = ${run.leaseToken}
      or not exists (
        select from job_runs r where r.id = c.lease_run_id and r.lease_token = c.lease_token and r.status = 'running' and r.lease_until > clock_timestamp()))
    returning c.id`;
  return rows.length > 0;
}

export type Ended = { startedAt: Date; status: "ok" | "partial" | "failed"; reason: Reason | undefined; retryAt: Date | undefined };

/** Gives a connection back with how its read went, and answers the queued runs that waited for it. */
export async function release(id: string, run: Holder, ended: Ended): Promise<Next[]> {
  const now = Clock.now();
  await systemSql`
    update connections
    set last_read_run_id = ${run.id}, last_read_started_at = ${ended.startedAt}, last_read_ended_at = ${now}, last_read_status = ${ended.status},
      last_read_reason = ${(ended.reason ?? null) as never}::jsonb, retry_at = ${ended.retryAt ?? null}, updated_at = ${now},
      failures = case when ${ended.status} = 'failed' then failures + 1 else 0 end
    where id = ${id} and lease_token = ${run.leaseToken}`;
  return giveBack(id, run);
}

/** Gives a connection back, and answers the queued runs that waited for it. */
export async function giveBack(id: string, run: Holder): Promise<Next[]> {
  const now = Clock.now();
  return systemSql<Next[]>`
    with released as (update connections set lease_run_id = null, lease_token = null where id = ${id} and lease_token = ${run.leaseToken} returning id)
    update job_runs r set sent_at = ${now}
    from released
    where r.status = 'queued' and r.due_at <= ${now} and r.reason ->> 'code' = 'waiting_for_connection' and r.reason -> 'params' ->> 'connection' = ${id}
    returning r.id, r.project_id, r.job`;
}
