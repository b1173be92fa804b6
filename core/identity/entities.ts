import { sql } from "#core/db.ts";
import { PUBLIC_DOMAINS } from "#core/identity/public-domains.ts";
import type { ProjectScope } from "#core/scope.ts";

export const TYPES = ["contact", "person", "account", "linear_user", "member"] as const;
export type Type = (typeof TYPES)[number];

const texts = (list: ReturnType<typeof sql>) =>
  sql`array(select distinct left(lower(btrim(x)), 320) from unnest(${list}) x where btrim(x) <> '' order by 1)`;

/** Whoever is in the mirrors now. Guests of Linear are clients, not colleagues: they are left out. */
const found = (scope: ProjectScope) => {
  const seen = sql`project_id = any (${scope.projects as string[]}::uuid[]) and deleted_at is null`;
  return sql`
    select project_id, account_scope_id, 'contact' as entity_type, 'cwc:' || connection_id || ':' || contact_id as entity_id, left(name, 300) as name,
      ${texts(sql`array[email]`)} as emails, ${texts(sql`array[phone_number]`)} as phones, '{}'::text[] as domains, left(company, 300) as company, null::uuid as account_id
    from cw_contacts where ${seen}
    union all
    select p.project_id, p.account_scope_id, 'person', 'attioperson:' || p.connection_id || ':' || p.external_id, left(p.full_name, 300),
      ${texts(sql`p.emails || p.email`)}, ${texts(sql`p.phones`)}, '{}', null, a.id
    from (select * from attio_people_raw where ${seen}) p
    left join crm_accounts a on a.project_id = p.project_id and a.connection_id = p.connection_id and a.external_ref = p.account_external_id
    union all
    select c.project_id, c.account_scope_id, 'account', 'crmacct:' || c.id, c.name, '{}', '{}', ${texts(sql`r.domains || r.domain || c.domain`)}, c.name, c.id
    from crm_accounts c left join attio_accounts_raw r on r.project_id = c.project_id and r.connection_id = c.connection_id and r.external_id = c.external_ref
    where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.source_deleted_at is null
    union all
    select project_id, account_scope_id, 'linear_user', 'linuser:' || connection_id || ':' || external_id, left(coalesce(nullif(name, ''), display_name), 300),
      ${texts(sql`array[email]`)}, '{}', '{}', null, null
    from linear_users_raw where ${seen} and not guest
    union all
    select project_id, account_scope_id, 'member', 'attiomember:' || connection_id || ':' || external_id, left(name, 300), ${texts(sql`array[email]`)}, '{}', '{}', null, null
    from attio_members_raw where ${seen}`;
};

/**
 * What two entities must share to be proposed as one, each key with its kind: e a mail address, m its mailbox, d its domain, p a phone, n a whole name,
 * w two words of a name, i a word and an initial, f a word and the first letter of another, c a company.
 */
const keys = () => sql`
  select array(
    select 'e:' || x from unnest(emails) x
    union all select 'm:' || mailbox_of(x) from unnest(emails) x
    union all select 'd:' || x from (select split_part(x, '@', 2) as x from unnest(emails) x union select x from unnest(domains) x) d
      where x <> '' and x <> all (${PUBLIC_DOMAINS as string[]}::text[])
    union all select 'p:' || phone_key(x) from unnest(phones) x
    union all select 'n:' || array_to_string(words, ' ') where named
    union all select 'w:' || a || ' ' || b from unnest(words) a join unnest(words) b on a < b where named and length(a) > 1 and length(b) > 1
    union all select case when length(b) = 1 then 'i:' else 'f:' end || a || ' ' || left(b, 1) from unnest(words) a join unnest(words) b on a <> b
      where named and length(a) > 2
    union all select 'c:' || array_to_string(sorted_words(fold_company(x)), ' ') from unnest(array[name, company]) x
      where entity_type in ('contact', 'account') and fold_company(x) <> '')
  from (select sorted_words(folded) as words) s, lateral (select entity_type <> 'account' and cardinality(words) > 1 as named) t`;

export type Refreshed = { changed: number; outdated: number };

/** Of how names are folded and keys are made: another one has everything made anew. */
const VERSION = "1";

/**
 * Brings the entities of the scope's projects up to date with the mirrors; answers how many came, changed or went, and how many proposals of similar
 * names went with what they rested on. Inside the caller's transaction.
 * `not in` and no joins: it is hashed whatever the planner believes of rows that were just written.
 */
export async function refresh(scope: ProjectScope, now: Date): Promise<Refreshed> {
  const [row] = await sql<Refreshed[]>`
    with found as materialized (
      select *, md5(row(${VERSION}::text, name, emails, phones, domains, company, account_id)::text) as fingerprint from (${found(scope)}) f),
    folded as materialized (
      select *, coalesce(case when entity_type = 'account' then fold_company(name) else fold_name(name) end, '') as folded from found
      where (project_id, entity_type, entity_id, fingerprint) not in (
        select project_id, entity_type, entity_id, fingerprint from identity_entities where project_id = any (${scope.projects as string[]}::uuid[]))),
    written as (
      insert into identity_entities (project_id, account_scope_id, entity_type, entity_id, name, emails, phones, domains, company, account_id, folded, keys, fingerprint,
        changed_at)
      select project_id, account_scope_id, entity_type, entity_id, name, emails, phones, domains, company, account_id, folded, array_remove((${keys()}), null), fingerprint,
        ${now}
      from folded
      on conflict (project_id, entity_type, entity_id) do update set
        name = excluded.name, emails = excluded.emails, phones = excluded.phones, domains = excluded.domains, company = excluded.company,
        account_id = excluded.account_id, folded = excluded.folded, keys = excluded.keys, fingerprint = excluded.fingerprint, changed_at = excluded.changed_at,
        matched_at = null
      returning project_id, entity_id),
    gone as (
      delete from identity_entities
      where project_id = any (${scope.projects as string[]}::uuid[]) and (project_id, entity_type, entity_id) not in (select project_id, entity_type, entity_id from found)
      returning project_id, entity_id),
    touched as materialized (select array_agg(project_id || entity_id) as ids from (select * from written union all select * from gone) t),
    outdated as (
      delete from identity_link_suggestions s using touched t
      where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.status = 'proposed' and s.reason = 'similar_name'
        and (s.project_id || s.left_entity_id = any (t.ids) or s.project_id || s.right_entity_id = any (t.ids))
      returning 1)
    select (select count(*) from written) + (select count(*) from gone) as changed, (select count(*) from outdated) as outdated`;
  return row ?? { changed: 0, outdated: 0 };
}
