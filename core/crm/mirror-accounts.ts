import * as Stage from "#core/crm/stage.ts";
import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Attio's companies as accounts. A name is never empty: a company without one goes by its domain, or its id. */
const companies = (scope: ProjectScope) => sql`
  select project_id, account_scope_id, connection_id, external_id, deleted_at, first_seen_at,
    left(coalesce(nullif(btrim(name), ''), nullif(domain, ''), domains[1], external_id), 300) as name,
    left(lower(coalesce(nullif(domain, ''), domains[1])), 300) as domain,
    array(select lower(d) from unnest(domains || domain) d where d <> '') as domains,
    coalesce(${Stage.ACCOUNT_MAP as never}::jsonb ->> stage_key(stage), ${Stage.ACCOUNT_DEFAULT}) as stage
  from attio_accounts_raw where project_id = any (${scope.projects as string[]}::uuid[])`;

/** Attaches, updates and adds accounts; answers how many rows it wrote. */
export async function mirror(scope: ProjectScope, now: Date): Promise<number> {
  const attached = await attach(scope, now);
  const changed = await sql`
    with wanted as (
      select c.project_id, c.id, r.connection_id,
        case when c.edited_fields ? 'name' or r.deleted_at is not null then c.name else r.name end as name,
        case when c.edited_fields ? 'domain' or r.deleted_at is not null then c.domain else r.domain end as domain,
        case when c.edited_fields ? 'stage' or r.deleted_at is not null then c.stage else r.stage end as stage,
        case when c.source_system <> 'manual' then r.deleted_at end as source_deleted_at
      from crm_accounts c join (${companies(scope)}) r using (project_id, connection_id)
      where r.external_id = c.external_ref)
    update crm_accounts c set name = w.name, domain = w.domain, stage = w.stage, source_deleted_at = w.source_deleted_at, updated_at = ${now}
    from wanted w where c.project_id = w.project_id and c.id = w.id
      and (c.name, c.domain, c.stage, c.source_deleted_at) is distinct from (w.name, w.domain, w.stage, w.source_deleted_at)`;
  // An id told from upstream's: what was decided about an account holds when its source is unbound and bound again.
  const added = await sql`
    insert into crm_accounts (project_id, account_scope_id, id, name, domain, stage, source_system, connection_id, external_ref, created_at, updated_at)
    select project_id, account_scope_id, named_uuid(project_id || ':' || connection_id || ':' || external_id), name, domain, stage, 'attio', connection_id, external_id,
      ${now}, ${now}
    from (${companies(scope)}) r
    where deleted_at is null and not exists (
      select from crm_accounts c where c.project_id = r.project_id and c.connection_id = r.connection_id and c.external_ref = r.external_id)
    on conflict do nothing`;
  return attached + changed.count + added.count;
}

/** Ties accounts made by hand to their company: by its id when that was given, else by name and a domain they share; never by name alone. */
async function attach(scope: ProjectScope, now: Date): Promise<number> {
  const rows = await sql`
    with fitting as (
      select distinct on (m.project_id, m.id) m.project_id, m.id, r.connection_id, r.external_id
      from crm_accounts m join (${companies(scope)}) r on r.project_id = m.project_id and r.deleted_at is null
        and (r.external_id = m.external_ref or (m.external_ref is null and lower(r.name) = lower(m.name) and lower(m.domain) = any (r.domains)))
      where m.source_system = 'manual' and m.connection_id is null and not exists (
        select from crm_accounts c where c.project_id = r.project_id and c.connection_id = r.connection_id and c.external_ref = r.external_id)
      order by m.project_id, m.id, r.first_seen_at, r.connection_id, r.external_id),
    single as (
      select distinct on (project_id, connection_id, external_id) * from fitting order by project_id, connection_id, external_id, id)
    update crm_accounts m set connection_id = s.connection_id, external_ref = s.external_id, updated_at = ${now}
    from single s where m.project_id = s.project_id and m.id = s.id`;
  return rows.count;
}

/**
 * Removes the accounts of companies that no binding brings any more: not deleted upstream, simply no longer here. One that still has deals made by
 * hand stays for them, marked as gone.
 */
export async function dropUnbound(scope: ProjectScope, now: Date): Promise<number> {
  const removed = await sql`
    delete from crm_accounts c where ${unbound(scope)}
      and not exists (select from crm_opportunities o where o.project_id = c.project_id and o.account_id = c.id and o.source_system = 'manual')`;
  const marked = await sql`update crm_accounts c set source_deleted_at = ${now}, updated_at = ${now} where ${unbound(scope)}`;
  return removed.count + marked.count;
}

const unbound = (scope: ProjectScope) => sql`
  c.project_id = any (${scope.projects as string[]}::uuid[]) and c.source_system = 'attio' and c.source_deleted_at is null
  and not exists (
    select from attio_accounts_raw r where r.project_id = c.project_id and r.connection_id = c.connection_id and r.external_id = c.external_ref)`;
