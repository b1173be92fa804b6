import type { Pair } from "#core/connectors/attio/coverage.ts";
import type { Person } from "#core/connectors/attio/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** People into their projects; a row that does not differ is not touched. Events: seen first, changed. */
export async function upsert(reading: Reading, rows: readonly Person[], pairs: readonly Pair[]): Promise<Written> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, p.*
      from jsonb_to_recordset(${rows as never}::jsonb) as p ("externalId" text, "accountExternalId" text, "fullName" text, email text, emails text[], phones text[],
        role text, data jsonb, "createdAt" timestamptz, "changedUpstreamAt" timestamptz, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.externalId)}::text[], ${pairs.map((pair) => pair.projectId)}::uuid[]) as r (external_id, project_id)
        on r.external_id = p."externalId"),
    before as (
      select t.* from given g join attio_people_raw t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.external_id = g."externalId"),
    written as (
      insert into attio_people_raw as t (project_id, account_scope_id, connection_id, external_id, account_external_id, full_name, email, emails, phones, role, data,
        created_at, changed_upstream_at, first_seen_at, changed_at, sanitized)
      select project_id, ${accountScopeId}, ${connectionId}, "externalId", "accountExternalId", "fullName", email, emails, phones, role, data, "createdAt",
        "changedUpstreamAt", ${reading.now}, ${reading.now}, sanitized from given
      on conflict (project_id, connection_id, external_id) do update set
        account_external_id = excluded.account_external_id, full_name = excluded.full_name, email = excluded.email, emails = excluded.emails, phones = excluded.phones,
        role = excluded.role, data = excluded.data, created_at = excluded.created_at, changed_upstream_at = excluded.changed_upstream_at,
        changed_at = excluded.changed_at, sanitized = excluded.sanitized, absent_passes = 0, deleted_at = null
      where (t.account_external_id, t.full_name, t.email, t.emails, t.phones, t.role, t.data, t.created_at, t.changed_upstream_at, t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.account_external_id, excluded.full_name, excluded.email, excluded.emails, excluded.phones, excluded.role, excluded.data,
          excluded.created_at, excluded.changed_upstream_at, excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select w.project_id, w.account_scope_id, case when w.inserted then 'person_created' else 'person_updated' end, 'attio', 'team',
        'attio:person:' || w.external_id, case when w.inserted then w.created_at else coalesce(w.changed_upstream_at, ${reading.now}) end, ${reading.now},
        jsonb_build_object('connection_id', w.connection_id, 'person_id', w.external_id),
        'attio:' || w.connection_id || ':person:' || w.external_id
          || case when w.inserted then ':created' else ':updated:' || extract(epoch from ${reading.now}::timestamptz) end
      from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id
      where w.inserted or (b.account_external_id, b.full_name, b.emails, b.phones, b.role, b.data)
        is distinct from (w.account_external_id, w.full_name, w.emails, w.phones, w.role, w.data)
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}
