import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import type { Spender } from "#core/cost/ledger.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import type { AccountScope, ProjectScope } from "#core/scope.ts";

/** What a project may spend, in US dollars. Null: as configured. A day ends at midnight UTC. */
export const OfProject = z.strictObject({
  usdPerDay: z.number().min(0).max(1_000_000).nullable(),
  usdPerRun: z.number().min(0).max(1_000_000).nullable(),
});
export type OfProject = z.infer<typeof OfProject>;
export const OfStudio = OfProject.pick({ usdPerDay: true });
export type OfStudio = z.infer<typeof OfStudio>;

/** What is in force: what was set, else what is configured. */
export async function ofProject(scope: ProjectScope): Promise<OfProject> {
  const [row] = await transaction(
    scope,
    () => sql<OfProject[]>`
      select coalesce(budget_usd_day, ${config.BUDGET_USD_PROJECT_DAY})::float8 as usd_per_day, coalesce(budget_usd_run, ${config.BUDGET_USD_RUN})::float8 as usd_per_run
      from projects where id = any (${scope.projects as string[]}::uuid[])`,
  );
  if (!row) throw new Refused("project_not_found");
  return row;
}

export async function ofStudio(scope: AccountScope): Promise<OfStudio> {
  const [row] = await transaction(
    scope,
    () => sql<OfStudio[]>`
      select coalesce(budget_usd_day, ${config.BUDGET_USD_STUDIO_DAY})::float8 as usd_per_day from account_scopes where id = ${scope.accountScopeId}`,
  );
  return { usdPerDay: row?.usdPerDay ?? null };
}

/** Sets a project's budgets; null takes back what was set. */
export async function setProject(actor: Caller, scope: ProjectScope, { usdPerDay, usdPerRun }: OfProject): Promise<OfProject> {
  const [projectId = ""] = scope.projects;
  await transaction(scope, async () => {
    await sql`
      update projects set budget_usd_day = ${usdPerDay}, budget_usd_run = ${usdPerRun}, updated_at = ${Clock.now()} where id = ${projectId}`;
    const payload = { usd_per_day: usdPerDay, usd_per_run: usdPerRun };
    await Audit.record(actor, { action: "budget_set", entityType: "project", entityId: projectId, projectId, payload });
  });
  return ofProject(scope);
}

export async function setStudio(actor: Caller, scope: AccountScope, { usdPerDay }: OfStudio): Promise<OfStudio> {
  const { accountScopeId } = scope;
  await transaction(scope, async () => {
    await sql`update account_scopes set budget_usd_day = ${usdPerDay} where id = ${accountScopeId}`;
    await Audit.record(actor, {
      action: "budget_set",
      entityType: "studio",
      entityId: accountScopeId,
      payload: { usd_per_day: usdPerDay },
    });
  });
  return ofStudio(scope);
}

/**
 * Throws `budget_exhausted` when a call that may come to `usd` does not fit into what the run, the project or the studio has left. Holds the studio's
 * other calls off until the caller's transaction, the system's, has written it down.
 */
export async function refuseUnlessLeft({ scope, run }: Spender, usd: number, now: Date): Promise<void> {
  const [projectId = ""] = scope.projects;
  const midnight = new Date(Math.floor(now.getTime() / 86_400_000) * 86_400_000);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`costs:${scope.accountScopeId}`}, 0))`;
  const [row] = await sql<{ ofRun: number; ofProject: number; ofStudio: number; run: number; project: number; studio: number }[]>`
    select coalesce(p.budget_usd_run, ${config.BUDGET_USD_RUN})::float8 as run, coalesce(p.budget_usd_day, ${config.BUDGET_USD_PROJECT_DAY})::float8 as project,
      coalesce(a.budget_usd_day, ${config.BUDGET_USD_STUDIO_DAY})::float8 as studio,
      (select coalesce(sum(price_usd), 0)::float8 from cost_ledger where run_id = ${run?.id ?? null}) as of_run,
      (select coalesce(sum(price_usd), 0)::float8 from cost_ledger where project_id = p.id and at >= ${midnight}) as of_project,
      (select coalesce(sum(price_usd), 0)::float8 from cost_ledger where account_scope_id = a.id and at >= ${midnight}) as of_studio
    from projects p join account_scopes a on a.id = p.account_scope_id where p.id = ${projectId}`;
  if (!row) throw new Refused("project_not_found");
  const until = new Date(midnight.getTime() + 86_400_000).toISOString();
  if (row.ofStudio + usd > row.studio) throw new Refused("budget_exhausted", { of: "studio", limit: row.studio, until });
  if (row.ofProject + usd > row.project) throw new Refused("budget_exhausted", { of: "project", limit: row.project, until });
  // The next run has a budget of its own.
  if (run && row.ofRun + usd > row.run) throw new Refused("budget_exhausted", { of: "run", limit: row.run, until: now.toISOString() });
}
