import { config } from "#core/config.ts";
import { narrows } from "#core/connectors/binding.ts";
import { clean } from "#core/connectors/clean.ts";
import { CRAWL, type Reading, type SetAside } from "#core/connectors/connector.ts";
import type { Kind } from "#core/connectors/http.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { wordless } from "#core/connectors/wordless.ts";
import { sql } from "#core/db.ts";

const BASE_SECONDS = 30;
const CAP_SECONDS = 21_600;

/** 30, 60, 120 … seconds, at most six hours. */
export const retrySeconds = (attempt: number): number => Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** Math.min(10, Math.max(0, attempt - 1)));

export type Fault = { stream: string; recordRef: string | null; kind: Kind; message: string; payload: unknown; retryAt?: Date | undefined };

/**
 * Records faults, one live row per stream and record: again is an attempt more when it was due or somebody asked for it, and past the last one a dead
 * letter; a read that merely meets it counts for nothing. Answers the projects that each concerns: a record, those it goes to as far as is known; a stream,
 * all that the connection feeds. Inside the caller's transaction.
 */
export async function register(reading: Reading, faults: readonly Fault[]): Promise<string[][]> {
  if (faults.length === 0) return [];
  const { id, accountScopeId } = reading.connection;
  const first = new Date(reading.now.getTime() + retrySeconds(1) * 1_000);
  const cleaned = faults.map((fault) => ({
    ...fault,
    recordRef: fault.recordRef === null ? null : clean(fault.recordRef).value,
    message: clean(fault.message.slice(0, 1_000)).value,
    payload: clean(fault.payload ?? null).value,
    retryAt: fault.retryAt ?? first,
  }));
  const concerned = await whose(reading, cleaned);
  const rows = cleaned.map((fault, n) => ({
    ...fault,
    payload: wordless(fault.payload),
    projects: fault.recordRef === null ? [] : concerned[n],
    key: `${fault.stream}:${fault.recordRef ?? "*"}`,
  }));
  // Met twice in one read, it is still one attempt.
  const tried = sql`(e.updated_at < excluded.updated_at
    and (e.next_retry_at <= excluded.updated_at or exists (select from connector_hints h where h.error_id = e.id)))`;
  await sql`
    insert into connector_errors as e (connection_id, account_scope_id, stream, record_ref, kind, message, payload, project_ids, next_retry_at, dedupe_key, created_at, updated_at)
    select ${id}, ${accountScopeId}, stream, "recordRef", kind, message, payload, projects, "retryAt", key, ${reading.now}, ${reading.now}
    from jsonb_to_recordset(${[...new Map(rows.map((row) => [row.key, row])).values()] as never}::jsonb)
      as f (stream text, "recordRef" text, kind text, message text, payload jsonb, projects uuid[], "retryAt" timestamptz, key text)
    on conflict (connection_id, dedupe_key) where status in ('pending', 'retrying') do update set
      kind = excluded.kind, message = excluded.message, payload = excluded.payload,
      project_ids = case when excluded.project_ids = '{}' then e.project_ids else excluded.project_ids end,
      attempts = e.attempts + ${tried}::int, updated_at = case when ${tried} then excluded.updated_at else e.updated_at end,
      next_retry_at = case when not ${tried} then e.next_retry_at when excluded.next_retry_at <> ${first} then excluded.next_retry_at
        else excluded.updated_at + make_interval(secs => least(${CAP_SECONDS}::float8, ${BASE_SECONDS} * power(2, least(10, e.attempts)))) end,
      status = case when not ${tried} then e.status when e.attempts + 1 >= ${config.CONNECTOR_MAX_RETRIES} then 'dead_letter' else 'retrying' end`;
  return concerned;
}

/** Where each fault is felt. What narrows nothing takes every record, legible or not; the rest is the source's to tell. */
async function whose(reading: Reading, faults: readonly Fault[]): Promise<string[][]> {
  const bound = new Set(reading.bindings.map((binding) => binding.projectId));
  const whole = reading.bindings.filter((binding) => !narrows(binding)).map((binding) => binding.projectId);
  const named = faults.flatMap(({ recordRef, payload }) => (recordRef === null ? [] : [{ recordRef, payload }]));
  const told = named.length > 0 ? await (await connectorOf(reading.connection.source)).whose(reading, named) : [];
  return faults.map(({ recordRef }) => {
    if (recordRef === null) return [...bound];
    return [...new Set([...whole, ...(told.shift() ?? [])])].filter((project) => bound.has(project)).toSorted();
  });
}

export const fromSetAside = (stream: string, aside: SetAside): Fault => ({
  stream,
  recordRef: aside.recordRef,
  kind: aside.kind,
  message: aside.message,
  payload: aside.payload,
});

/** Takes what is set aside from projects that the connection feeds no more. */
export async function release(reading: Reading): Promise<void> {
  const bound = [...new Set(reading.bindings.map((binding) => binding.projectId))];
  await sql`
    update connector_errors set project_ids = array(select p from unnest(project_ids) p where p = any (${bound}::uuid[]))
    where connection_id = ${reading.connection.id} and not project_ids <@ ${bound}::uuid[]`;
}

/** Whatever failed of a stream as a whole is over once it succeeds. Records set aside stay until they are read well themselves. */
export async function resolveStream(reading: Reading, stream: string): Promise<void> {
  await sql`
    update connector_errors set status = 'resolved', resolved_at = ${reading.now}, updated_at = ${reading.now}, payload = null
    where connection_id = ${reading.connection.id} and stream = ${stream} and record_ref is null and status <> 'resolved'`;
}

/** A record was read well: whatever was the matter with it, in whichever stream, is over. */
export async function resolveRecord(reading: Reading, recordRef: string): Promise<void> {
  await sql`
    update connector_errors set status = 'resolved', resolved_at = ${reading.now}, updated_at = ${reading.now}, payload = null
    where connection_id = ${reading.connection.id} and record_ref = ${recordRef} and status <> 'resolved'`;
}

/** How many records of each project are set aside now, whichever streams met them. */
export async function aside(reading: Reading): Promise<Map<string, number>> {
  const rows = await sql<{ projectId: string; count: number }[]>`
    select p as project_id, count(distinct e.record_ref) from connector_errors e, unnest(e.project_ids) p
    where e.connection_id = ${reading.connection.id} and e.record_ref is not null and e.status <> 'resolved' group by p`;
  return new Map(rows.map((row) => [row.projectId, row.count]));
}

/**
 * Makes hints of what is due on these connections and concerns the project (`all`: of everything open), and answers how many. A crawl that failed is tried
 * again by the reconciliation itself, whose measurement it belongs to. Claimed until then: whoever looks meanwhile finds nothing due. Inside the
 * transaction that also asks for the run.
 */
export async function claim(
  connectionIds: readonly string[],
  { projectId, now, until, all, limit }: { projectId: string; now: Date; until: Date; all: boolean; limit: number },
): Promise<number> {
  const [claimed] = await sql<{ count: number }[]>`
    with due as (
      select id from connector_errors
      where status in ('pending', 'retrying') and (next_retry_at <= ${now} or ${all}) and connection_id = any (${connectionIds as string[]}::uuid[])
        and (record_ref is not null or not stream like ${`%\\${CRAWL}`}) and (project_ids = '{}' or ${projectId} = any (project_ids))
      order by next_retry_at limit ${limit} for update skip locked),
    claimed as (
      update connector_errors e set next_retry_at = ${until} from due where e.id = due.id
      returning e.id, e.connection_id, e.account_scope_id, e.stream, e.record_ref),
    hinted as (
      insert into connector_hints as h (connection_id, account_scope_id, stream, record_ref, why, error_id, asked_at)
      select connection_id, account_scope_id, stream, record_ref, 'retry', id, ${now} from claimed
      on conflict (connection_id, stream, record_ref) do update set asks = h.asks + 1, error_id = excluded.error_id)
    select count(*) from claimed`;
  return claimed?.count ?? 0;
}
