import type { User } from "#core/actor.ts";
import { sql, transaction } from "#core/db.ts";
import * as Entities from "#core/identity/entities.ts";
import { hold } from "#core/identity/suggest.ts";
import * as Project from "#core/platform/project.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Of a company's domain among the domains that write to an inbox, from which the inbox is taken for the company's. */
const SHARE = 0.5;

/**
 * Looks through what the caller may see of the studio's connections for what belongs to one client: a company in Attio with the inboxes, contact companies,
 * Linear projects and teams that bear its name or hear from its domain. Writes only what differs, and nothing that was decided.
 */
export async function propose(actor: User, now: Date): Promise<{ written: number; removed: number }> {
  const projects = (await Project.list(actor)).map((project) => project.id);
  const scope: ProjectScope = { projects, accountScopeId: actor.accountScopeId };
  return transaction(scope, async () => {
    await hold(scope);
    await Entities.refresh(scope, now);
    const [row] = await sql<{ written: number; removed: number }[]>`
      with companies as materialized (${companies(scope)}),
      things as materialized (${things(scope)}),
      named as (${named()}),
      heard as (${heard(scope)}),
      best as (
        select distinct on (t.thing) t.thing, t.company, t.confidence, t.reason from (select * from named union all select * from heard) t
        order by t.thing, t.confidence desc, t.company),
      parts as (
        select b.company, t.source, b.confidence, t.thing,
          jsonb_build_object('source', t.source, 'connectionId', t.connection_id, 'kind', t.kind, 'id', t.id, 'name', t.name, 'reason', b.reason,
            'confidence', round(b.confidence::numeric, 4), 'boundTo', ${bound(sql`t`)}) as part
        from best b join things t on t.thing = b.thing
        union all
        select c.company, 'attio', 1, c.company,
          jsonb_build_object('source', 'attio', 'connectionId', c.connection_id, 'kind', 'attio_company', 'id', c.id, 'name', c.name, 'reason', 'client', 'confidence', 1,
            'boundTo', ${bound(sql`c`)})
        from companies c where c.company in (select company from best)),
      wanted as materialized (
        select p.company as dedupe_key, c.name as client, round(avg(p.confidence) filter (where p.source <> 'attio')::numeric, 4) as confidence,
          jsonb_agg(p.part order by p.source, p.thing) as parts, array_agg(p.thing order by p.source, p.thing) as evidence_refs
        from parts p join companies c on c.company = p.company
        group by p.company, c.name having bool_or(p.part ->> 'boundTo' is null)),
      written as (
        insert into binding_proposals as b (account_scope_id, client, confidence, parts, evidence_refs, dedupe_key, created_at, updated_at)
        select ${scope.accountScopeId}, client, confidence, parts, evidence_refs, dedupe_key, ${now}, ${now} from wanted
        on conflict (account_scope_id, dedupe_key) do update set
          client = excluded.client, confidence = excluded.confidence, parts = excluded.parts, evidence_refs = excluded.evidence_refs, updated_at = excluded.updated_at
          where b.status = 'proposed' and (b.client, b.confidence, b.parts) is distinct from (excluded.client, excluded.confidence, excluded.parts)
        returning 1),
      gone as (
        delete from binding_proposals where account_scope_id = ${scope.accountScopeId} and status = 'proposed' and dedupe_key not in (select dedupe_key from wanted)
        returning 1)
      select (select count(*) from written) as written, (select count(*) from gone) as removed`;
    return row ?? { written: 0, removed: 0 };
  });
}

/** Attio's companies, once each however many projects they feed; not the studio's own. `words` are those of the name, `telling` those no other company has. */
const companies = (scope: ProjectScope) => sql`
  with own as (
    select distinct split_part(unnest(emails), '@', 2) as domain from identity_entities
    where project_id = any (${scope.projects as string[]}::uuid[]) and entity_type = 'member'),
  known as (
    select distinct on (c.connection_id, c.external_ref) 'attioacct:' || c.connection_id || ':' || c.external_ref as company, c.connection_id, c.external_ref as id, e.name,
      e.folded, e.domains, sorted_words(e.folded) as words
    from crm_accounts c join identity_entities e on e.entity_id = 'crmacct:' || c.id and e.entity_type = 'account' and e.project_id = c.project_id
    where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.connection_id is not null and e.folded <> ''
      and not exists (select from own where own.domain = any (e.domains))
    order by c.connection_id, c.external_ref, c.project_id),
  used as (
    select word, min(company) as company from (
      select company, unnest(words) as word from known
      union select company, sorted_word from known, unnest(domains) d, unnest(sorted_words(fold_name(split_part(d, '.', 1)))) sorted_word) w
    where length(word) >= 5 group by word having count(distinct company) = 1)
  select 'attio_company' as kind, k.*, array(select u.word from used u where u.company = k.company) as telling from known k`;

/** What else of the connections has a name. */
const things = (scope: ProjectScope) => {
  const seen = sql`project_id = any (${scope.projects as string[]}::uuid[]) and deleted_at is null`;
  return sql`
    select distinct on (thing) *, sorted_words(fold_company(name)) as words, fold_company(name) as folded from (
      select 'cwinbox:' || connection_id || ':' || inbox_id as thing, 'chatwoot' as source, 'inbox' as kind, connection_id, inbox_id::text as id, name
        from cw_inboxes_raw where ${seen} and name is not null
      union all
      select 'cwcompany:' || connection_id || ':' || company, 'chatwoot', 'contact_company', connection_id, company, company
        from cw_contacts where ${seen} and length(company) between 1 and 200
      union all
      select 'linproject:' || connection_id || ':' || external_id, 'linear', 'linear_project', connection_id, external_id, name from linear_projects_raw where ${seen}
      union all
      select 'linteam:' || connection_id || ':' || external_id, 'linear', 'team', connection_id, external_id, name from linear_teams_raw where ${seen}) t
    order by thing, name`;
};

/** By name: the same, within the other, a word that only this company has, or spelled alike. */
const named = () => sql`
  select t.thing, c.company, 0.9 as confidence, 'same_name' as reason from companies c join things t on t.words = c.words
  union all
  select t.thing, c.company, 0.85, 'name_within' from (select *, unnest(words) as word from things) t
    join companies c on c.words[1] = t.word and c.words <@ t.words and length(c.folded) >= 5 and t.words <> c.words
  union all
  select t.thing, c.company, 0.75, 'telling_word' from (select thing, unnest(words) as word from things) t
    join (select company, unnest(telling) as word from companies) c on c.word = t.word
  union all
  select t.thing, c.company, 0.7 * similarity(t.folded, c.folded), 'similar_name' from things t
    join companies c on left(c.folded, 2) = left(t.folded, 2) and c.words <> t.words and similarity(t.folded, c.folded) >= 0.6`;

/** By who writes: at least half of an inbox's contacts that have a company's address have this company's. */
const heard = (scope: ProjectScope) => sql`
  select * from (
    with writers as materialized (
      select distinct 'cwinbox:' || v.connection_id || ':' || v.inbox_id as thing, e.entity_id as contact, substr(k, 3) as domain
      from (select distinct project_id, connection_id, inbox_id, contact_id from cw_conversations
        where project_id = any (${scope.projects as string[]}::uuid[]) and deleted_at is null and inbox_id is not null and contact_id is not null) v
      join identity_entities e on e.entity_id = 'cwc:' || v.connection_id || ':' || v.contact_id and e.entity_type = 'contact' and e.project_id = v.project_id,
      unnest(e.keys) k where k like 'd:%'),
    everybody as (select thing, count(distinct contact) as n from writers group by thing),
    theirs as (
      select w.thing, c.company, count(distinct w.contact) as n from writers w
      join (select company, unnest(domains) as domain from companies) c on c.domain = w.domain group by w.thing, c.company)
    select t.thing, t.company, case when t.n > 1 then 0.95 else 0.85 end as confidence, 'email_domain' as reason from theirs t join everybody e on e.thing = t.thing
    where t.n >= ${SHARE}::float8 * e.n and t.thing in (select thing from things)) h`;

/** The project that a part is bound to by name already, or null. */
const bound = (of: ReturnType<typeof sql>) => sql`(
  select min(s.project_id::text) from project_sources s
  where s.connection_id = ${of}.connection_id and s.removed_at is null and case ${of}.kind
    when 'inbox' then ${of}.id = any (s.inbox_ids::text[]) when 'linear_project' then ${of}.id = any (s.linear_project_ids) when 'team' then ${of}.id = any (s.team_ids)
    else ${of}.id = any (s.companies) end)`;
