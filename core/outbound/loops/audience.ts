import { sql, systemSql } from "#core/db.ts";
import type { Person } from "#core/outbound/loops/transform.ts";
import type { ProjectScope } from "#core/scope.ts";

/** A studio's projects, and which of them Loops is told of: an address that several know is one contact, spoken for by the first of them. */
export type Audience = { scope: ProjectScope; projectId: string; told: readonly string[] };
/** `sent`: of what was last sent, and whether it was taken. */
export type Listed = Person & { sent: { fingerprint: string; status: "sent" | "refused" } | null };

/** The audience as seen from one project, which counts as switched on whether or not it is: a preview asks for just that. */
export async function open(accountScopeId: string, projectId: string): Promise<Audience> {
  const rows = await systemSql<{ id: string; told: boolean }[]>`
    select p.id, p.id = ${projectId} or (p.status = 'active' and coalesce(s.enabled, false)) as told
    from projects p left join loops_settings s on s.project_id = p.id where p.account_scope_id = ${accountScopeId} order by p.id`;
  const scope = { projects: rows.map((row) => row.id), accountScopeId };
  return { scope, projectId, told: rows.filter((row) => row.told).map((row) => row.id) };
}

/** The studio as a whole, for what concerns an address and no project. */
export async function studio(accountScopeId: string): Promise<ProjectScope> {
  const rows = await systemSql<{ id: string }[]>`select id from projects where account_scope_id = ${accountScopeId} order by id`;
  return { projects: rows.map((row) => row.id), accountScopeId };
}

/**
 * The clients that the audience's project speaks for, by address after `after`: living contacts with an address that is one, who are no teammates and
 * have not left. Inside a transaction of the audience's scope.
 */
export async function list({ projectId, told }: Audience, after: string, limit: number): Promise<Listed[]> {
  return sql<Listed[]>`
    with clients as (
      select project_id, lower(btrim(email)) as email, name, company, 1 as rank from cw_contacts
      where project_id = any (${told as string[]}::uuid[]) and deleted_at is null and not blocked and email is not null
      union all
      select p.project_id, lower(btrim(address)), p.full_name, a.name, 0
      from attio_people_raw p
      left join attio_accounts_raw a on a.project_id = p.project_id and a.connection_id = p.connection_id and a.external_id = p.account_external_id
        and a.deleted_at is null
      cross join lateral unnest(array_append(p.emails, p.email)) as m (address)
      where p.project_id = any (${told as string[]}::uuid[]) and p.deleted_at is null and address is not null),
    team as (
      select lower(btrim(email)) as email from app_users where email is not null
      union select lower(btrim(email)) from linear_users_raw where email is not null
      union select lower(btrim(email)) from attio_members_raw where email is not null),
    addresses as (
      select c.email, (array_agg(c.name order by c.rank, c.project_id, c.name) filter (where btrim(c.name) <> ''))[1] as name,
        (array_agg(c.company order by c.rank, c.project_id, c.company) filter (where btrim(c.company) <> ''))[1] as company,
        array_agg(distinct c.project_id) as project_ids
      from clients c
      where c.email > ${after} and length(c.email) <= 254 and c.email ~ ${ADDRESS}
      group by c.email
      having (array_agg(c.project_id order by c.project_id))[1] = ${projectId})
    select a.email, a.name, a.company,
      (select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'language', p.language) order by p.id) from projects p where p.id = any (a.project_ids)) as projects,
      (select jsonb_build_object('fingerprint', l.fingerprint, 'status', l.status) from loops_contacts l
        where l.project_id = ${projectId} and l.email = a.email) as sent
    from addresses a
    where not exists (select from team t where t.email = a.email)
      and not exists (
        select from contact_channel_policies o where o.contact_global_id = 'email:' || a.email and o.channel = 'email' and o.opted_out)
    order by a.email limit ${limit}`;
}

/** One at sign, a dot behind it, nothing that a header or a list of addresses could be broken with. */
const ADDRESS = '^[^@[:space:][:cntrl:]<>(),;:\\\\"]+@[^@[:space:][:cntrl:]<>(),;:\\\\"]+\\.[^@[:space:][:cntrl:]<>(),;:\\\\".]+$';
