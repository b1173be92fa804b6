import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What is in the CRM, without what is gone upstream. `pipeline`: the open deals' sum per currency, and the sum weighed by probability. */
export const Info = z.object({
  accounts: z.number(),
  open: z.number(),
  won: z.number(),
  lost: z.number(),
  pipeline: z.array(z.object({ currency: z.string().nullable(), amount: z.number(), expected: z.number() })),
});
export type Info = z.infer<typeof Info>;

export async function overview(scope: ProjectScope): Promise<Info> {
  const projects = scope.projects as string[];
  return transaction(scope, async () => {
    const [counts] = await sql<Omit<Info, "pipeline">[]>`
      select (select count(*) from crm_accounts where project_id = any (${projects}::uuid[]) and source_deleted_at is null) as accounts,
        count(*) filter (where stage not in ('won', 'lost')) as open, count(*) filter (where stage = 'won') as won, count(*) filter (where stage = 'lost') as lost
      from crm_opportunities where project_id = any (${projects}::uuid[]) and source_deleted_at is null`;
    if (!counts) throw new Error("a count answered nothing");
    const pipeline = await sql<Info["pipeline"]>`
      select currency, sum(amount_estimate)::float8 as amount, round(sum(amount_estimate * probability), 2)::float8 as expected from crm_opportunities
      where project_id = any (${projects}::uuid[]) and source_deleted_at is null and stage not in ('won', 'lost') group by currency order by currency`;
    return { ...counts, pipeline };
  });
}
