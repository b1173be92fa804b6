import * as Clock from "#core/clock.ts";
import * as Accounts from "#core/crm/mirror-accounts.ts";
import * as Contacts from "#core/crm/mirror-contacts.ts";
import * as Opportunities from "#core/crm/mirror-opportunities.ts";
import { sql, transaction } from "#core/db.ts";
import { type Reason, reason } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What one pass wrote, and the deals it had to keep out: those that name no company, and those whose company is not here. */
export type Mirrored = { accounts: number; opportunities: number; contacts: number; withoutAccount: number; unmapped: number };

/**
 * Brings the accounts, deals and account contacts of the scope's projects up to date with what was read from Attio, in one transaction. Writes only
 * what differs, and no field that a person has set.
 */
export async function mirror(scope: ProjectScope, now: Date): Promise<Mirrored> {
  return transaction(scope, async () => {
    await hold(scope);
    const accounts = await Accounts.mirror(scope, now);
    const opportunities = await Opportunities.mirror(scope, now);
    const gone = await Accounts.dropUnbound(scope, now);
    const contacts = await Contacts.mirror(scope, now);
    const out = await Opportunities.keptOut(scope);
    for (const one of out)
      await warn(
        scope,
        one.projectId,
        reason("deals_without_account", { without: one.counts.withoutAccount, unmapped: one.counts.unmapped }),
        now,
      );
    return {
      accounts: accounts + gone,
      opportunities,
      contacts,
      withoutAccount: out.reduce((sum, { counts }) => sum + counts.withoutAccount, 0),
      unmapped: out.reduce((sum, { counts }) => sum + counts.unmapped, 0),
    };
  });
}

/** The mirror as a run of the job `crm_mirror`. */
export async function refresh(run: Run): Promise<Outcome> {
  const { accounts, opportunities, contacts, withoutAccount, unmapped } = await run.checkpoint(run.scope, () =>
    mirror(run.scope, Clock.now()),
  );
  const processed = accounts + opportunities + contacts;
  const counters = { accounts, opportunities, contacts, deals_without_account: withoutAccount, deals_unmapped: unmapped };
  return { processed, counters, changed: processed > 0 };
}

/** Until the transaction's end nobody else writes these projects' accounts and deals: a pass works from what it has read. */
export async function hold(scope: ProjectScope): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('crm ' || id, 0)) from unnest(${scope.projects.toSorted()}::text[]) with ordinality as p (id, n) order by n`;
}

async function warn(scope: ProjectScope, projectId: string, why: Reason, now: Date): Promise<void> {
  await sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    values (${projectId}, ${scope.accountScopeId}, 'process_warning', 'system', 'system', 'process:crm_mirror', ${now}, ${now},
      jsonb_build_object('reason', ${why as never}::jsonb), 'warning:crm_mirror:' || ${why.code}::text || ':' || ${now.toISOString().slice(0, 10)}::text)
    on conflict (project_id, dedupe_key) do nothing`;
}
