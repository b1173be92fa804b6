import type { Pair } from "#core/connectors/attio/coverage.ts";
import type { Company } from "#core/connectors/attio/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** Companies into their projects; a row that does not differ is not touched. Events: seen first, changed. */
export async function upsert(reading: Reading, rows: readonly Company[], pairs: readonly Pair[]): Promise<Written> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, c.*
      from jsonb_to_recordset(${rows as never}::jsonb) as c ("externalId" text, name text, domain text, domains text[], description text, stage text,
        "annualRevenue" numeric, data jsonb, "createdAt" timestamptz, "changedUpstreamAt" timestamptz, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.externalId)}::text[], ${pairs.map((pair) => pair.projectId)}::uuid[]) as r (external_id, project_id)
        on r.external_id = c."externalId"),
    before as (
      select t.* from given g join attio_accounts_raw t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.external_id = g."externalId"),
    written as (
      insert into attio_accounts_raw as t (project_id, account_scope_id, connection_id, external_id, name, domain, domains, description, stage, annual_revenue, data,
        created_at, changed_upstream_at, first_seen_at, changed_at, sanitized)
      select project_id, ${accountScopeId}, ${connectionId}, "externalId", name, domain, domains, description, stage, "annualRevenue", data, "createdAt",
        "changedUpstreamAt", ${reading.now}, ${reading.now}, sanitized from given
      on conflict (project_id, connection_id, external_id) do update set
        name = excluded.name, domain = excluded.domain, domains = excluded.domains, description = excluded.description, stage = excluded.stage,
        annual_revenue = excluded.annual_revenue, data = excluded.data, created_at = excluded.created_at, changed_upstream_at = excluded.changed_upstream_at,
        changed_at = excluded.changed_at, sanitized = excluded.sanitized, absent_passes = 0, deleted_at = null
      where (t.name, t.domain, t.domains, t.description, t.stage, t.annual_revenue, t.data, t.created_at, t.changed_upstream_at, t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.name, excluded.domain, excluded.domains, excluded.description, excluded.stage, excluded.annual_revenue, excluded.data,
          excluded.created_at, excluded.changed_upstream_at, excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select w.project_id, w.account_scope_id, case when w.inserted then 'company_created' else 'company_updated' end, 'attio', 'team',
        'attio:company:' || w.external_id, case when w.inserted then w.created_at else coalesce(w.changed_upstream_at, ${reading.now}) end, ${reading.now},
        jsonb_build_object('connection_id', w.connection_id, 'company_id', w.external_id),
        'attio:' || w.connection_id || ':company:' || w.external_id
          || case when w.inserted then ':created' else ':updated:' || extract(epoch from ${reading.now}::timestamptz) end
      from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id
      where w.inserted or (b.name, b.domains, b.description, b.stage, b.annual_revenue, b.data) is distinct from (w.name, w.domains, w.description, w.stage, w.annual_revenue, w.data)
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}
