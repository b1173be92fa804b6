import * as Clock from "#core/clock.ts";
import { sql } from "#core/db.ts";

/**
 * Notes that these people want no mail, in every project of the scope that knows their address or has told Loops of it. Answers how many addresses are
 * new to it. Inside a transaction of the studio's whole scope.
 */
export async function note(emails: readonly string[]): Promise<number> {
  if (emails.length === 0) return 0;
  const now = Clock.now();
  const [noted] = await sql<{ count: number }[]>`
    with gone as (select distinct lower(btrim(e)) as email from unnest(${emails as string[]}::text[]) as e),
    known as (
      select l.project_id, l.account_scope_id, l.email from loops_contacts l join gone using (email)
      union select c.project_id, c.account_scope_id, g.email from gone g join cw_contacts c on lower(btrim(c.email)) = g.email
      union select p.project_id, p.account_scope_id, g.email from gone g join attio_people_raw p on g.email in (select lower(btrim(a)) from unnest(array_append(p.emails, p.email)) a)),
    written as (
      insert into contact_channel_policies as t (project_id, account_scope_id, contact_global_id, channel, opted_out, opted_out_at, opted_out_source, updated_at)
      select project_id, account_scope_id, 'email:' || email, 'email', true, ${now}, 'loops', ${now} from known
      on conflict (project_id, contact_global_id, channel) do update
        set opted_out = true, opted_out_at = excluded.opted_out_at, opted_out_source = excluded.opted_out_source, updated_at = excluded.updated_at
        where not t.opted_out
      returning contact_global_id)
    select count(distinct contact_global_id) from written`;
  return noted?.count ?? 0;
}
