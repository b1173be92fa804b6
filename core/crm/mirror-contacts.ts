import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/**
 * Who belongs to which account: Attio's people by their company, and whoever applied identity links tie to an account or to such a person. Answers
 * how many rows it wrote.
 */
export async function mirror(scope: ProjectScope, now: Date): Promise<number> {
  const projects = scope.projects as string[];
  const [row] = await sql<{ count: number }[]>`
    with people as (
      select a.project_id, a.account_scope_id, a.id as account_id, 'person' as entity_type, 'attioperson:' || p.connection_id || ':' || p.external_id as entity_id,
        left(p.role, 200) as role
      from attio_people_raw p
      join crm_accounts a on a.project_id = p.project_id and a.connection_id = p.connection_id and a.external_ref = p.account_external_id
      where p.project_id = any (${projects}::uuid[]) and p.deleted_at is null),
    linked as (
      select l.project_id, l.account_scope_id, a.id as account_id, l.left_entity_type as entity_type, l.left_entity_id as entity_id, null::text as role
      from identity_links l join crm_accounts a on a.project_id = l.project_id and 'crmacct:' || a.id = l.right_entity_id
      where l.project_id = any (${projects}::uuid[]) and l.right_entity_type = 'account' and l.left_entity_type in ('contact', 'person')
      union
      select l.project_id, l.account_scope_id, p.account_id, 'contact', l.left_entity_id, p.role
      from identity_links l join people p on p.project_id = l.project_id and p.entity_id = l.right_entity_id
      where l.left_entity_type = 'contact' and l.right_entity_type = 'person'),
    wanted as (
      select distinct on (project_id, account_id, entity_type, entity_id) * from (select * from people union all select * from linked) w
      order by project_id, account_id, entity_type, entity_id, role nulls last),
    written as (
      insert into crm_account_contacts as c (project_id, account_scope_id, account_id, entity_type, entity_id, role, created_at)
      select project_id, account_scope_id, account_id, entity_type, entity_id, role, ${now} from wanted
      on conflict (project_id, account_id, entity_type, entity_id) do update set role = excluded.role where c.role is distinct from excluded.role
      returning 1),
    gone as (
      delete from crm_account_contacts c
      where c.project_id = any (${projects}::uuid[]) and not exists (
        select from wanted w
        where w.project_id = c.project_id and w.account_id = c.account_id and w.entity_type = c.entity_type and w.entity_id = c.entity_id)
      returning 1)
    select (select count(*) from written) + (select count(*) from gone) as count`;
  return row?.count ?? 0;
}
