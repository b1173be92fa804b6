import { randomUUID } from "node:crypto";
import * as z from "zod";
import { ROLES, type User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import * as Password from "#core/platform/password.ts";
import { system } from "#core/scope.ts";

// Begins with a letter or a digit and holds no colon: `key:NAME` and `job:NAME` are the labels of those who are not people.
const username = z
  .string()
  .trim()
  .normalize("NFC")
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u);
export const password = z.string().min(8).max(200);

export const Info = z.object({
  id: z.uuid(),
  username: z.string(),
  email: z.string().nullable(),
  role: z.enum(ROLES),
  disabled: z.boolean(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export const Draft = z.strictObject({
  username,
  password,
  email: z.email().max(320).nullable().default(null),
  role: z.enum(ROLES).default("pm"),
});
export type Draft = z.infer<typeof Draft>;

export const Change = z.strictObject({
  password: password.optional(),
  email: z.email().max(320).nullable().optional(),
  role: z.enum(ROLES).optional(),
  disabled: z.boolean().optional(),
});
export type Change = z.infer<typeof Change>;

const columns = () => sql`id, username, email, role, disabled_at is not null as disabled, created_at, updated_at`;

export async function list(actor: User): Promise<Info[]> {
  return transaction(scopeOf(actor), () => sql<Info[]>`select ${columns()} from app_users order by lower(username)`);
}

/** Throws `conflict` when the name or the address is taken, in whatever studio: both sign in at the same door. */
export async function create(actor: User, draft: Draft): Promise<Info> {
  const passwordHash = await Password.hash(draft.password);
  const now = Clock.now();
  return transaction(scopeOf(actor), async () => {
    const [made] = await sql<Info[]>`
      insert into app_users (id, account_scope_id, username, email, password_hash, role, created_at, updated_at)
      values (${randomUUID()}, ${actor.accountScopeId}, ${draft.username}, ${draft.email}, ${passwordHash}, ${draft.role}, ${now}, ${now})
      on conflict do nothing returning ${columns()}`;
    if (!made) throw new Refused("conflict", { thing: "username or email" });
    await Audit.record(actor, { action: "user_created", entityType: "user", entityId: made.id, payload: { role: made.role } });
    return made;
  });
}

/** A new password, another role or being disabled ends the person's sessions. The last owner who can sign in stays one. */
export async function change(actor: User, id: string, { password: fresh, email, role, disabled }: Change): Promise<Info> {
  const passwordHash = fresh === undefined ? null : await Password.hash(fresh);
  const now = Clock.now();
  return transaction(scopeOf(actor), async () => {
    const before = await lock(id);
    if ((role !== undefined && role !== "owner") || disabled) await refuseLastOwner(id);
    const [after] = await sql<Info[]>`
      update app_users set password_hash = coalesce(${passwordHash}, password_hash), role = coalesce(${role ?? null}, role), updated_at = ${now},
        email = case when ${email !== undefined} then ${email ?? null} else email end,
        disabled_at = case when ${disabled ?? null}::boolean is null then disabled_at when ${disabled ?? false} then coalesce(disabled_at, ${now}) end
      where id = ${id} returning ${columns()}`.catch(taken);
    if (!after) throw new Refused("not_found", { thing: "user" });
    const demoted = after.role !== before.role;
    if (fresh !== undefined || demoted || after.disabled) await sql`delete from sessions where user_id = ${id}`;
    const payload = { role: after.role, disabled: after.disabled, password_changed: fresh !== undefined };
    await Audit.record(actor, { action: "user_changed", entityType: "user", entityId: id, payload });
    return after;
  });
}

/**
 * Gives whoever bears the name a random password, and answers it: for who has lost the last one, and can start programs where the service's database is.
 * Their sessions end, and the attempts that were made to guess the old one no longer count.
 */
export async function replacePassword(name: string): Promise<string> {
  const fresh = Password.random();
  const passwordHash = await Password.hash(fresh);
  await transaction(system, async () => {
    const [user] = await sql<{ id: string; accountScopeId: string }[]>`
      update app_users set password_hash = ${passwordHash}, updated_at = ${Clock.now()} where lower(username) = lower(${name}) returning id, account_scope_id`;
    if (!user) throw new Refused("not_found", { thing: "user" });
    const { id, accountScopeId } = user;
    await sql`delete from sessions where user_id = ${id}`;
    await sql`delete from login_attempts where username = lower(${name})`;
    await Audit.record({ kind: "nobody" }, { action: "password_replaced", entityType: "user", entityId: id, accountScopeId });
  });
  return fresh;
}

/** Removes a person, their sessions and their assignments. What they did stays in the audit. */
export async function remove(actor: User, id: string): Promise<void> {
  await transaction(scopeOf(actor), async () => {
    const { role } = await lock(id);
    await refuseLastOwner(id);
    await sql`delete from app_users where id = ${id}`;
    await Audit.record(actor, { action: "user_removed", entityType: "user", entityId: id, payload: { role } });
  });
}

const scopeOf = (actor: User) => ({ accountScopeId: actor.accountScopeId });

/** Locks the studio's owners and the person, in one order: of two owners who demote each other the second sees what the first did. */
async function lock(id: string): Promise<Info> {
  const rows = await sql<Info[]>`select ${columns()} from app_users where id = ${id} or role = 'owner' order by id for update`;
  const found = rows.find((row) => row.id === id);
  if (!found) throw new Refused("not_found", { thing: "user" });
  return found;
}

async function refuseLastOwner(id: string): Promise<void> {
  const owners = await sql<{ id: string }[]>`select id from app_users where role = 'owner' and disabled_at is null`;
  if (owners.length === 1 && owners[0]?.id === id) throw new Refused("last_owner");
}

/** The index decides, because the name may be taken in a studio that is not seen here. */
function taken(error: { code?: unknown }): never {
  if (error.code === "23505") throw new Refused("conflict", { thing: "email" });
  throw error;
}
