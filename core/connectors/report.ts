import * as z from "zod";
import { type Actor, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import type { Source } from "#core/connectors/connection.ts";
import { CRAWL } from "#core/connectors/connector.ts";
import * as Hints from "#core/connectors/hints.ts";
import { sql, transaction } from "#core/db.ts";
import { type Reason, Refused } from "#core/error.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { ReasonInfo, saying } from "#core/jobs/reason.ts";
import * as Request from "#core/jobs/request.ts";
import * as Audit from "#core/platform/audit.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A stream of a connection that feeds a project. `stale`: it says running, but its worker is gone; the next run recovers it. */
export const StreamState = z.object({
  connectionId: z.uuid(),
  connection: z.string(),
  connector: z.string(),
  simulated: z.boolean(),
  stream: z.string(),
  status: z.enum(["idle", "running", "ok", "failed", "stale"]),
  knownUntil: z.date().nullable(),
  lastAttemptAt: z.date().nullable(),
  lastSuccessAt: z.date().nullable(),
  retryAt: z.date().nullable(),
  failures: z.number(),
  /** Within how many minutes an edit upstream is here, for a stream that has to be read again to find one. */
  freshnessMinutes: z.number().nullable(),
  /** Deletions that wait for a person's approval; none where they are other projects'. */
  withheldDeletions: z.number(),
  reason: ReasonInfo,
});
export type StreamState = z.infer<typeof StreamState>;

export const ErrorInfo = z.object({
  id: z.number(),
  connectionId: z.uuid(),
  connector: z.string(),
  stream: z.string(),
  recordRef: z.string().nullable(),
  kind: z.enum(["auth", "rate_limited", "upstream", "network", "invalid_data", "bug"]),
  message: z.string(),
  attempts: z.number(),
  status: z.enum(["pending", "retrying", "resolved", "dead_letter"]),
  nextRetryAt: z.date().nullable(),
  createdAt: z.date(),
  resolvedAt: z.date().nullable(),
});
export type ErrorInfo = z.infer<typeof ErrorInfo>;

const feeds = (scope: ProjectScope) => sql`
  exists (select from project_sources s where s.connection_id = c.id and s.project_id = any (${scope.projects as string[]}::uuid[]))`;

/** Who asks about errors. A record of which nobody knows where it goes is shown to those who see the whole studio. */
export type Asker = ProjectScope & { wholeStudio: boolean };

/** A stream that failed is every project's that the connection feeds; a record set aside, those' it goes to. */
const concerns = ({ projects, wholeStudio }: Asker) => sql`
  (e.record_ref is null or e.project_ids && ${projects as string[]}::uuid[] or (${wholeStudio} and e.project_ids = '{}'))`;

export async function state(scope: ProjectScope): Promise<StreamState[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<(Omit<StreamState, "reason"> & { reason: Reason | null })[]>`
      select c.id as connection_id, c.name as connection, c.source as connector, c.simulated, t.stream, t.known_until, t.last_attempt_at, t.last_success_at, t.retry_at,
        t.failures, (t.cursor ->> 'freshness_minutes')::int as freshness_minutes, t.reason,
        case when t.withheld_projects && ${scope.projects as string[]}::uuid[] then t.withheld_deletions else 0 end as withheld_deletions,
        case when t.status = 'running' and not lease_lives(t.run_id) then 'stale' else t.status end as status
      from connections c join connector_sync_state t on t.connection_id = c.id
      where ${feeds(scope)} order by c.created_at, c.id, t.stream`,
  );
  return rows.map(saying);
}

export type Filter = { status: string | undefined; before: number | undefined; limit: number };

/** Newest first; without a status, those that are not resolved. Payloads stay inside. */
export async function errors(scope: Asker, { status, before, limit }: Filter): Promise<ErrorInfo[]> {
  return transaction(
    scope,
    () =>
      sql<ErrorInfo[]>`
      select e.id, e.connection_id, c.source as connector, e.stream, e.record_ref, e.kind, e.message, e.attempts, e.status, e.next_retry_at, e.created_at, e.resolved_at
      from connector_errors e join connections c on c.id = e.connection_id
      where ${feeds(scope)} and ${concerns(scope)} and (case when ${status ?? null}::text is null then e.status <> 'resolved' else e.status = ${status ?? null} end)
        and (${before ?? null}::bigint is null or e.id < ${before ?? null})
      order by e.id desc limit ${limit}`,
  );
}

/** Puts a dead letter back, due now, and asks for the run that reads just it again; `runId` is null where the project's jobs stand still. */
export async function revive(actor: Actor, scope: Asker, id: number): Promise<{ error: ErrorInfo; runId: string | null }> {
  const error = await transaction(scope, async () => {
    const row = await put(scope, id);
    const [projectId = ""] = scope.projects;
    if (!isCrawl(row)) await Hints.add({ id: row.connectionId, accountScopeId: scope.accountScopeId }, [row], "retry", id);
    await Audit.record(actor, { action: "dead_letter_retried", entityType: "connector_error", entityId: String(id), projectId });
    return row;
  });
  const job = isCrawl(error) ? "connectors_reconciliation_daily" : "connectors_narrow_sync";
  const runId = await Request.ask(jobs, scope, job, { trigger: "retry", by: label(actor) }).catch((refused: unknown) => {
    if (refused instanceof Refused) return null;
    throw refused;
  });
  return { error, runId };
}

/** Whether it is a crawl as a whole that failed: only the reconciliation reads one. */
const isCrawl = ({ stream, recordRef }: ErrorInfo): boolean => recordRef === null && stream.endsWith(CRAWL);

async function put(scope: Asker, id: number): Promise<ErrorInfo> {
  const [row] = await sql<ErrorInfo[]>`
    update connector_errors e set status = 'pending', attempts = 0, next_retry_at = ${Clock.now()}, updated_at = ${Clock.now()}
    from connections c where c.id = e.connection_id and e.id = ${id} and e.status = 'dead_letter' and ${feeds(scope)} and ${concerns(scope)}
      and not exists (select from connector_errors o where o.connection_id = e.connection_id and o.dedupe_key = e.dedupe_key and o.status in ('pending', 'retrying'))
    returning e.id, e.connection_id, c.source as connector, e.stream, e.record_ref, e.kind, e.message, e.attempts, e.status, e.next_retry_at, e.created_at, e.resolved_at`;
  if (!row) throw new Refused("not_found", { thing: "dead letter" });
  return row;
}

/** Throws `no_such_source` for a project that no source of this kind feeds. */
export async function refuseUnlessFedBy(scope: ProjectScope, connector: Source): Promise<void> {
  const rows = await transaction(scope, () => sql`select from connections c where c.source = ${connector} and ${feeds(scope)} limit 1`);
  if (rows.length === 0) throw new Refused("no_such_source", { source: connector });
}
