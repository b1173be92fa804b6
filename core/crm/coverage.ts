import * as z from "zod";
import * as Opportunities from "#core/crm/mirror-opportunities.ts";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How much of what was read from Attio is mirrored, and why the rest is not. */
export const Info = z.object({
  totalAttioAccounts: z.number(),
  mirroredAccounts: z.number(),
  totalAttioOpportunities: z.number(),
  mirroredOpportunities: z.number(),
  opportunitiesWithoutAccountRef: z.number(),
  opportunitiesUnmappedToCrmAccount: z.number(),
});
export type Info = z.infer<typeof Info>;

export async function coverage(scope: ProjectScope): Promise<Info> {
  const projects = scope.projects as string[];
  return transaction(scope, async () => {
    const [counts] = await sql<Omit<Info, "opportunitiesWithoutAccountRef" | "opportunitiesUnmappedToCrmAccount">[]>`
      select (select count(*) from attio_accounts_raw where project_id = any (${projects}::uuid[]) and deleted_at is null) as total_attio_accounts,
        (select count(*) from attio_accounts_raw r join crm_accounts c using (project_id, connection_id)
          where project_id = any (${projects}::uuid[]) and c.external_ref = r.external_id and r.deleted_at is null) as mirrored_accounts,
        (select count(*) from attio_opportunities_raw where project_id = any (${projects}::uuid[]) and deleted_at is null) as total_attio_opportunities,
        (select count(*) from attio_opportunities_raw r join crm_opportunities o using (project_id, connection_id)
          where project_id = any (${projects}::uuid[]) and o.external_ref = r.external_id and r.deleted_at is null) as mirrored_opportunities`;
    if (!counts) throw new Error("a count answered nothing");
    const out = await Opportunities.keptOut(scope);
    return {
      ...counts,
      opportunitiesWithoutAccountRef: out.reduce((sum, one) => sum + one.counts.withoutAccount, 0),
      opportunitiesUnmappedToCrmAccount: out.reduce((sum, one) => sum + one.counts.unmapped, 0),
    };
  });
}
