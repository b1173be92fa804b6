import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { Edited, marks } from "#core/crm/edited.ts";
import { hold, mirror } from "#core/crm/mirror.ts";
import { ACCOUNT_STAGES } from "#core/crm/stage.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** The fields of an account that a person can set, and give back to the source: each with its column. */
export const FIELDS = { name: "name", domain: "domain", stage: "stage", ownerUsername: "owner_username" } as const;
export type Column = (typeof FIELDS)[keyof typeof FIELDS];

/** A client company of a project. `id` is the CRM's own; `external_ref` the source's. */
export const Info = z.object({
  id: z.uuid(),
  name: z.string(),
  domain: z.string().nullable(),
  stage: z.enum(ACCOUNT_STAGES),
  ownerUsername: z.string().nullable(),
  sourceSystem: z.enum(["manual", "attio"]),
  externalRef: z.string().nullable(),
  editedFields: Edited,
  sourceDeletedAt: z.date().nullable(),
  contacts: z.number(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

const name = z.string().trim().min(1).max(300);
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .transform((text) => text.replace(/^[a-z]+:\/\//, "").replace(/^www\.|[/?#:].*$/g, ""))
  .pipe(z.string().min(1).max(253));
const owner = z.string().trim().min(1).max(200);
export const Draft = z.strictObject({
  name,
  domain: domain.optional(),
  stage: z.enum(ACCOUNT_STAGES).optional(),
  ownerUsername: owner.optional(),
  /** The company's record id in the CRM it will be mirrored from. */
  externalRef: z.string().trim().min(1).max(200).optional(),
});
export type Draft = z.infer<typeof Draft>;
export const Change = z.strictObject({
  name: name.optional(),
  domain: domain.nullable().optional(),
  stage: z.enum(ACCOUNT_STAGES).optional(),
  ownerUsername: owner.nullable().optional(),
});
export type Change = z.infer<typeof Change>;

export type Window = { before: { at: Date; id: string } | undefined; limit: number };

const columns = () => sql`
  c.id, c.name, c.domain, c.stage, c.owner_username, c.source_system, c.external_ref, c.edited_fields, c.source_deleted_at, c.created_at, c.updated_at,
  (select count(*) from crm_account_contacts k where k.project_id = c.project_id and k.account_id = c.id) as contacts`;

/** Newest first. */
export async function list(scope: ProjectScope, { before, limit }: Window): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select ${columns()} from crm_accounts c
      where c.project_id = ${only(scope)}
        and (${before?.at ?? null}::timestamptz is null or (c.created_at, c.id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
      order by c.created_at desc, c.id desc limit ${limit}`,
  );
}

export async function get(scope: ProjectScope, id: string): Promise<Info> {
  const [row] = await transaction(
    scope,
    () =>
      sql<
        Info[]
      >`select ${columns()} from crm_accounts c where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.id = ${id}`,
  );
  if (!row) throw new Refused("not_found", { thing: "account" });
  return row;
}

/** Makes an account by hand. Throws `conflict` when there is one of that name and domain. */
export async function create(actor: Caller, scope: ProjectScope, draft: Draft): Promise<Info> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  const id = randomUUID();
  const externalRef = draft.externalRef ?? null;
  return transaction(scope, async () => {
    await hold(scope);
    const [same] = await sql`
      select id from crm_accounts
      where project_id = ${projectId} and source_deleted_at is null and ((lower(name) = lower(${draft.name}) and domain = ${draft.domain ?? null}) or external_ref = ${externalRef})`;
    if (same) throw new Refused("conflict", { thing: "account" });
    await sql`
      insert into crm_accounts (project_id, account_scope_id, id, name, domain, stage, owner_username, source_system, external_ref, edited_fields, created_at, updated_at)
      values (${projectId}, ${scope.accountScopeId}, ${id}, ${draft.name}, ${draft.domain ?? null}, ${draft.stage ?? "prospect"}, ${draft.ownerUsername ?? null}, 'manual',
        ${externalRef}, ${marks(actor, now, FIELDS, draft) as never}::jsonb, ${now}, ${now})`;
    await Audit.record(actor, { action: "crm_account_created", entityType: "crm_account", entityId: id, projectId });
    return get(scope, id);
  });
}

/** Sets fields by hand: the source no longer changes those. */
export async function change(actor: Caller, scope: ProjectScope, id: string, given: Change): Promise<Info> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  const edited = marks(actor, now, FIELDS, given);
  return transaction(scope, async () => {
    await hold(scope);
    const before = await get(scope, id);
    const after = { ...before, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
    await sql`
      update crm_accounts set name = ${after.name}, domain = ${after.domain}, stage = ${after.stage}, owner_username = ${after.ownerUsername},
        edited_fields = edited_fields || ${edited as never}::jsonb, updated_at = ${now}
      where project_id = ${projectId} and id = ${id}`;
    const payload = { fields: Object.keys(edited) };
    await Audit.record(actor, { action: "crm_account_changed", entityType: "crm_account", entityId: id, projectId, payload });
    return get(scope, id);
  });
}

/** Gives fields back to the source, whose values they take at once. Throws `validation_error` for an account that has no source. */
export async function follow(actor: Caller, scope: ProjectScope, id: string, fields: readonly Column[]): Promise<Info> {
  const [projectId = ""] = scope.projects;
  return transaction(scope, async () => {
    await hold(scope);
    const rows = await sql`
      update crm_accounts set edited_fields = edited_fields - ${fields as string[]}::text[]
      where project_id = ${projectId} and id = ${id} and connection_id is not null`;
    if (rows.count === 0) {
      await get(scope, id);
      throw new Refused("validation_error", { problem: "the account has no source to follow" });
    }
    await mirror(scope, Clock.now());
    const payload = { fields };
    await Audit.record(actor, { action: "crm_account_follows_source", entityType: "crm_account", entityId: id, projectId, payload });
    return get(scope, id);
  });
}
