import * as Clock from "#core/clock.ts";
import * as Connection from "#core/connectors/connection.ts";
import type { Connector, Reading, Stream } from "#core/connectors/connector.ts";
import * as Read from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import * as Warning from "#core/connectors/warning.ts";
import { Failed, Later, type Reason, Refused, reason, reasonOf } from "#core/error.ts";
import { type Budget, shares } from "#core/jobs/budget.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import * as Request from "#core/jobs/request.ts";
import { jobOf, type Outcome, type Run, sendAll } from "#core/jobs/run.ts";

/** What a run does with each connection it holds. `after` runs once the connection was read, still under its lease, and answers how it ended. */
export type Work = {
  streams: (connector: Connector, connection: Connection.Stored) => readonly Stream[];
  /** Which of the project's connections; without it, all. */
  connections?: (connection: Connection.Stored) => boolean;
  after?: (run: Run, reading: Reading, read: Read.Read) => Promise<Read.Read>;
  share: boolean;
};

/** How a run got on with one connection: it was read, another run had read it, or another run is reading it. */
type Got = { read: Read.Read } | { served: Reason; failed?: { why: Reason; retryAt: Date | undefined } } | { waiting: Later };

/**
 * Runs over a project's connections, all at once: a slow one holds up none, and each has its own part of the budget. A connection that another run read
 * since this one was due is not read again (`share`); one that is being read makes this run wait in the queue. One that fails does not stop the
 * others, and fails the run in the end, with the reason of the first.
 */
export async function over(run: Run, work: Work): Promise<Outcome> {
  const feeding = await Connection.feeding(run.projectId);
  const connections = work.connections ? feeding.filter(work.connections) : feeding;
  if (connections.length === 0) throw new Refused("no_bindings");
  const budgets = shares(run.budget, connections.length);
  const settled = await Promise.allSettled(connections.map((connection, n) => one(run, connection, work, budgets[n] ?? run.budget)));
  const broken = settled.find((result) => result.status === "rejected");
  if (broken) throw broken.reason;
  const got = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const reads = got.flatMap((each) => ("read" in each ? [each.read] : []));
  const waiting = got.find((each) => "waiting" in each);
  if (waiting) throw waiting.waiting;
  const failed =
    reads.find((read) => read.status === "failed") ?? got.flatMap((each) => ("served" in each && each.failed ? [each.failed] : []))[0];
  const sum = (key: "pages" | "rows" | "events" | "swept") => reads.reduce((total, read) => total + read[key], 0);
  if (failed) {
    // What the others brought does not wait until this one is well.
    if (sum("rows") > 0)
      for (const name of jobOf(jobs, run.job).then) await Request.ask(jobs, run.scope, name, { trigger: "cascade", by: `run ${run.id}` });
    const { code, params } = ("why" in failed ? failed.why : failed.reason) ?? reason("bug", { problem: "?" });
    throw new Failed(code, params, { retryAt: failed.retryAt });
  }
  const counters: Record<string, number> = {
    connections: connections.length,
    pages: sum("pages"),
    rows: sum("rows"),
    events: sum("events"),
    set_aside: reads.reduce((total, read) => total + (read.setAside.get(run.projectId) ?? 0), 0),
    requests: run.budget.requests,
    sweep_requests: sum("swept"),
  };
  const processed = sum("rows");
  const served = got.flatMap((each) => ("served" in each ? [each.served] : []))[0];
  const told = served ?? (counters.set_aside ? Warning.setAside(counters.set_aside) : reads.find((read) => read.reason)?.reason);
  const more = reads.some((read) => read.status === "partial");
  return { processed, counters, more, changed: served !== undefined || processed > 0, ...(told ? { reason: told } : {}) };
}

async function one(run: Run, connection: Connection.Stored, work: Work, budget: Budget): Promise<Got> {
  if (work.share && servedBy(run, connection)) {
    const served = reason("served_by");
    if (connection.lastReadStatus !== "failed") return { served };
    return { served, failed: { why: connection.lastReadReason ?? served, retryAt: connection.retryAt ?? undefined } };
  }
  if (!(await Connection.take(connection.id, run))) return { waiting: new Later("waiting_for_connection", { connection: connection.id }) };
  return { read: await readOne(run, connection, work, budget) };
}

/**
 * Whether the last read of a connection began after this run was due: then it saw all that the run was asked to see. Its own read counts when it went
 * well: this run was here before, and had to wait for another connection.
 */
function servedBy(run: Run, connection: Connection.Stored): boolean {
  if (connection.lastReadStartedAt === null || connection.lastReadStartedAt < run.dueAt) return false;
  return connection.lastReadRunId !== run.id || connection.lastReadStatus === "ok";
}

async function readOne(run: Run, connection: Connection.Stored, work: Work, budget: Budget): Promise<Read.Read> {
  let ended: Connection.Ended = { startedAt: Clock.now(), status: "failed", reason: reason("lease_lost"), retryAt: undefined };
  try {
    const connector = await connectorOf(connection.source);
    const reading = await Read.open(run, connection, budget);
    const streams = await Read.read(run, reading, connector, work.streams(connector, connection), connection.failures);
    const read = (await work.after?.(run, reading, streams)) ?? streams;
    await run.checkpoint(reading.scope, async () => {
      if (connection.simulated) await Warning.warn(reading, Warning.simulated(connection.name));
      await Warning.warnEach(reading, new Map([...read.setAside].map(([project, count]) => [project, Warning.setAside(count)])));
    });
    ended = { startedAt: reading.now, status: read.status, reason: read.reason, retryAt: read.retryAt };
    return read;
  } catch (error) {
    ended = { ...ended, reason: reasonOf(error) };
    if (!(error instanceof Failed)) throw error;
    ended = { ...ended, retryAt: error.retryAt };
    return Read.failed(reasonOf(error), error.retryAt);
  } finally {
    // Only a cycle's read serves others; another job's leaves the record of the last cycle alone.
    const woken = work.share ? await Connection.release(connection.id, run, ended) : await Connection.giveBack(connection.id, run);
    await sendAll(woken);
  }
}
