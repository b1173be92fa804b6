import type { Pair } from "#core/connectors/attio/coverage.ts";
import type { Deal } from "#core/connectors/attio/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** Deals into their projects; a row that does not differ is not touched. Each transition is an event once: created, stage, amount, close date, owner. */
export async function upsert(reading: Reading, rows: readonly Deal[], pairs: readonly Pair[]): Promise<Written> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const [written] = await sql<Written[]>`
    with given as (
      select r.project_id, d.*
      from jsonb_to_recordset(${rows as never}::jsonb) as d ("externalId" text, "accountExternalId" text, "peopleExternalIds" text[], title text, stage text,
        "stageChangedAt" timestamptz, amount numeric, currency text, probability numeric, "expectedCloseDate" date, "nextStep" text, "ownerExternalId" text, data jsonb,
        "createdAt" timestamptz, "changedUpstreamAt" timestamptz, sanitized boolean)
      join unnest(${pairs.map((pair) => pair.externalId)}::text[], ${pairs.map((pair) => pair.projectId)}::uuid[]) as r (external_id, project_id)
        on r.external_id = d."externalId"),
    before as (
      select t.* from given g
      join attio_opportunities_raw t on t.project_id = g.project_id and t.connection_id = ${connectionId} and t.external_id = g."externalId"),
    written as (
      insert into attio_opportunities_raw as t (project_id, account_scope_id, connection_id, external_id, account_external_id, people_external_ids, title, stage,
        stage_changed_at, amount, currency, probability, expected_close_date, next_step, owner_external_id, data, created_at, changed_upstream_at, first_seen_at, changed_at,
        sanitized)
      select project_id, ${accountScopeId}, ${connectionId}, "externalId", "accountExternalId", "peopleExternalIds", title, stage, "stageChangedAt", amount, currency,
        probability, "expectedCloseDate", "nextStep", "ownerExternalId", data, "createdAt", "changedUpstreamAt", ${reading.now}, ${reading.now}, sanitized from given
      on conflict (project_id, connection_id, external_id) do update set
        account_external_id = excluded.account_external_id, people_external_ids = excluded.people_external_ids, title = excluded.title, stage = excluded.stage,
        stage_changed_at = excluded.stage_changed_at, amount = excluded.amount, currency = excluded.currency, probability = excluded.probability,
        expected_close_date = excluded.expected_close_date, next_step = excluded.next_step, owner_external_id = excluded.owner_external_id, data = excluded.data,
        created_at = excluded.created_at, changed_upstream_at = excluded.changed_upstream_at, changed_at = excluded.changed_at, sanitized = excluded.sanitized,
        absent_passes = 0, deleted_at = null
      where (t.account_external_id, t.people_external_ids, t.title, t.stage, t.stage_changed_at, t.amount, t.currency, t.probability, t.expected_close_date, t.next_step,
          t.owner_external_id, t.data, t.created_at, t.changed_upstream_at, t.sanitized, t.absent_passes, t.deleted_at)
        is distinct from (excluded.account_external_id, excluded.people_external_ids, excluded.title, excluded.stage, excluded.stage_changed_at, excluded.amount,
          excluded.currency, excluded.probability, excluded.expected_close_date, excluded.next_step, excluded.owner_external_id, excluded.data, excluded.created_at,
          excluded.changed_upstream_at, excluded.sanitized, 0::smallint, null::timestamptz)
      returning t.*, (xmax = 0) as inserted),
    happened as (
      select w.*, e.event_type, e.at, e.detail
      from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id and b.deleted_at is null
      cross join lateral (values
        ('deal_created', w.inserted, w.created_at, '{}'::jsonb),
        ('deal_stage_changed', b.stage is distinct from w.stage, w.stage_changed_at, jsonb_build_object('from', b.stage, 'to', w.stage)),
        ('deal_amount_changed', (b.amount, b.currency) is distinct from (w.amount, w.currency), null::timestamptz,
          jsonb_build_object('from', b.amount, 'to', w.amount, 'from_currency', b.currency, 'to_currency', w.currency)),
        ('deal_close_date_changed', b.expected_close_date is distinct from w.expected_close_date, null::timestamptz,
          jsonb_build_object('from', b.expected_close_date, 'to', w.expected_close_date)),
        ('deal_owner_changed', b.owner_external_id is distinct from w.owner_external_id, null::timestamptz,
          jsonb_build_object('from', b.owner_external_id, 'to', w.owner_external_id))) as e (event_type, so, at, detail)
      where e.so and (w.inserted or b.external_id is not null) and w.inserted = (e.event_type = 'deal_created')),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'attio', 'team', 'attio:deal:' || external_id, coalesce(at, ${reading.now}), ${reading.now},
        detail || jsonb_build_object('connection_id', connection_id, 'deal_id', external_id),
        'attio:' || connection_id || ':deal:' || external_id || ':' || event_type
          || case when event_type = 'deal_created' then '' else ':' || extract(epoch from ${reading.now}::timestamptz) || ':' || md5(detail::text) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return written ?? { rows: 0, events: 0 };
}
