import { createHash, randomBytes, randomUUID } from "node:crypto";
import * as z from "zod";
import { type ApiKey, KEY_SCOPES, label, type User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import * as Project from "#core/platform/project.ts";

export const MARK = "bw_";
const PREFIX_LENGTH = MARK.length + 8;
const TOUCH_MS = 60_000;

export const Info = z.object({
  id: z.uuid(),
  name: z.string(),
  keyPrefix: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  projectIds: z.array(z.uuid()),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  lastUsedAt: z.date().nullable(),
});
export type Info = z.infer<typeof Info>;

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];
export const Draft = z.strictObject({
  name: z.string().trim().min(1).max(120),
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).default(["read"]).transform(distinct),
  projectIds: z.array(z.uuid()).min(1).max(200).transform(distinct),
  expiresAt: z.iso
    .datetime({ offset: true })
    .transform((at) => new Date(at))
    .refine((at) => Clock.storable(at.getTime()), "not in the years 1 to 9999")
    .optional(),
});
export type Draft = z.infer<typeof Draft>;

/** The living key behind a secret. Its use is written down at most once a minute. */
export async function find(secret: string): Promise<ApiKey | undefined> {
  if (!secret.startsWith(MARK)) return undefined;
  const now = Clock.now();
  const [key] = await systemSql<Omit<ApiKey, "kind">[]>`
    with living as (
      select * from api_keys where key_hash = ${hashOf(secret)} and revoked_at is null and (expires_at is null or expires_at > ${now})),
    touched as (
      update api_keys k set last_used_at = ${now} from living l
      where k.id = l.id and (k.last_used_at is null or k.last_used_at <= ${new Date(now.getTime() - TOUCH_MS)}))
    select l.id, l.name, l.scopes, l.account_scope_id, array(select p.project_id from api_key_projects p where p.api_key_id = l.id order by 1) as projects
    from living l`;
  return key && { kind: "api_key", ...key };
}

/** The studio's keys, newest first, over all its projects. */
export async function list(actor: User): Promise<Info[]> {
  return systemSql<Info[]>`
    select k.id, k.name, k.key_prefix, k.scopes, k.created_by, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
      array(select p.project_id from api_key_projects p where p.api_key_id = k.id order by 1) as project_ids
    from api_keys k where k.account_scope_id = ${actor.accountScopeId} order by k.created_at desc, k.id`;
}

/** Makes a key and answers its secret, which is stored nowhere. Throws `project_not_found` for a project of no or another studio. */
export async function create(actor: User, { name, scopes, projectIds, expiresAt }: Draft): Promise<{ apiKey: Info; secret: string }> {
  const now = Clock.now();
  if (expiresAt && expiresAt <= now) throw new Refused("validation_error", { problem: "expires_at is in the past" });
  await Project.refuseUnlessAll(actor, projectIds);
  const secret = MARK + randomBytes(32).toString("base64url");
  const id = randomUUID();
  const keyPrefix = secret.slice(0, PREFIX_LENGTH);
  const { accountScopeId } = actor;
  await transaction({ projects: projectIds, accountScopeId }, async () => {
    await sql`
      insert into api_keys (id, account_scope_id, name, key_hash, key_prefix, scopes, created_by, created_at, expires_at)
      values (${id}, ${accountScopeId}, ${name}, ${hashOf(secret)}, ${keyPrefix}, ${scopes}::text[], ${label(actor)}, ${now}, ${expiresAt ?? null})`;
    await sql`
      insert into api_key_projects (api_key_id, project_id, account_scope_id) select ${id}, project_id, ${accountScopeId} from unnest(${projectIds}::uuid[]) as p (project_id)`;
    await Audit.record(actor, {
      action: "api_key_created",
      entityType: "api_key",
      entityId: id,
      payload: { scopes, project_ids: projectIds },
    });
  });
  const times = { createdAt: now, expiresAt: expiresAt ?? null, revokedAt: null, lastUsedAt: null };
  return { apiKey: { id, name, keyPrefix, scopes, projectIds, createdBy: label(actor), ...times }, secret };
}

/** From the next request on the key is nobody's. Revoking it again changes nothing. */
export async function revoke(actor: User, id: string): Promise<void> {
  await transaction({ accountScopeId: actor.accountScopeId }, async () => {
    const [known] = await sql<{ revokedAt: Date | null }[]>`select revoked_at from api_keys where id = ${id} for update`;
    if (!known) throw new Refused("not_found", { thing: "API key" });
    if (known.revokedAt) return;
    await sql`update api_keys set revoked_at = ${Clock.now()} where id = ${id}`;
    await Audit.record(actor, { action: "api_key_revoked", entityType: "api_key", entityId: id });
  });
}

/** A key is 32 random bytes: one round of SHA-256 is as good as many. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
