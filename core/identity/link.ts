import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import * as Mirror from "#core/crm/mirror.ts";
import * as AccountContacts from "#core/crm/mirror-contacts.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Entities from "#core/identity/entities.ts";
import { hold } from "#core/identity/suggest.ts";
import * as Audit from "#core/platform/audit.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** Two entities that a person has taken as one, with their names as they are now. */
export const Info = z.object({
  id: z.uuid(),
  leftEntityType: z.enum(Entities.TYPES),
  leftEntityId: z.string(),
  leftName: z.string().nullable(),
  rightEntityType: z.enum(Entities.TYPES),
  rightEntityId: z.string(),
  rightName: z.string().nullable(),
  source: z.enum(["manual", "suggestion"]),
  evidenceRefs: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export type Window = { before: { at: Date; id: string } | undefined; limit: number };

/** Newest first. */
export async function list(scope: ProjectScope, { before, limit }: Window): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select k.id, k.left_entity_type, k.left_entity_id, l.name as left_name, k.right_entity_type, k.right_entity_id, r.name as right_name, k.source, k.evidence_refs,
        k.created_by, k.created_at
      from identity_links k
      left join identity_entities l on l.project_id = k.project_id and l.entity_type = k.left_entity_type and l.entity_id = k.left_entity_id
      left join identity_entities r on r.project_id = k.project_id and r.entity_type = k.right_entity_type and r.entity_id = k.right_entity_id
      where k.project_id = ${only(scope)}
        and (${before?.at ?? null}::timestamptz is null or (k.created_at, k.id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
      order by k.created_at desc, k.id desc limit ${limit}`,
  );
}

/** Takes a link back; what had proposed it counts as dismissed, so it is not proposed again. */
export async function unlink(actor: Caller, scope: ProjectScope, id: string): Promise<void> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  await transaction(scope, async () => {
    await hold(scope);
    const gone = await sql`
      with gone as (
        delete from identity_links where project_id = ${projectId} and id = ${id}
        returning left_entity_type || '|' || left_entity_id || '|' || right_entity_type || '|' || right_entity_id as dedupe_key),
      dismissed as (
        update identity_link_suggestions s set status = 'dismissed', decided_by = ${label(actor)}, decided_at = ${now}, updated_at = ${now}
        from gone where s.project_id = ${projectId} and s.dedupe_key = gone.dedupe_key)
      select 1 from gone`;
    if (gone.length === 0) throw new Refused("not_found", { thing: "link" });
    await Mirror.hold(scope);
    await AccountContacts.mirror(scope, now);
    await Audit.record(actor, { action: "identity_unlinked", entityType: "identity_link", entityId: id, projectId });
  });
}
