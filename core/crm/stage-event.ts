import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** One change of a deal's stage. `actor_username` is a person, or the source that told of it; `occurred_at` when it says so. */
export const Info = z.object({
  id: z.number(),
  opportunityId: z.uuid(),
  fromStage: z.string().nullable(),
  toStage: z.string(),
  reason: z.string().nullable(),
  actorUsername: z.string(),
  evidenceRefs: z.array(z.string()),
  occurredAt: z.date(),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

/** A deal's history, newest first. */
export async function list(
  scope: ProjectScope,
  opportunityId: string,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, opportunity_id, from_stage, to_stage, reason, actor_username, evidence_refs, occurred_at, created_at from crm_opportunity_stage_events
      where project_id = any (${scope.projects as string[]}::uuid[]) and opportunity_id = ${opportunityId} and (${before ?? null}::bigint is null or id < ${before ?? null})
      order by id desc limit ${limit}`,
  );
}
