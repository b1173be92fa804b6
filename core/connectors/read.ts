import * as Clock from "#core/clock.ts";
import * as Breaker from "#core/connectors/breaker.ts";
import type * as Connection from "#core/connectors/connection.ts";
import type { Binding, Connector, Cursor, Page, Reading, Stream, Written } from "#core/connectors/connector.ts";
import * as Errors from "#core/connectors/errors.ts";
import * as Hints from "#core/connectors/hints.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Secret from "#core/connectors/secret.ts";
import * as State from "#core/connectors/state.ts";
import { sql, systemSql } from "#core/db.ts";
import { Failed, type Reason, reason, reasonOf } from "#core/error.ts";
import type { Budget } from "#core/jobs/budget.ts";
import type { Run } from "#core/jobs/run.ts";
import { backoffSeconds } from "#core/jobs/settle.ts";

const PRUNE_ROWS = 2_000;

/** How a read of a connection ended, for every run it serves. An `ok` read may have a reason too: a stream that waits. */
export type Read = {
  status: "ok" | "partial" | "failed";
  reason: Reason | undefined;
  retryAt: Date | undefined;
  rows: number;
  events: number;
  pages: number;
  /** Records set aside, by the project that each goes to. */
  setAside: ReadonlyMap<string, number>;
  /** Requests of the streams that sweep. */
  swept: number;
};

/** A read that did not begin. */
export const failed = (why: Reason, retryAt: Date | undefined): Read => ({ ...NOTHING, status: "failed", reason: why, retryAt });
const NOTHING: Read = { status: "ok", reason: undefined, retryAt: undefined, rows: 0, events: 0, pages: 0, setAside: new Map(), swept: 0 };

/** The counts with one more for each project that each record goes to. */
export function counted(before: ReadonlyMap<string, number>, concerned: readonly string[][]): ReadonlyMap<string, number> {
  const after = new Map(before);
  for (const project of concerned.flat()) after.set(project, (after.get(project) ?? 0) + 1);
  return after;
}

/** Opens a connection for reading: its bindings, its secret, and a scope of exactly the projects it feeds or is being emptied out of. */
export async function open(run: Run, connection: Connection.Stored, budget: Budget): Promise<Reading> {
  const rows = await systemSql<(Binding & { removedAt: Date | null })[]>`
    select project_id, inbox_ids, labels, companies, team_ids, linear_project_ids, list_ids, deal_ids, removed_at from project_sources
    where connection_id = ${connection.id} order by created_at, id`;
  const { id, accountScopeId, source, name, baseUrl, externalAccount } = connection;
  return {
    connection: { id, accountScopeId, source, name, baseUrl, externalAccount },
    secret: unseal(connection),
    bindings: rows.filter((row) => row.removedAt === null),
    scope: { projects: [...new Set(rows.map((row) => row.projectId))].toSorted(), accountScopeId },
    budget,
    breaker: await Breaker.enter(new URL(baseUrl).host),
    now: Clock.now(),
    thorough: run.trigger === "manual",
  };
}

function unseal(connection: Connection.Stored): string {
  try {
    return Secret.unseal(connection.credentials, connection.id);
  } catch (cause) {
    const problem = "the stored credentials cannot be opened with this BELLWETHER_SECRET_KEY";
    throw new Failed("auth", { source: connection.source, problem }, { cause });
  }
}

/**
 * THE sync loop: every stream of a connection, page by page, each page and its cursor in one transaction under the run's lease, until the end or the
 * budget. While a page is written the next one is on its way. One stream that fails does not stop the others; refused credentials do. A stream that
 * failed before waits for its time, unless somebody asks.
 */
export async function read(run: Run, reading: Reading, connector: Connector, streams: readonly Stream[], failures: number): Promise<Read> {
  const total: Read = { ...NOTHING };
  const pruned = await prune(run, reading, connector);
  total.rows += pruned.rows;
  if (!pruned.done) return { ...total, status: "partial" };
  for (const stream of streams) {
    try {
      const asked = reading.budget.requests;
      const done = await readStream(run, reading, stream, total);
      if (stream.sweeps) total.swept += reading.budget.requests - asked;
      if (!done && total.status === "ok") total.status = "partial";
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      const retryAt = error.retryAt ?? new Date(reading.now.getTime() + backoffSeconds(failures + 1, Math.random()) * 1_000);
      await note(run, reading, stream, error, retryAt);
      Object.assign(total, { status: "failed", reason: reasonOf(error), retryAt });
      if (error instanceof SourceError && error.status === 401) break;
    }
  }
  return total;
}

/** True when the stream's end was reached; false when the budget ended first. */
async function readStream(run: Run, reading: Reading, stream: Stream, total: Read): Promise<boolean> {
  if (stream.due && !(await stream.due(reading))) return true;
  const state = await run.checkpoint(reading.scope, () => State.begin(reading, stream.name, run.id));
  if ("waits" in state) {
    total.reason ??= reason("stream_waits", { stream: stream.name, until: state.waits.toISOString() });
    return true;
  }
  const leave = () => run.checkpoint(reading.scope, () => State.pause(reading, stream.name));
  let next: Promise<Page<unknown>> | undefined = ahead(stream, reading, state.cursor);
  while (next !== undefined) {
    const page: Page<unknown> = await next;
    next = !page.done && !page.pause && reading.budget.left() ? ahead(stream, reading, page.cursor) : undefined;
    const written = await run.checkpoint(reading.scope, () => commit(reading, stream, page, state.passStartedAt));
    total.rows += written.rows;
    total.events += written.events;
    total.pages += 1;
    total.setAside = counted(total.setAside, written.setAside);
    // A cursor that says it follows starts over at once: the short second pass after a backfill belongs to the same read.
    if (page.done) return true;
    if (page.pause) return leave().then(() => true);
  }
  await leave();
  return false;
}

/** Starts reading a page. Its failure is the loop's to find when it gets there. */
function ahead(stream: Stream, reading: Reading, cursor: Cursor | undefined): Promise<Page<unknown>> {
  const page = stream.read(reading, cursor);
  page.catch(() => undefined);
  return page;
}

/** `setAside`: of each record set aside, the projects that it goes to. */
type Committed = Written & { setAside: string[][] };

async function commit(reading: Reading, stream: Stream, page: Page<unknown>, passStartedAt: Date): Promise<Committed> {
  const faults = page.setAside.map((aside) => Errors.fromSetAside(stream.name, aside));
  if (!page.done) {
    // The cursor does not wait for the rows: they stand or fall together.
    const [written] = await Promise.all([
      writeAndRegister(reading, stream, page.items, faults),
      State.advance(reading, stream.name, page.cursor),
      page.pause && Errors.resolveStream(reading, stream.name),
      page.pause && Hints.dropStreams(reading, [stream.name]),
    ]);
    return written;
  }
  const written = await writeAndRegister(reading, stream, page.items, faults);
  const last = await stream.finish?.(reading, page.cursor);
  await Errors.resolveStream(reading, stream.name);
  await Hints.dropStreams(reading, [stream.name]);
  await State.complete(reading, stream.name, page.cursor, passStartedAt, page.told);
  return { ...written, rows: written.rows + (last?.rows ?? 0), events: written.events + (last?.events ?? 0) };
}

/** Where a record goes may be told by what the same page wrote. */
async function writeAndRegister(reading: Reading, stream: Stream, items: unknown, faults: readonly Errors.Fault[]): Promise<Committed> {
  const written = await stream.write(reading, items);
  return { ...written, setAside: await Errors.register(reading, faults) };
}

async function note(run: Run, reading: Reading, stream: Stream, error: Failed, retryAt: Date): Promise<void> {
  const kind = error instanceof SourceError ? error.kind : "bug";
  await run.checkpoint(reading.scope, async () => {
    await State.fail(reading, stream.name, error.why, retryAt);
    await Errors.register(reading, [{ stream: stream.name, recordRef: null, kind, message: error.message, payload: null, retryAt }]);
    await Hints.dropStreams(reading, [stream.name]);
  });
}

/**
 * Takes out what no binding covers any more, in bounded bites, before anything new comes in; then forgets the bindings that were removed. `done` is false
 * when the budget ended first: the bindings stay, so that a later run goes on.
 */
async function prune(run: Run, reading: Reading, connector: Connector): Promise<{ rows: number; done: boolean }> {
  const [changed] = await systemSql<
    { at: Date | null }[]
  >`select bindings_changed_at as at from connections where id = ${reading.connection.id}`;
  if (!changed?.at) return { rows: 0, done: true };
  const at = changed.at;
  let rows = 0;
  for (;;) {
    const removed = await run.checkpoint(reading.scope, () => connector.prune(reading, PRUNE_ROWS));
    rows += removed;
    if (removed < PRUNE_ROWS) break;
    if (!reading.budget.left()) return { rows, done: false };
  }
  await run.checkpoint(reading.scope, async () => {
    // One removed meanwhile was not pruned for: its change has a later time, and the next read sees to it.
    await sql`delete from project_sources where connection_id = ${reading.connection.id} and removed_at <= ${at}`;
    await Errors.release(reading);
    // What a new binding covers may be old: the lists are read from their beginning again.
    await sql`update connector_sync_state set cursor = null, pass_started_at = null where connection_id = ${reading.connection.id} and stream = any (${connector.cycle.map((s) => s.name)}::text[])`;
    await sql`update connections set bindings_changed_at = null where id = ${reading.connection.id} and bindings_changed_at = ${at}`;
  });
  return { rows, done: true };
}
