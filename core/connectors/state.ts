import type { Cursor, Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";
import type { Reason } from "#core/error.ts";

export type State = { cursor: Cursor | undefined; passStartedAt: Date; knownUntil: Date | undefined; failures: number };

/**
 * Opens a stream for a run: where it stands, and since when the pass it is in has been under way. `waits`: it failed, its time has not come, and nobody
 * asks for it. Inside a transaction that holds the run's lease.
 */
export async function begin(reading: Reading, stream: string, runId: string): Promise<State | { waits: Date }> {
  const { id, accountScopeId } = reading.connection;
  const [row] = await sql<{ cursor: Cursor | null; passStartedAt: Date; knownUntil: Date | null; failures: number }[]>`
    insert into connector_sync_state as s (connection_id, account_scope_id, stream, status, run_id, pass_started_at, pass_runs, last_attempt_at, updated_at)
    values (${id}, ${accountScopeId}, ${stream}, 'running', ${runId}, ${reading.now}, array[${reading.now}::timestamptz], ${reading.now}, ${reading.now})
    on conflict (connection_id, stream) do update set
      status = 'running', run_id = excluded.run_id, last_attempt_at = excluded.last_attempt_at, updated_at = excluded.updated_at,
      pass_started_at = coalesce(s.pass_started_at, excluded.pass_started_at),
      pass_runs = case when s.pass_started_at is null then excluded.pass_runs else s.pass_runs || excluded.pass_runs end
    where s.retry_at is null or s.retry_at <= ${reading.now} or ${reading.thorough}
      or exists (select from connector_hints h where h.connection_id = s.connection_id and h.stream = s.stream and h.record_ref is null)
    returning cursor, pass_started_at, known_until, failures`;
  if (!row) {
    const [waiting] = await sql<
      { retryAt: Date }[]
    >`select retry_at from connector_sync_state where connection_id = ${id} and stream = ${stream}`;
    return { waits: waiting?.retryAt ?? reading.now };
  }
  return {
    cursor: row.cursor ?? undefined,
    passStartedAt: row.passStartedAt,
    knownUntil: row.knownUntil ?? undefined,
    failures: row.failures,
  };
}

/** Moves the cursor past a page; inside the page's own transaction. */
export async function advance(reading: Reading, stream: string, cursor: Cursor): Promise<void> {
  await sql`
    update connector_sync_state set cursor = ${cursor as never}::jsonb, updated_at = ${reading.now}
    where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/**
 * Ends a pass: what is upstream by its start is here, so the stream is known to that instant; but not past the oldest record that is still set
 * aside. Inside the last page's transaction.
 */
export async function complete(
  reading: Reading,
  stream: string,
  cursor: Cursor,
  passStartedAt: Date,
  told: Reason | undefined,
): Promise<void> {
  await sql`
    update connector_sync_state s set cursor = ${cursor as never}::jsonb, status = 'ok', reason = ${(told ?? null) as never}::jsonb, failures = 0, retry_at = null, pass_started_at = null,
      complete_passes = complete_passes + 1, last_success_at = ${reading.now}, updated_at = ${reading.now},
      known_until = least(${passStartedAt}::timestamptz, (
        select min(e.created_at) from connector_errors e
        where e.connection_id = s.connection_id and e.stream = s.stream and e.record_ref is not null and e.status <> 'resolved'))
    where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/** Leaves a stream before its end; inside a transaction that holds the run's lease. */
export async function pause(reading: Reading, stream: string): Promise<void> {
  await sql`update connector_sync_state set status = 'idle', updated_at = ${reading.now} where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/** Ends a stream's turn badly; inside a transaction that holds the run's lease. */
export async function fail(reading: Reading, stream: string, reason: Reason, retryAt: Date): Promise<void> {
  await sql`
    update connector_sync_state set status = 'failed', reason = ${reason as never}::jsonb, failures = failures + 1, retry_at = ${retryAt}, updated_at = ${reading.now}
    where connection_id = ${reading.connection.id} and stream = ${stream}`;
}

/** When the runs of the latest pass of these streams began, oldest first. */
export async function passRuns(reading: Reading, streams: readonly string[]): Promise<Date[]> {
  const rows = await sql<{ at: Date }[]>`
    select distinct unnest(pass_runs) as at from connector_sync_state
    where connection_id = ${reading.connection.id} and stream = any (${streams as string[]}::text[]) order by at`;
  return rows.map((row) => row.at);
}
