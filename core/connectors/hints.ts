import * as Clock from "#core/clock.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { sql, systemSql } from "#core/db.ts";

/** One thing to read again: a record of a stream, or with no `recordRef` the stream itself. */
export type Draft = { stream: string; recordRef: string | null };
export type Hint = { id: number; stream: string; recordRef: string; errorId: number | null; asks: number };

/** Asks for things of a connection to be read again, each once. Inside the transaction that also asks for the run. */
export async function add(
  connection: { id: string; accountScopeId: string },
  drafts: readonly Draft[],
  why: "retry" | "webhook",
  errorId: number | null = null,
): Promise<void> {
  const byName = new Map(drafts.map((draft) => [JSON.stringify([draft.stream, draft.recordRef]), draft]));
  // In one order, so that two askers never wait for each other.
  const things = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, draft]) => draft);
  await sql`
    insert into connector_hints as h (connection_id, account_scope_id, stream, record_ref, why, error_id, asked_at)
    select ${connection.id}, ${connection.accountScopeId}, stream, record_ref, ${why}, ${errorId}, ${Clock.now()}
    from unnest(${things.map((thing) => thing.stream)}::text[], ${things.map((thing) => thing.recordRef)}::text[]) as t (stream, record_ref)
    on conflict (connection_id, stream, record_ref) do update set asks = h.asks + 1, error_id = coalesce(excluded.error_id, h.error_id)`;
}

/** What is to be read again of the connections that feed a project: by connection, the streams asked for whole. */
export async function feeding(projectId: string): Promise<Map<string, string[]>> {
  const rows = await systemSql<{ connectionId: string; streams: string[] }[]>`
    select connection_id, coalesce(array_agg(stream) filter (where record_ref is null), '{}') as streams from connector_hints h
    where exists (select from project_sources s where s.connection_id = h.connection_id and s.project_id = ${projectId}) group by connection_id`;
  return new Map(rows.map((row) => [row.connectionId, row.streams]));
}

/** The records of a connection that have waited longest. */
export async function next(reading: Reading, limit: number): Promise<Hint[]> {
  return sql<Hint[]>`
    select id, stream, record_ref, error_id, asks from connector_hints
    where connection_id = ${reading.connection.id} and record_ref is not null order by asked_at, id limit ${limit}`;
}

/** Takes away a record's hint that was followed, unless it was asked for again meanwhile. */
export async function drop(hint: Hint): Promise<void> {
  await sql`delete from connector_hints where id = ${hint.id} and asks = ${hint.asks}`;
}

/** Takes away the hints of whole streams: they were read to their end, or failed and wait in the error queue. */
export async function dropStreams(reading: Reading, streams: readonly string[]): Promise<void> {
  await sql`
    delete from connector_hints where connection_id = ${reading.connection.id} and record_ref is null and stream = any (${streams as string[]}::text[])`;
}
