import { config } from "#core/config.ts";
import { clean } from "#core/connectors/clean.ts";
import type { Reading, SetAside } from "#core/connectors/connector.ts";
import type { Kind } from "#core/connectors/http.ts";
import { sql } from "#core/db.ts";

const BASE_SECONDS = 30;
const CAP_SECONDS = 21_600;

/** 30, 60, 120 … seconds, at most six hours. */
export const retrySeconds = (attempt: number): number => Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** Math.min(10, Math.max(0, attempt - 1)));

export type Fault = { stream: string; recordRef: string | null; kind: Kind; message: string; payload: unknown; retryAt?: Date | undefined };

/** Records faults, one live row per stream and record: again is an attempt more, and past the last one a dead letter. Inside the caller's transaction. */
export async function register(reading: Reading, faults: readonly Fault[]): Promise<void> {
  const { id, accountScopeId } = reading.connection;
  for (const fault of faults) {
    const recordRef = fault.recordRef === null ? null : clean(fault.recordRef).value;
    await sql`
      insert into connector_errors as e (connection_id, account_scope_id, stream, record_ref, kind, message, payload, next_retry_at, dedupe_key, created_at, updated_at)
      values (${id}, ${accountScopeId}, ${fault.stream}, ${recordRef}, ${fault.kind}, ${clean(fault.message.slice(0, 1_000)).value}, ${clean(fault.payload ?? null).value as never}::jsonb,
        ${fault.retryAt ?? new Date(reading.now.getTime() + retrySeconds(1) * 1_000)}, ${`${fault.stream}:${recordRef ?? "*"}`}, ${reading.now}, ${reading.now})
      on conflict (connection_id, dedupe_key) where status in ('pending', 'retrying') do update set
        kind = excluded.kind, message = excluded.message, payload = excluded.payload, 
        -- Met twice in one read, it is still one attempt.
        attempts = e.attempts + (e.updated_at < excluded.updated_at)::int, updated_at = excluded.updated_at,
        next_retry_at = coalesce(${fault.retryAt ?? null}::timestamptz,
          excluded.updated_at + make_interval(secs => least(${CAP_SECONDS}::float8, ${BASE_SECONDS} * power(2, least(10, e.attempts))))),
        status = case when e.attempts + (e.updated_at < excluded.updated_at)::int >= ${config.CONNECTOR_MAX_RETRIES} then 'dead_letter' when e.updated_at < excluded.updated_at then 'retrying' else e.status end`;
  }
}

export const fromSetAside = (stream: string, aside: SetAside): Fault => ({
  stream,
  recordRef: aside.recordRef,
  kind: aside.kind,
  message: aside.message,
  payload: aside.payload,
});

/** Whatever failed of a stream as a whole is over once it succeeds. Records set aside stay until they are read well themselves. */
export async function resolveStream(reading: Reading, stream: string): Promise<void> {
  await sql`
    update connector_errors set status = 'resolved', resolved_at = ${reading.now}, updated_at = ${reading.now}, payload = null
    where connection_id = ${reading.connection.id} and stream = ${stream} and record_ref is null and status <> 'resolved'`;
}

export async function resolve(reading: Reading, id: number): Promise<void> {
  await sql`
    update connector_errors set status = 'resolved', resolved_at = ${reading.now}, updated_at = ${reading.now}, payload = null
    where id = ${id} and connection_id = ${reading.connection.id}`;
}

export type Due = { id: number; stream: string; recordRef: string };

/** Records of a connection that are due to be read again. */
export async function due(reading: Reading, limit: number): Promise<Due[]> {
  return sql<Due[]>`
    select id, stream, record_ref from connector_errors
    where connection_id = ${reading.connection.id} and status in ('pending', 'retrying') and record_ref is not null
      and (next_retry_at <= ${reading.now} or ${reading.thorough})
    order by next_retry_at limit ${limit}`;
}
