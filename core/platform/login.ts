import * as z from "zod";
import type { Nobody, User } from "#core/actor.ts";
import { config } from "#core/config.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Attempts from "#core/platform/attempts.ts";
import * as Audit from "#core/platform/audit.ts";
import { ensureFirstOwner } from "#core/platform/first-owner.ts";
import * as Password from "#core/platform/password.ts";
import * as Session from "#core/platform/session.ts";
import { system } from "#core/scope.ts";

export const Credentials = z.strictObject({ username: z.string().trim().min(1).max(200), password: z.string().min(1).max(200) });
export type Credentials = z.infer<typeof Credentials>;

type Known = Omit<User, "kind"> & { passwordHash: string; disabled: boolean };
let firstOwner: Promise<unknown> | undefined;

/** Opens a session. Throws `bad_credentials`, which says and takes the same for an unknown name, and `login_rate_limited`. */
export async function signIn(
  nobody: Nobody,
  { username, password }: Credentials,
  address: string,
): Promise<{ id: string; session: Session.Session; user: User }> {
  await ensureConfiguredOwner();
  const takeBack = await Attempts.count(username, address);
  const [known] = await systemSql<Known[]>`
    select id, username, role, account_scope_id, password_hash, disabled_at is not null as disabled from app_users where lower(username) = lower(${username})`;
  const right = await Password.verify(password, known?.passwordHash);
  if (!known || !right || known.disabled) {
    await noteFailure(nobody, known, address);
    throw new Refused("bad_credentials");
  }
  await takeBack();
  const { id: userId, role, accountScopeId } = known;
  const user: User = { kind: "user", id: userId, username: known.username, role, accountScopeId, ...requestOf(nobody) };
  const opened = await transaction(system, async () => {
    await Audit.record(user, { action: "login", entityType: "user", entityId: userId, payload: { address } });
    return Session.open(user);
  });
  return { ...opened, user };
}

export async function signOut(user: User, session: Session.Session): Promise<void> {
  await transaction(system, async () => {
    await Session.close(session);
    await Audit.record(user, { action: "logout", entityType: "user", entityId: user.id });
  });
}

/** The name that was typed is not kept: people type passwords there. */
async function noteFailure(nobody: Nobody, known: Known | undefined, address: string): Promise<void> {
  await transaction(system, async () => {
    const [studio] = await sql<{ id: string }[]>`select id from account_scopes where scope_key = 'default'`;
    const accountScopeId = known?.accountScopeId ?? studio?.id;
    if (!accountScopeId) return;
    const entity = known ? { entityId: known.id } : {};
    await Audit.record(nobody, {
      action: "login_failed",
      entityType: "user",
      ...entity,
      accountScopeId,
      status: "refused",
      payload: { address },
    });
  });
}

/** Where nothing runs at the start of the service, the first to sign in finds the configured owner made. */
async function ensureConfiguredOwner(): Promise<void> {
  if (!config.AUTH_USERNAME || !config.AUTH_PASSWORD) return;
  firstOwner ??= ensureFirstOwner().catch((error: unknown) => {
    firstOwner = undefined;
    throw error;
  });
  await firstOwner;
}

const requestOf = ({ requestId }: Nobody) => (requestId ? { requestId } : {});
