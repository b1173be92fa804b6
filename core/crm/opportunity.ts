import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import * as Account from "#core/crm/account.ts";
import { Edited, marks } from "#core/crm/edited.ts";
import { hold, mirror } from "#core/crm/mirror.ts";
import { PROBABILITY } from "#core/crm/mirror-opportunities.ts";
import { DEAL_STAGES } from "#core/crm/stage.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** The fields of a deal that a person can set, and give back to the source: each with its column. */
export const FIELDS = {
  title: "title",
  stage: "stage",
  amountEstimate: "amount_estimate",
  probability: "probability",
  expectedCloseDate: "expected_close_date",
  nextStep: "next_step",
  ownerUsername: "owner_username",
} as const;
export type Column = (typeof FIELDS)[keyof typeof FIELDS];

/** A deal with an account. `amount_estimate` in `currency`, `probability` 0 to 1, `expected_close_date` a calendar day. */
export const Info = z.object({
  id: z.uuid(),
  accountId: z.uuid(),
  accountName: z.string(),
  title: z.string(),
  stage: z.enum(DEAL_STAGES),
  amountEstimate: z.number(),
  currency: z.string().nullable(),
  probability: z.number(),
  expectedCloseDate: z.string().nullable(),
  nextStep: z.string(),
  ownerUsername: z.string().nullable(),
  sourceSystem: z.enum(["manual", "attio"]),
  externalRef: z.string().nullable(),
  editedFields: Edited,
  evidenceRefs: z.array(z.string()),
  sourceDeletedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

const settable = {
  title: z.string().trim().min(1).max(300),
  stage: z.enum(DEAL_STAGES),
  amountEstimate: z.number().min(0).max(999_999_999_999),
  probability: z.number().min(0).max(1),
  expectedCloseDate: z.iso.date().nullable(),
  nextStep: z.string().trim().min(4).max(1_000),
  ownerUsername: z.string().trim().min(1).max(200).nullable(),
};
export const Draft = z.strictObject({
  ...settable,
  accountId: z.uuid(),
  stage: settable.stage.default("discovery"),
  amountEstimate: settable.amountEstimate.default(0),
  currency: z.string().trim().length(3).toUpperCase().nullable().default(null),
  probability: settable.probability.default(PROBABILITY),
  expectedCloseDate: settable.expectedCloseDate.default(null),
  ownerUsername: settable.ownerUsername.default(null),
});
export type Draft = z.infer<typeof Draft>;
/** `reason` is kept beside a change of stage. */
export const Change = z.strictObject({ ...z.object(settable).partial().shape, reason: z.string().trim().min(1).max(500).optional() });
export type Change = z.infer<typeof Change>;

export type Filter = { stage: string | undefined; before: { at: Date; id: string } | undefined; limit: number };

const columns = () => sql`
  o.id, o.account_id, a.name as account_name, o.title, o.stage, o.amount_estimate::float8 as amount_estimate, o.currency, o.probability::float8 as probability,
  o.expected_close_date::text as expected_close_date, o.next_step, o.owner_username, o.source_system, o.external_ref, o.edited_fields, o.evidence_refs,
  o.source_deleted_at, o.created_at, o.updated_at
  from crm_opportunities o join crm_accounts a on a.project_id = o.project_id and a.id = o.account_id`;

/** Newest first. */
export async function list(scope: ProjectScope, { stage, before, limit }: Filter): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select ${columns()}
      where o.project_id = ${only(scope)} and (${stage ?? null}::text is null or o.stage = ${stage ?? null})
        and (${before?.at ?? null}::timestamptz is null or (o.created_at, o.id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
      order by o.created_at desc, o.id desc limit ${limit}`,
  );
}

export async function get(scope: ProjectScope, id: string): Promise<Info> {
  const [row] = await transaction(
    scope,
    () => sql<Info[]>`select ${columns()} where o.project_id = any (${scope.projects as string[]}::uuid[]) and o.id = ${id}`,
  );
  if (!row) throw new Refused("not_found", { thing: "opportunity" });
  return row;
}

/** Makes a deal by hand. */
export async function create(actor: Caller, scope: ProjectScope, draft: Draft): Promise<Info> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  const id = randomUUID();
  const { accountId, currency, ...set } = draft;
  return transaction(scope, async () => {
    await hold(scope);
    await Account.get(scope, accountId);
    await sql`
      insert into crm_opportunities (project_id, account_scope_id, id, account_id, title, stage, amount_estimate, currency, probability, expected_close_date, next_step,
        owner_username, source_system, edited_fields, created_at, updated_at)
      values (${projectId}, ${scope.accountScopeId}, ${id}, ${accountId}, ${set.title}, ${set.stage}, ${set.amountEstimate}, ${currency}, ${set.probability},
        ${set.expectedCloseDate}, ${set.nextStep}, ${set.ownerUsername}, 'manual', ${marks(actor, now, FIELDS, draft) as never}::jsonb, ${now}, ${now})`;
    await noteStage(actor, scope, id, { from: null, to: set.stage, reason: undefined }, now);
    await Audit.record(actor, { action: "crm_opportunity_created", entityType: "crm_opportunity", entityId: id, projectId });
    return get(scope, id);
  });
}

/** Sets fields by hand: the source no longer changes those. A change of stage is written into the deal's history. */
export async function change(actor: Caller, scope: ProjectScope, id: string, { reason, ...given }: Change): Promise<Info> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  const edited = marks(actor, now, FIELDS, given);
  return transaction(scope, async () => {
    await hold(scope);
    const before = await get(scope, id);
    const after = { ...before, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
    await sql`
      update crm_opportunities set title = ${after.title}, stage = ${after.stage}, amount_estimate = ${after.amountEstimate}, probability = ${after.probability},
        expected_close_date = ${after.expectedCloseDate}, next_step = ${after.nextStep}, owner_username = ${after.ownerUsername},
        edited_fields = edited_fields || ${edited as never}::jsonb, updated_at = ${now}
      where project_id = ${projectId} and id = ${id}`;
    if (after.stage !== before.stage) await noteStage(actor, scope, id, { from: before.stage, to: after.stage, reason }, now);
    const payload = { fields: Object.keys(edited) };
    await Audit.record(actor, { action: "crm_opportunity_changed", entityType: "crm_opportunity", entityId: id, projectId, payload });
    return get(scope, id);
  });
}

/** Gives fields back to the source, whose values they take at once. Throws `validation_error` for a deal that has no source. */
export async function follow(actor: Caller, scope: ProjectScope, id: string, fields: readonly Column[]): Promise<Info> {
  const [projectId = ""] = scope.projects;
  return transaction(scope, async () => {
    await hold(scope);
    const rows = await sql`
      update crm_opportunities set edited_fields = edited_fields - ${fields as string[]}::text[]
      where project_id = ${projectId} and id = ${id} and connection_id is not null`;
    if (rows.count === 0) {
      await get(scope, id);
      throw new Refused("validation_error", { problem: "the deal has no source to follow" });
    }
    await mirror(scope, Clock.now());
    const payload = { fields };
    await Audit.record(actor, {
      action: "crm_opportunity_follows_source",
      entityType: "crm_opportunity",
      entityId: id,
      projectId,
      payload,
    });
    return get(scope, id);
  });
}

type Transition = { from: string | null; to: string; reason: string | undefined };
async function noteStage(actor: Caller, scope: ProjectScope, id: string, { from, to, reason }: Transition, now: Date): Promise<void> {
  await sql`
    insert into crm_opportunity_stage_events (project_id, account_scope_id, opportunity_id, from_stage, to_stage, reason, actor_username, occurred_at, created_at)
    values (${scope.projects[0] ?? ""}, ${scope.accountScopeId}, ${id}, ${from}, ${to}, ${reason ?? null}, ${label(actor)}, ${now}, ${now})`;
}
