import * as Clock from "#core/clock.ts";
import * as Connection from "#core/connectors/connection.ts";
import type { Connector, Stream } from "#core/connectors/connector.ts";
import * as Read from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { Failed, Later, type Reason, Refused, reason, reasonOf } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import { sendAll } from "#core/jobs/run.ts";

/** What a run does with each connection it holds. `after` runs once the connection was read, still under its lease. */
export type Work = {
  streams: (connector: Connector) => readonly Stream[];
  /** Narrows a connection to the streams named; without it, all of them. */
  only?: (connection: Connection.Stored) => Promise<readonly string[]>;
  after?: (run: Run, connection: Connection.Stored, read: Read.Read) => Promise<void>;
  share: boolean;
};

const cycleWork: Work = { streams: (connector) => connector.cycle, share: true };

/** The sync cycle of a project: every connection that feeds it is read, or has been read since the run was asked for. */
export function cycle(run: Run): Promise<Outcome> {
  return over(run, cycleWork);
}

/**
 * Runs over a project's connections. A connection that another run read since this one was due is not read again (`share`); one that is being read
 * makes this run wait in the queue. One that fails does not stop the others, and fails the run in the end, with the reason of the first.
 */
export async function over(run: Run, work: Work): Promise<Outcome> {
  const connections = await Connection.feeding(run.projectId);
  if (connections.length === 0) throw new Refused("no_bindings");
  const counters: Record<string, number> = { connections: connections.length, pages: 0, rows: 0, events: 0, set_aside: 0 };
  let failed: { why: Reason; retryAt: Date | undefined } | undefined;
  let waiting: Later | undefined;
  let served: Reason | undefined;
  let more = false;
  for (const connection of connections) {
    if (work.share && servedBy(run, connection)) {
      served = reason("served_by", { run: connection.lastReadRunId ?? "?" });
      if (connection.lastReadStatus === "failed")
        failed ??= { why: connection.lastReadReason ?? served, retryAt: connection.retryAt ?? undefined };
      continue;
    }
    const { taken, holder } = await Connection.take(connection.id, run.id);
    if (!taken) {
      waiting = new Later("waiting_for_connection", { connection: connection.id, run: holder ?? "?" });
      continue;
    }
    const read = await readOne(run, connection, work);
    for (const key of ["pages", "rows", "events"] as const) counters[key] = (counters[key] ?? 0) + read[key];
    counters.set_aside = (counters.set_aside ?? 0) + read.setAside;
    more ||= read.status === "partial";
    if (read.status === "failed") failed ??= { why: read.reason ?? reason("bug", { problem: "?" }), retryAt: read.retryAt };
  }
  if (waiting) throw waiting;
  counters.requests = run.budget.requests;
  if (failed) throw new Failed(failed.why.code, failed.why.params, { retryAt: failed.retryAt });
  const processed = counters.rows ?? 0;
  const told = served ?? (counters.set_aside ? Read.warning.setAside(counters.set_aside) : undefined);
  return { processed, counters, more, changed: served !== undefined || processed > 0, ...(told ? { reason: told } : {}) };
}

/** Whether the last read of a connection began after this run was due: then it saw all that the run was asked to see. */
function servedBy(run: Run, connection: Connection.Stored): boolean {
  return connection.lastReadRunId !== run.id && connection.lastReadStartedAt !== null && connection.lastReadStartedAt >= run.dueAt;
}

async function readOne(run: Run, connection: Connection.Stored, work: Work): Promise<Read.Read> {
  const connector = connectorOf(connection.source);
  let ended: Connection.Ended = { startedAt: Clock.now(), status: "failed", reason: reason("lease_lost"), retryAt: undefined };
  try {
    const reading = await Read.open(run, connection);
    const names = await work.only?.(connection);
    const streams = work.streams(connector).filter((stream) => names?.includes(stream.name) ?? true);
    const read = await Read.read(run, reading, connector, streams, connection.failures);
    await run.checkpoint(reading.scope, async () => {
      if (connection.simulated) await Read.warn(reading, Read.warning.simulated(connection.name));
      if (read.setAside > 0) await Read.warn(reading, Read.warning.setAside(read.setAside));
    });
    await work.after?.(run, connection, read);
    ended = { startedAt: reading.now, status: read.status, reason: read.reason, retryAt: read.retryAt };
    return read;
  } catch (error) {
    ended = { ...ended, reason: reasonOf(error) };
    throw error;
  } finally {
    // Only a cycle's read serves others; another job's leaves the record of the last cycle alone.
    const woken = work.share ? await Connection.release(connection.id, run.id, ended) : await Connection.giveBack(connection.id, run.id);
    await sendAll(woken);
  }
}
