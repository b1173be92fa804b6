import type { Connector, Reading } from "#core/connectors/connector.ts";
import * as Errors from "#core/connectors/errors.ts";
import * as Hints from "#core/connectors/hints.ts";
import { SourceError } from "#core/connectors/http.ts";
import { counted, type Read } from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { over } from "#core/connectors/sync.ts";
import { Failed, reason } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import { log } from "#core/log.ts";

/** Records asked for at once. */
const BITE = 6;

type Retried = Awaited<ReturnType<Connector["retry"]>>;

/** Reads again, and nothing else, what hints name on the connections of a project: streams as the cycle does, records one by one. */
export async function narrow(run: Run): Promise<Outcome> {
  const asked = await Hints.feeding(run.projectId);
  if (asked.size === 0) return { reason: reason("nothing_due"), changed: false };
  return over(run, {
    share: false,
    connections: (connection) => asked.has(connection.id),
    // Whether it is their turn is not asked: somebody named them.
    streams: (connector, connection) =>
      connector.cycle.filter(({ name }) => asked.get(connection.id)?.includes(name)).map(({ due: _, ...stream }) => stream),
    after: async (one, reading, read) => {
      // A stream that failed took its hint away itself; its failure is every record's of this connection, too.
      if (read.status === "failed") return read;
      if (read.status === "ok")
        await one.checkpoint(reading.scope, () => Hints.dropStreams(reading, asked.get(reading.connection.id) ?? []));
      return drain(one, reading, read);
    },
  });
}

/** Follows the hints of records in bites until none is left or the budget ends. */
async function drain(run: Run, reading: Reading, read: Read): Promise<Read> {
  const connector = await connectorOf(reading.connection.source);
  const total = { ...read };
  for (;;) {
    const bite = await run.checkpoint(reading.scope, () => Hints.next(reading, BITE));
    if (bite.length === 0) return total;
    if (!reading.budget.left()) return { ...total, status: "partial" };
    const answers = await Promise.allSettled(bite.map((hint) => connector.retry(reading, hint.recordRef)));
    for (const [n, hint] of bite.entries()) {
      const answer = answers[n] as PromiseSettledResult<Retried>;
      if (answer.status === "fulfilled") await take(run, reading, hint, answer.value, total);
      else await miss(run, reading, hint, answer.reason);
    }
    const down = answers.find((answer) => answer.status === "rejected" && isDown(answer.reason));
    if (down?.status === "rejected") throw down.reason;
  }
}

/** Writes what was read. Its error is over, unless it was set aside again. */
async function take(run: Run, reading: Reading, hint: Hints.Hint, { write, setAside }: Retried, total: Read): Promise<void> {
  const written = await run.checkpoint(reading.scope, async () => {
    const rows = await write();
    const concerned = await Errors.register(
      reading,
      setAside.map((aside) => Errors.fromSetAside(hint.stream, aside)),
    );
    if (!setAside.some((aside) => aside.recordRef === hint.recordRef)) await Errors.resolveRecord(reading, hint.recordRef);
    await Hints.drop(hint);
    return { ...rows, concerned };
  });
  total.rows += written.rows;
  total.events += written.events;
  total.setAside = counted(total.setAside, written.concerned);
}

/** One that could not be had waits in the error queue. When the whole upstream is down, what a webhook named stays named. */
async function miss(run: Run, reading: Reading, hint: Hints.Hint, error: unknown): Promise<void> {
  if (isDown(error) && hint.errorId === null) return;
  const kind = error instanceof SourceError ? error.kind : "bug";
  if (!(error instanceof Failed))
    log.error("a record could not be read again", { connection: reading.connection.id, stream: hint.stream, error });
  const message = error instanceof Error ? error.message : String(error);
  const retryAt = error instanceof Failed ? error.retryAt : undefined;
  await run.checkpoint(reading.scope, async () => {
    await Errors.register(reading, [{ stream: hint.stream, recordRef: hint.recordRef, kind, message, payload: null, retryAt }]);
    await Hints.drop(hint);
  });
}

/** Whether asking for another record would fare no better. */
function isDown(error: unknown): boolean {
  if (!(error instanceof SourceError)) return error instanceof Failed;
  return error.status === 401 || error.kind === "rate_limited" || error.kind === "network";
}
