import { randomUUID } from "node:crypto";
import type { KeyScope, Role, User } from "#core/actor.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import * as ApiKey from "#core/platform/api-key.ts";
import * as Session from "#core/platform/session.ts";
import { system } from "#core/scope.ts";
import type { Studio } from "#test/studio.ts";

export type Headers = Record<string, string>;
export type Person = User & { signIn: () => Promise<Headers & { cookie: string; "x-csrf-token": string }> };
type Door = { request: (path: string, init: RequestInit, env: { address: string }) => Response | Promise<Response> };
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came over the wire.
export type Answered = { status: number; body: any; headers: globalThis.Headers };

/** A person of a studio, assigned to some of its projects. Their password is nobody's: they sign in past the door. */
export async function person({ accountScopeId }: Studio, role: Role, assigned: readonly string[] = []): Promise<Person> {
  const id = randomUUID();
  const username = `${role}-${id.slice(0, 8)}`;
  await systemSql`
    insert into app_users (id, account_scope_id, username, password_hash, role) values (${id}, ${accountScopeId}, ${username}, 'scrypt$2$1$1$AAAA$AAAA', ${role})`;
  await systemSql`
    insert into project_assignments (project_id, account_scope_id, user_id, assigned_by)
    select project_id, ${accountScopeId}, ${id}, 'test' from unnest(${assigned as string[]}::uuid[]) as p (project_id)`;
  const user: User = { kind: "user", id, username, role, accountScopeId };
  const signIn = async () => {
    const opened = await transaction(system, () => Session.open(user));
    return { cookie: `sid=${opened.id}`, "x-csrf-token": opened.session.csrfToken };
  };
  return { ...user, signIn };
}

/** The headers of a new key. */
export async function key(owner: User, scopes: KeyScope[], projectIds: string[]): Promise<Headers & { id: string }> {
  const { apiKey, secret } = await ApiKey.create(owner, { name: "a key", scopes, projectIds });
  return { authorization: `Bearer ${secret}`, id: apiKey.id };
}

/** One request to a door, with JSON both ways. */
export async function call(door: Door, method: string, path: string, headers: Headers = {}, body?: unknown): Promise<Answered> {
  const given = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const init = { method, headers: { "content-type": "application/json", ...headers }, ...given };
  const response = await door.request(path, init, { address: "203.0.113.7" });
  const text = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json") && text !== "";
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** The audit of a studio, oldest first. */
export async function audited(accountScopeId: string): Promise<string[]> {
  const rows = await transaction(
    system,
    () => sql<{ action: string }[]>`select action from audit_events where account_scope_id = ${accountScopeId} order by id`,
  );
  return rows.map((row) => row.action);
}
