import { randomUUID } from "node:crypto";
import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";
import { asOwner } from "#test/database.ts";

export type Studio = { accountScopeId: string; projects: string[]; scope: (n: number) => ProjectScope };

/** A studio of a test's own, with `count` active projects. */
export async function studio(count: number, options: { timeZone?: string } = {}): Promise<Studio> {
  const accountScopeId = randomUUID();
  const projects = Array.from({ length: count }, () => randomUUID());
  await asOwner(async () => {
    await sql`insert into account_scopes (id, scope_key, name) values (${accountScopeId}, ${accountScopeId}, 'Studio')`;
    await sql`
      insert into projects (id, account_scope_id, name, time_zone)
      select id, ${accountScopeId}, 'Project ' || n, ${options.timeZone ?? "UTC"} from unnest(${projects}::uuid[]) with ordinality as p (id, n)`;
  });
  return { accountScopeId, projects, scope: (n) => ({ projects: [projects[n] ?? ""], accountScopeId }) };
}
