import * as Stage from "#core/crm/stage.ts";
import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

export const NEXT_STEP = "Review next action";
export const PROBABILITY = 0.1;

/** Attio's deals as opportunities, each with the account its company became, where that is here. */
const deals = (scope: ProjectScope) => sql`
  select r.project_id, r.account_scope_id, r.connection_id, r.external_id, r.deleted_at, r.stage_changed_at, a.id as account_id,
    left(coalesce(nullif(btrim(r.title), ''), r.external_id), 300) as title,
    coalesce(${Stage.DEAL_MAP as never}::jsonb ->> stage_key(r.stage), ${Stage.DEAL_DEFAULT}) as stage,
    coalesce(r.amount, 0) as amount_estimate, r.currency, coalesce(r.probability, ${PROBABILITY}) as probability, r.expected_close_date,
    coalesce(nullif(btrim(left(r.next_step, 1000)), ''), ${NEXT_STEP}) as next_step,
    left(coalesce(nullif(btrim(m.name), ''), m.email), 200) as owner_username
  from attio_opportunities_raw r
  left join crm_accounts a on a.project_id = r.project_id and a.connection_id = r.connection_id and a.external_ref = r.account_external_id
  left join attio_members_raw m on m.project_id = r.project_id and m.connection_id = r.connection_id and m.external_id = r.owner_external_id
  where r.project_id = any (${scope.projects as string[]}::uuid[])`;

/** Updates, adds and removes deals, and notes every change of stage; answers how many deals it wrote. */
export async function mirror(scope: ProjectScope, now: Date): Promise<number> {
  const changed = await change(scope, now);
  const added = await add(scope, now);
  const removed = await sql`
    delete from crm_opportunities o
    where o.project_id = any (${scope.projects as string[]}::uuid[]) and o.source_system = 'attio' and o.source_deleted_at is null
      and not exists (
        select from attio_opportunities_raw r where r.project_id = o.project_id and r.connection_id = o.connection_id and r.external_id = o.external_ref)`;
  return changed + added + removed.count;
}

// A deal that lost its company upstream keeps the account it had; one that is gone upstream keeps all it had.
async function change(scope: ProjectScope, now: Date): Promise<number> {
  const kept = (field: string) =>
    sql`case when o.edited_fields ? ${field} or r.deleted_at is not null then o.${sql(field)} else r.${sql(field)} end as ${sql(field)}`;
  const [row] = await sql<{ count: number }[]>`
    with wanted as (
      select o.project_id, o.id, o.stage as was, r.stage_changed_at, 'attiodeal:' || r.connection_id || ':' || r.external_id as ref,
        case when r.deleted_at is null then coalesce(r.account_id, o.account_id) else o.account_id end as account_id,
        case when r.deleted_at is null then r.currency else o.currency end as currency,
        ${kept("title")}, ${kept("stage")}, ${kept("amount_estimate")}, ${kept("probability")}, ${kept("expected_close_date")}, ${kept("next_step")},
        ${kept("owner_username")}, r.deleted_at as source_deleted_at
      from crm_opportunities o join (${deals(scope)}) r using (project_id, connection_id)
      where r.external_id = o.external_ref),
    changed as (
      update crm_opportunities o set account_id = w.account_id, title = w.title, stage = w.stage, amount_estimate = w.amount_estimate, currency = w.currency,
        probability = w.probability, expected_close_date = w.expected_close_date, next_step = w.next_step, owner_username = w.owner_username,
        source_deleted_at = w.source_deleted_at, updated_at = ${now}
      from wanted w where o.project_id = w.project_id and o.id = w.id
        and (o.account_id, o.title, o.stage, o.amount_estimate, o.currency, o.probability, o.expected_close_date, o.next_step, o.owner_username, o.source_deleted_at)
          is distinct from
          (w.account_id, w.title, w.stage, w.amount_estimate, w.currency, w.probability, w.expected_close_date, w.next_step, w.owner_username, w.source_deleted_at)
      returning o.project_id, o.account_scope_id, o.id, w.was, o.stage, w.ref, w.stage_changed_at),
    noted as (
      insert into crm_opportunity_stage_events (project_id, account_scope_id, opportunity_id, from_stage, to_stage, actor_username, evidence_refs, occurred_at, created_at)
      select project_id, account_scope_id, id, was, stage, 'attio', array[ref], coalesce(stage_changed_at, ${now}), ${now} from changed where was <> stage)
    select count(*) as count from changed`;
  return row?.count ?? 0;
}

async function add(scope: ProjectScope, now: Date): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with added as (
      insert into crm_opportunities (project_id, account_scope_id, id, account_id, title, stage, amount_estimate, currency, probability, expected_close_date, next_step,
        owner_username, source_system, connection_id, external_ref, evidence_refs, created_at, updated_at)
      select project_id, account_scope_id, named_uuid(project_id || ':' || connection_id || ':' || external_id), account_id, title, stage, amount_estimate, currency,
        probability, expected_close_date, next_step, owner_username, 'attio', connection_id, external_id,
        array['attiodeal:' || connection_id || ':' || external_id], ${now}, ${now}
      from (${deals(scope)}) r
      where deleted_at is null and account_id is not null and not exists (
        select from crm_opportunities o where o.project_id = r.project_id and o.connection_id = r.connection_id and o.external_ref = r.external_id)
      on conflict do nothing
      returning project_id, account_scope_id, id, stage, connection_id, external_ref, evidence_refs),
    noted as (
      insert into crm_opportunity_stage_events (project_id, account_scope_id, opportunity_id, from_stage, to_stage, actor_username, evidence_refs, occurred_at, created_at)
      select a.project_id, a.account_scope_id, a.id, null, a.stage, 'attio', a.evidence_refs, coalesce(r.stage_changed_at, r.created_at, ${now}), ${now}
      from added a join attio_opportunities_raw r on r.project_id = a.project_id and r.connection_id = a.connection_id and r.external_id = a.external_ref)
    select count(*) as count from added`;
  return row?.count ?? 0;
}

/** The deals of each project that are kept out: without a company, or with one that is not here. Projects without such are not named. */
export async function keptOut(scope: ProjectScope): Promise<{ projectId: string; counts: { withoutAccount: number; unmapped: number } }[]> {
  const rows = await sql<{ projectId: string; withoutAccount: number; unmapped: number }[]>`
    select r.project_id, count(*) filter (where r.account_external_id is null) as without_account,
      count(*) filter (where r.account_external_id is not null) as unmapped
    from attio_opportunities_raw r
    where r.project_id = any (${scope.projects as string[]}::uuid[]) and r.deleted_at is null and not exists (
      select from crm_accounts a where a.project_id = r.project_id and a.connection_id = r.connection_id and a.external_ref = r.account_external_id)
    group by r.project_id order by r.project_id`;
  return rows.map(({ projectId, ...counts }) => ({ projectId, counts }));
}
