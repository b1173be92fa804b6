import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import * as Mirror from "#core/crm/mirror.ts";
import * as AccountContacts from "#core/crm/mirror-contacts.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Entities from "#core/identity/entities.ts";
import { REASONS } from "#core/identity/rules.ts";
import { hold } from "#core/identity/suggest.ts";
import * as Audit from "#core/platform/audit.ts";
import { only, type ProjectScope } from "#core/scope.ts";

export const STATUSES = ["proposed", "applied", "dismissed"] as const;

/** Two entities that may be one, with their names as they are now; a name is null when the entity is gone or has none. `confidence` 0 to 1. */
export const Info = z.object({
  id: z.uuid(),
  leftEntityType: z.enum(Entities.TYPES),
  leftEntityId: z.string(),
  leftName: z.string().nullable(),
  rightEntityType: z.enum(Entities.TYPES),
  rightEntityId: z.string(),
  rightName: z.string().nullable(),
  confidence: z.number(),
  reason: z.enum(REASONS),
  status: z.enum(STATUSES),
  evidenceRefs: z.array(z.string()),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export type Filter = {
  status: (typeof STATUSES)[number] | "all";
  after: { confidence: number; id: string } | undefined;
  limit: number;
};

const rows = () => sql`
  select s.id, s.left_entity_type, s.left_entity_id, l.name as left_name, s.right_entity_type, s.right_entity_id, r.name as right_name,
    s.confidence::float8 as confidence, s.reason, s.status, s.evidence_refs, s.decided_by, s.decided_at, s.created_at
  from identity_link_suggestions s
  left join identity_entities l on l.project_id = s.project_id and l.entity_type = s.left_entity_type and l.entity_id = s.left_entity_id
  left join identity_entities r on r.project_id = s.project_id and r.entity_type = s.right_entity_type and r.entity_id = s.right_entity_id`;

/** Most confident first. */
export async function list(scope: ProjectScope, { status, after, limit }: Filter): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      ${rows()}
      where s.project_id = ${only(scope)} and (${status} = 'all' or s.status = ${status})
        and (${after?.confidence ?? null}::numeric is null or (s.confidence, s.id) < (${after?.confidence ?? null}, ${after?.id ?? null}::uuid))
      order by s.confidence desc, s.id desc limit ${limit}`,
  );
}

export async function get(scope: ProjectScope, id: string): Promise<Info> {
  const [row] = await transaction(
    scope,
    () => sql<Info[]>`${rows()} where s.project_id = any (${scope.projects as string[]}::uuid[]) and s.id = ${id}`,
  );
  if (!row) throw new Refused("not_found", { thing: "suggestion" });
  return row;
}

/** Takes two entities as one from now on. Applying again changes nothing; a dismissed suggestion may be applied after all. */
export async function apply(actor: Caller, scope: ProjectScope, id: string): Promise<Info> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  return transaction(scope, async () => {
    await hold(scope);
    if (!(await decide(actor, scope, id, "applied", now))) return get(scope, id);
    await sql`
      insert into identity_links (project_id, account_scope_id, left_entity_type, left_entity_id, right_entity_type, right_entity_id, source, evidence_refs, created_by, created_at)
      select project_id, account_scope_id, left_entity_type, left_entity_id, right_entity_type, right_entity_id, 'suggestion', evidence_refs, ${label(actor)}, ${now}
      from identity_link_suggestions where project_id = ${projectId} and id = ${id}
      on conflict do nothing`;
    await Mirror.hold(scope);
    await AccountContacts.mirror(scope, now);
    return get(scope, id);
  });
}

/** Says that two entities are not one: the pair is not proposed again. Throws `conflict` for one that is applied: that is unlinked. */
export async function dismiss(actor: Caller, scope: ProjectScope, id: string): Promise<Info> {
  return transaction(scope, async () => {
    await hold(scope);
    const { status } = await get(scope, id);
    if (status === "applied") throw new Refused("conflict", { thing: "a link of this suggestion" });
    await decide(actor, scope, id, "dismissed", Clock.now());
    return get(scope, id);
  });
}

/** False when it stands so already. */
async function decide(actor: Caller, scope: ProjectScope, id: string, status: "applied" | "dismissed", now: Date): Promise<boolean> {
  const [projectId = ""] = scope.projects;
  const decided = await sql`
    update identity_link_suggestions set status = ${status}, decided_by = ${label(actor)}, decided_at = ${now}, updated_at = ${now}
    where project_id = ${projectId} and id = ${id} and status <> ${status}`;
  if (decided.count === 0) {
    await get(scope, id);
    return false;
  }
  await Audit.record(actor, { action: `identity_suggestion_${status}`, entityType: "identity_suggestion", entityId: id, projectId });
  return true;
}
