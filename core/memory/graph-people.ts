import { sql } from "#core/db.ts";
import { accountRef, each, type Fragment, fact, facts, live, print, ref, since } from "#core/memory/graph-source.ts";
import type { ProjectScope } from "#core/scope.ts";

/** People and clients as nodes: contacts, agents, people and companies of the CRM, Linear's users, Attio's members. */
export function people(scope: ProjectScope): Fragment {
  const mine = sql`project_id = any (${scope.projects as string[]}::uuid[])`;
  const linked = sql`
    left join (
      select project_id, left_entity_id, array_agg(right_entity_id order by right_entity_id) as others from identity_links
      where ${mine} and right_entity_type <> 'account' group by 1, 2) l on l.project_id = r.project_id and l.left_entity_id = `;
  const sameAs = each("same_as", sql`l.others`, sql`r.first_seen_at`);
  return sql`
    select r.project_id, r.account_scope_id, 'person' as node_type, ${ref("cwc:", sql`r.contact_id`)} as node_key, r.name as title, null::text as status,
      '{"side": "client"}'::jsonb as payload, jsonb_build_object('name', array[r.name], 'email', array[r.email]) as names,
      ${sameAs} || ${each("belongs_to", sql`c.accounts`, sql`r.first_seen_at`)} as facts, ${since()} as since, ${print(sql`r.name, r.email, r.first_seen_at, l.others, c.accounts`)} as fingerprint
    from ${live(scope, "cw_contacts")}
    ${linked} 'cwc:' || r.connection_id || ':' || r.contact_id
    left join (
      select k.project_id, k.entity_id, array_agg(${accountRef()}) as accounts from crm_account_contacts k
      join crm_accounts a on a.project_id = k.project_id and a.id = k.account_id
      where k.${mine} and k.entity_type = 'contact' and a.source_deleted_at is null group by 1, 2) c
      on c.project_id = r.project_id and c.entity_id = 'cwc:' || r.connection_id || ':' || r.contact_id
    union all
    select r.project_id, r.account_scope_id, 'person', ${ref("attioperson:", sql`r.external_id`)}, r.full_name, null, '{"side": "client"}',
      jsonb_build_object('name', array[r.full_name], 'email', r.emails || r.email),
      ${sameAs} || ${facts(fact("works_at", ref("attioacct:", sql`r.account_external_id`), null, since()), fact("role", null, sql`nullif(r.role, '')`, since()))},
      ${since()}, ${print(sql`r.full_name, r.email, r.emails, r.account_external_id, r.role, r.created_at, r.first_seen_at, l.others`)}
    from ${live(scope, "attio_people_raw")} ${linked} 'attioperson:' || r.connection_id || ':' || r.external_id
    union all
    select r.project_id, r.account_scope_id, 'person', ${ref("linuser:", sql`r.external_id`)}, coalesce(nullif(r.name, ''), r.display_name),
      case when r.active then 'active' else 'inactive' end, jsonb_build_object('side', case when r.guest then 'client' else 'team' end),
      jsonb_build_object('name', array[r.name, r.display_name], 'email', array[r.email]), ${sameAs},
      r.first_seen_at, ${print(sql`r.name, r.display_name, r.email, r.active, r.guest, r.first_seen_at, l.others`)}
    from ${live(scope, "linear_users_raw")} ${linked} 'linuser:' || r.connection_id || ':' || r.external_id
    union all
    select r.project_id, r.account_scope_id, 'person', ${ref("attiomember:", sql`r.external_id`)}, r.name, null, '{"side": "team"}',
      jsonb_build_object('name', array[r.name], 'email', array[r.email]), ${sameAs}, r.first_seen_at, ${print(sql`r.name, r.email, r.first_seen_at, l.others`)}
    from ${live(scope, "attio_members_raw")} ${linked} 'attiomember:' || r.connection_id || ':' || r.external_id
    union all
    select project_id, account_scope_id, 'person', author_ref, sender_name, null, '{"side": "team"}', jsonb_build_object('name', array[sender_name]), '[]', occurred_at,
      ${print(sql`sender_name`)}
    from (${agents(scope)}) a
    union all
    select r.project_id, r.account_scope_id, 'client', ${ref("attioacct:", sql`r.external_id`)}, coalesce(a.name, r.name), coalesce(a.stage, r.stage), '{}',
      jsonb_build_object('company', array[r.name, a.name], 'domain', r.domains || r.domain || a.domain),
      ${facts(fact("state", null, sql`coalesce(a.stage, r.stage)`, since()), fact("owner", null, sql`a.owner_username`, since()))},
      ${since()}, ${print(sql`r.name, r.domain, r.domains, r.stage, r.created_at, r.first_seen_at, a.name, a.domain, a.stage, a.owner_username`)}
    from ${live(scope, "attio_accounts_raw")}
    left join crm_accounts a on a.project_id = r.project_id and a.connection_id = r.connection_id and a.external_ref = r.external_id
    union all
    select a.project_id, a.account_scope_id, 'client', 'crmacct:' || a.id, a.name, a.stage, '{}', jsonb_build_object('company', array[a.name], 'domain', array[a.domain]),
      ${facts(fact("state", null, sql`a.stage`, sql`a.created_at`), fact("owner", null, sql`a.owner_username`, sql`a.created_at`))},
      a.created_at, ${print(sql`a.name, a.domain, a.stage, a.owner_username, a.created_at`)}
    from crm_accounts a where a.${mine} and a.source_deleted_at is null and (a.connection_id is null or a.external_ref is null)`;
}

/**
 * Who of the team wrote in chats, as their last message calls them: an author at a time along the index, and of each the newest message alone, whatever the
 * planner believes of rows that were just written.
 */
const agents = (scope: ProjectScope): Fragment => sql`
  with recursive authors as (
    select p as project_id, (select min(author_ref) from rag_chunks where project_id = p) as author_ref from unnest(${scope.projects as string[]}::uuid[]) p
    union all
    select a.project_id, (select min(c.author_ref) from rag_chunks c where c.project_id = a.project_id and c.author_ref > a.author_ref)
    from authors a where a.author_ref is not null)
  select a.project_id, m.account_scope_id, a.author_ref, m.sender_name, c.occurred_at from authors a
  cross join lateral (
    select connection_id, split_part(source_ref, ':', 3)::bigint as message_id, occurred_at from rag_chunks
    where project_id = a.project_id and author_ref = a.author_ref and source_kind = 'message' order by occurred_at desc, chunk_no desc limit 1) c
  cross join lateral (
    select account_scope_id, sender_name from cw_messages where project_id = a.project_id and connection_id = c.connection_id and message_id = c.message_id offset 0) m
  where a.author_ref like 'cwuser:%'`;
