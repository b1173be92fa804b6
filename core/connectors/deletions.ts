import * as z from "zod";
import { type Actor, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import type { AccountScope } from "#core/scope.ts";

/** So many of the deletions that were withheld in a stream are right. */
export const Approval = z.object({
  connectionId: z.uuid(),
  stream: z.string().min(1).max(100),
  count: z.number().int().positive().max(2_147_483_647),
});
export type Approval = z.infer<typeof Approval>;

/** Approves withheld deletions on somebody's word: the next pass that begins looks again, and deletes no more than so many. Nothing withheld is refused. */
export async function approve(actor: Actor, scope: AccountScope, { connectionId, stream, count }: Approval): Promise<void> {
  await transaction({ accountScopeId: scope.accountScopeId }, async () => {
    const approved = await sql`
      update connector_sync_state set approved_deletions = ${count}, approved_by = ${label(actor)}, approved_at = ${Clock.now()}, updated_at = ${Clock.now()}
      where connection_id = ${connectionId} and stream = ${stream} and withheld_deletions > 0`;
    if (approved.count === 0) throw new Refused("not_found", { thing: "withheld deletion" });
    await Audit.record(actor, {
      action: "deletions_approved",
      entityType: "connection",
      entityId: connectionId,
      payload: { stream, count },
    });
  });
}
