import { randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as Audit from "#core/platform/audit.ts";
import * as Password from "#core/platform/password.ts";
import { system } from "#core/scope.ts";

const STUDIO = "default";
const MIN_LENGTH = 8;

/** `password` is there once: when a person was made with one that nobody has seen yet. */
export type FirstOwner = { accountScopeId: string; username: string; password?: string };

/**
 * Makes the studio and its first owner where there is none: AUTH_USERNAME with AUTH_PASSWORD, else `owner` with the given or a random password. Any number
 * of times and at once: whoever comes second finds what the first made, and an owner that exists is never changed.
 */
export async function ensureFirstOwner(given: { password?: string } = {}): Promise<FirstOwner> {
  const found = await find();
  if (found) return found;
  const configured = config.AUTH_USERNAME && config.AUTH_PASSWORD ? config.AUTH_PASSWORD : undefined;
  const username = config.AUTH_USERNAME ?? "owner";
  const password = configured ?? given.password ?? Password.random();
  if (password.length < MIN_LENGTH) throw new Error(`The first owner's password (AUTH_PASSWORD) needs at least ${MIN_LENGTH} characters.`);
  const passwordHash = await Password.hash(password);
  const now = Clock.now();
  return transaction(system, async () => {
    // The update locks the row, so that of two who start at once the second waits and finds the owner.
    const [studio] = await sql<{ id: string }[]>`
      insert into account_scopes (scope_key, name) values (${STUDIO}, 'Studio') on conflict (scope_key) do update set name = account_scopes.name returning id`;
    if (!studio) throw new Error("the studio was neither made nor found");
    const [made] = await sql<{ id: string }[]>`
      insert into app_users (id, account_scope_id, username, password_hash, role, created_at, updated_at)
      select ${randomUUID()}, ${studio.id}, ${username}, ${passwordHash}, 'owner', ${now}, ${now}
      where not exists (select from app_users where account_scope_id = ${studio.id} and role = 'owner') returning id`;
    if (!made) {
      const [owner] = await sql<{ username: string }[]>`
        select username from app_users where account_scope_id = ${studio.id} and role = 'owner' order by created_at, id limit 1`;
      return { accountScopeId: studio.id, username: owner?.username ?? username };
    }
    const actor = { kind: "nobody" } as const;
    await Audit.record(actor, {
      action: "user_created",
      entityType: "user",
      entityId: made.id,
      accountScopeId: studio.id,
      payload: { role: "owner" },
    });
    return { accountScopeId: studio.id, username, ...(configured ? {} : { password }) };
  });
}

async function find(): Promise<FirstOwner | undefined> {
  const [owner] = await systemSql<FirstOwner[]>`
    select s.id as account_scope_id, u.username from account_scopes s join app_users u on u.account_scope_id = s.id and u.role = 'owner'
    where s.scope_key = ${STUDIO} order by u.created_at, u.id limit 1`;
  return owner;
}
