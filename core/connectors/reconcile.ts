import { config } from "#core/config.ts";
import type * as Connection from "#core/connectors/connection.ts";
import * as Read from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import * as State from "#core/connectors/state.ts";
import { over } from "#core/connectors/sync.ts";
import { sql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

// What is younger than a sync cycle has simply not been read yet.
const CYCLE_MS = 15 * 60_000;

/** Share of rows that were there and true, in percent with two decimals; an empty mirror of an empty source is complete. */
export function completeness(total: number, missing: number, stale: number): number {
  if (total <= 0) return 100;
  return Math.round(Math.min(100, Math.max(0, ((total - missing - stale) / total) * 100)) * 100) / 100;
}

/** Crawls a project's connections by id. The pass may take several runs; the measurement is written when it ends. */
export function daily(run: Run): Promise<Outcome> {
  return over(run, {
    share: false,
    streams: (connector) => connector.crawl,
    after: (_, connection, read) => measure(run, connection, read),
  });
}

/** Writes what the pass mended, per project the connection feeds, and warns when that was much. */
async function measure(run: Run, connection: Connection.Stored, read: Read.Read): Promise<void> {
  if (read.status !== "ok") return;
  const reading = await Read.open(run, connection);
  const connector = connectorOf(connection.source);
  const metrics = await run.checkpoint(reading.scope, async () => {
    const runs = await State.passRuns(
      reading,
      connector.crawl.map((stream) => stream.name),
    );
    const since = new Date((runs[0] ?? reading.now).getTime() - CYCLE_MS);
    const rows = await connector.measure(reading, runs, since);
    for (const row of rows) {
      const percent = completeness(row.total, row.missing, row.stale);
      await sql`
        insert into sync_reconciliation_metrics (project_id, account_scope_id, connection_id, connector, source, run_id, total_count, missing_count, stale_count,
          extra_count, duplicate_count, completeness_pct, captured_at)
        values (${row.projectId}, ${connection.accountScopeId}, ${connection.id}, ${connection.source}, ${run.trigger === "manual" ? "manual" : "daily_job"}, ${run.id},
          ${row.total}, ${row.missing}, ${row.stale}, ${row.extra}, ${row.duplicates}, ${percent}, ${reading.now})`;
    }
    return rows;
  });
  const worst = Math.min(100, ...metrics.map((row) => completeness(row.total, row.missing, row.stale)));
  if (worst >= config.CONNECTOR_RECONCILIATION_MIN_COMPLETENESS_PCT) return;
  await run.checkpoint(reading.scope, () => Read.warn(reading, reason("incomplete", { percent: worst, source: connection.source })));
}
