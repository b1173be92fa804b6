import { config } from "#core/config.ts";
import type { Measured, Reading } from "#core/connectors/connector.ts";
import * as Errors from "#core/connectors/errors.ts";
import type { Read } from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import * as State from "#core/connectors/state.ts";
import { over } from "#core/connectors/sync.ts";
import * as Warning from "#core/connectors/warning.ts";
import { sql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

// What is younger than a sync cycle has simply not been read yet.
const CYCLE_MS = 15 * 60_000;
/** Differences kept by name, per project, connection and pass; the totals count all of them. */
const NAMED = 1_000;

/** Share of rows that were there and true, in percent with two decimals; an empty mirror of an empty source is complete. */
export function completeness(total: number, missing: number, stale: number): number {
  if (total <= 0) return 100;
  return Math.round(Math.min(100, Math.max(0, ((total - missing - stale) / total) * 100)) * 100) / 100;
}

/** Crawls a project's connections by id. The pass may take several runs; the measurement is written when it ends, and then the project's own. */
export async function daily(run: Run): Promise<Outcome> {
  const outcome = await over(run, {
    share: false,
    streams: (connector) => connector.crawl,
    after: measure,
  });
  if (!outcome.more) await run.checkpoint(run.scope, () => portfolio(run));
  return outcome;
}

/** Writes what the pass mended, per project the connection feeds, and warns when that was much. */
async function measure(run: Run, reading: Reading, read: Read): Promise<Read> {
  if (read.status !== "ok") return read;
  const { connection } = reading;
  const connector = await connectorOf(connection.source);
  const rows = await run.checkpoint(reading.scope, async () => {
    const crawl = connector.crawl.map((stream) => stream.name);
    const runs = await State.passRuns(reading, crawl);
    const since = new Date((runs[0] ?? reading.now).getTime() - CYCLE_MS);
    const measured = await withAside(reading, await connector.measure(reading, runs, since));
    await record(run, reading, run.trigger === "manual" ? "manual" : "daily_job", measured);
    const named = await connector.differences(reading, runs, since, NAMED);
    await sql`
      insert into sync_reconciliation_diffs (project_id, account_scope_id, connection_id, connector, run_id, stream, record_ref, why, captured_at)
      select d.project_id, ${connection.accountScopeId}, ${connection.id}, ${connection.source}, ${run.id}, d.stream, d.record_ref, d.why, ${reading.now}
      from unnest(${named.map((d) => d.projectId)}::uuid[], ${named.map((d) => d.stream)}::text[], ${named.map((d) => d.recordRef)}::text[],
        ${named.map((d) => d.why)}::text[]) as d (project_id, stream, record_ref, why)`;
    return measured;
  });
  const poor = rows
    .map((row) => ({ projectId: row.projectId, percent: completeness(row.total, row.missing, row.stale) }))
    .filter(({ percent }) => percent < config.CONNECTOR_RECONCILIATION_MIN_COMPLETENESS_PCT);
  if (poor.length === 0) return read;
  const { source } = connection;
  const warnings = new Map(poor.map(({ projectId, percent }) => [projectId, reason("incomplete", { percent, source })]));
  await run.checkpoint(reading.scope, () => Warning.warnEach(reading, warnings));
  return read;
}

/** After a cycle, from what is here alone: rows held, and those set aside as missing. Asks nothing of the source. */
export async function afterCycle(run: Run, reading: Reading, read: Read): Promise<Read> {
  if (read.status !== "ok") return read;
  const { connection } = reading;
  await run.checkpoint(reading.scope, async () => {
    const held = await (await connectorOf(connection.source)).count(reading);
    const rows = held.map((row) => ({ ...row, missing: 0, stale: 0, extra: 0, duplicates: 0 }));
    await record(run, reading, "sync_cycle", await withAside(reading, rows));
  });
  return read;
}

/** What is set aside is not here: it counts as missing until it can be read. */
async function withAside(reading: Reading, rows: readonly Measured[]): Promise<Measured[]> {
  const aside = await Errors.aside(reading);
  return rows.map((row) => {
    const own = aside.get(row.projectId) ?? 0;
    return { ...row, total: row.total + own, missing: row.missing + own };
  });
}

async function record(run: Run, reading: Reading, source: "manual" | "daily_job" | "sync_cycle", rows: readonly Measured[]): Promise<void> {
  const { id, accountScopeId, source: connector } = reading.connection;
  const measured = rows.map((row) => ({ ...row, percent: completeness(row.total, row.missing, row.stale) }));
  await sql`
    insert into sync_reconciliation_metrics (project_id, account_scope_id, connection_id, connector, source, run_id, total_count, missing_count, stale_count,
      extra_count, duplicate_count, completeness_pct, captured_at)
    select "projectId", ${accountScopeId}, ${id}, ${connector}, ${source}, ${run.id}, total, missing, stale, extra, duplicates, percent, ${reading.now}
    from jsonb_to_recordset(${measured as never}::jsonb)
      as m ("projectId" uuid, total bigint, missing bigint, stale bigint, extra bigint, duplicates bigint, percent numeric)`;
}

/** The project as a whole: the newest crawl of each of its connections, weighted by what each holds. */
async function portfolio(run: Run): Promise<void> {
  await sql`
    with latest as (
      select distinct on (connection_id) * from sync_reconciliation_metrics
      where project_id = ${run.projectId} and connector <> 'portfolio' and source in ('manual', 'daily_job')
      order by connection_id, captured_at desc, id desc),
    summed as (
      select count(*) as connections, coalesce(sum(total_count), 0) as total, coalesce(sum(missing_count), 0) as missing, coalesce(sum(stale_count), 0) as stale,
        coalesce(sum(extra_count), 0) as extra, coalesce(sum(duplicate_count), 0) as duplicates, max(captured_at) as captured_at
      from latest)
    insert into sync_reconciliation_metrics (project_id, account_scope_id, connection_id, connector, source, run_id, total_count, missing_count, stale_count,
      extra_count, duplicate_count, completeness_pct, captured_at)
    select ${run.projectId}, ${run.accountScopeId}, null, 'portfolio', ${run.trigger === "manual" ? "manual" : "daily_job"}, ${run.id}, total, missing, stale, extra,
      duplicates, case when total = 0 then 100 else greatest(0, least(100, round((total - missing - stale) * 100 / total, 2))) end, captured_at
    from summed where connections > 0`;
}
