import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { PUBLIC_DOMAINS } from "#core/identity/public-domains.ts";
import type { ProjectScope } from "#core/scope.ts";

/**
 * Who a chat contact is: a teammate, or a client, of an account where that is known. `entity_id` is the person, user or member it is taken for;
 * `because`: a link that a person applied, or the match it rests on.
 */
export const Info = z.object({
  contactId: z.string(),
  side: z.enum(["team", "client"]),
  entityId: z.string().nullable(),
  accountId: z.uuid().nullable(),
  accountName: z.string().nullable(),
  because: z.enum(["link", "email", "own_domain", "domain", "name", "unknown"]),
});
export type Info = z.infer<typeof Info>;

/**
 * Whose messages the contacts' are (ids as `GET /contacts` gives them), in the order given, each of the project's contacts once. What a person decided
 * comes first, then what is certain by mail address, then the studio's own domain, the client's domain, and a full name. What was dismissed never counts.
 */
export async function whose(scope: ProjectScope, contactIds: readonly string[]): Promise<Info[]> {
  const projects = scope.projects as string[];
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      with asked as (
        select e.project_id, e.entity_id, e.emails, min(n) as n from unnest(${contactIds as string[]}::text[]) with ordinality as a (id, n)
        join identity_entities e on e.entity_type = 'contact' and e.entity_id = a.id where e.project_id = any (${projects}::uuid[])
        group by e.project_id, e.entity_id, e.emails),
      team as (
        select e.project_id, e.entity_type, split_part(unnest(e.emails), '@', 2) as domain from identity_entities e
        where e.project_id = any (${projects}::uuid[]) and e.entity_type in ('member', 'linear_user')),
      own as (
        select distinct t.project_id, t.domain from team t
        where t.domain <> all (${PUBLIC_DOMAINS as string[]}::text[]) and (t.entity_type = 'member' or not exists (
          select from identity_entities a where a.project_id = t.project_id and a.entity_type = 'account' and t.domain = any (a.domains)))),
      tied as (
        select a.project_id, a.entity_id, l.right_entity_type as type, l.right_entity_id as other, 'link' as because, 1 as rank
        from asked a join identity_links l on l.project_id = a.project_id and l.left_entity_type = 'contact' and l.left_entity_id = a.entity_id
        union all
        select a.project_id, a.entity_id, s.right_entity_type, s.right_entity_id,
          case when s.reason = 'same_email' then 'email' when s.reason = 'email_domain' then 'domain' else 'name' end,
          case when s.reason = 'same_email' then 2 when s.reason = 'email_domain' then 4 else 5 end
        from asked a join identity_link_suggestions s on s.project_id = a.project_id and s.left_entity_type = 'contact' and s.left_entity_id = a.entity_id
        where s.status = 'proposed' and (s.reason in ('same_email', 'email_domain', 'same_name_and_domain') or (s.reason = 'same_name' and s.confidence > 0.8))
        union all
        select a.project_id, a.entity_id, null, null, 'own_domain', 3 from asked a join own o on o.project_id = a.project_id
        where o.domain = any (array(select split_part(x, '@', 2) from unnest(a.emails) x))),
      accounted as (
        select t.*, coalesce(t.type in ('linear_user', 'member'), true) as team, e.account_id
        from tied t left join identity_entities e on e.project_id = t.project_id and e.entity_type = t.type and e.entity_id = t.other
        where t.type is null or e.entity_id is not null),
      -- On each side what is surest comes first; the account may be told by less than what tells the person.
      judged as (
        select a.project_id, a.entity_id, a.n, (array_agg(c.team order by c.rank, c.team desc))[1] as team, min(c.rank) as rank
        from asked a left join accounted c using (project_id, entity_id) group by a.project_id, a.entity_id, a.n)
      select j.entity_id as contact_id, case when j.team then 'team' else 'client' end as side,
        (select c.other from accounted c where c.project_id = j.project_id and c.entity_id = j.entity_id and c.team = j.team and c.type <> 'account'
          order by c.rank, c.type, c.other limit 1) as entity_id,
        acc.account_id, acc.name as account_name,
        coalesce((select c.because from accounted c where c.project_id = j.project_id and c.entity_id = j.entity_id and c.rank = j.rank limit 1), 'unknown') as because
      from judged j
      left join lateral (
        select c.account_id, e.name from accounted c join identity_entities e on e.project_id = c.project_id and e.entity_type = 'account' and e.account_id = c.account_id
        where c.project_id = j.project_id and c.entity_id = j.entity_id and not c.team and not j.team order by c.rank, c.account_id limit 1) acc on true
      order by j.n`,
  );
}
