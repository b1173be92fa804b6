import type { Reading } from "#core/connectors/connector.ts";
import * as Errors from "#core/connectors/errors.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { over } from "#core/connectors/sync.ts";
import { systemSql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

const RECORDS_A_RUN = 100;

/**
 * Tries again what is due: streams that failed are read from where they stopped, records that were set aside are asked for one by one. A person's
 * run does not wait for anything to be due.
 */
export async function errors(run: Run): Promise<Outcome> {
  const [open] = await systemSql<{ count: number }[]>`
    select count(*) from connector_errors e
    where e.status in ('pending', 'retrying') and (e.next_retry_at <= ${run.dueAt} or ${run.trigger === "manual"})
      and exists (select from project_sources s where s.connection_id = e.connection_id and s.project_id = ${run.projectId})`;
  if (!open?.count) return { reason: reason("nothing_due"), changed: false };
  return over(run, {
    share: false,
    // Streams are read again when their own backoff has passed; the crawl's belong to the reconciliation.
    streams: (connector) => connector.cycle,
    only: async (connection) => failedStreams(connection.id, run),
    after: retryRecords,
  });
}

async function failedStreams(connectionId: string, run: Run): Promise<string[]> {
  const rows = await systemSql<{ stream: string }[]>`
    select stream from connector_errors
    where connection_id = ${connectionId} and record_ref is null and status in ('pending', 'retrying') and (next_retry_at <= ${run.dueAt} or ${run.trigger === "manual"})`;
  return rows.map((row) => row.stream);
}

async function retryRecords(run: Run, reading: Reading): Promise<void> {
  const connector = connectorOf(reading.connection.source);
  const due = await run.checkpoint(reading.scope, () => Errors.due(reading, RECORDS_A_RUN));
  for (const error of due) {
    if (!run.budget.left()) return;
    const { write, setAside } = await connector.retry(reading, error.recordRef);
    await run.checkpoint(reading.scope, async () => {
      await write();
      const again = setAside.map((aside) => Errors.fromSetAside(error.stream, aside));
      if (again.length > 0) await Errors.register(reading, again);
      else await Errors.resolve(reading, error.id);
    });
  }
}
