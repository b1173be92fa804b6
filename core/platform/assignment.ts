import * as z from "zod";
import { type Caller, label, ROLES } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Audit from "#core/platform/audit.ts";
import type { ProjectScope } from "#core/scope.ts";

export const Info = z.object({
  userId: z.uuid(),
  username: z.string(),
  role: z.enum(ROLES),
  assignedAt: z.date(),
  assignedBy: z.string(),
});
export type Info = z.infer<typeof Info>;

export async function list(scope: ProjectScope): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select a.user_id, u.username, u.role, a.assigned_at, a.assigned_by from project_assignments a join app_users u on u.id = a.user_id
      where a.project_id = any (${scope.projects as string[]}::uuid[]) order by lower(u.username)`,
  );
}

/** Assigns a person of the studio to the scope's one project. Answers whether anything changed. */
export async function add(actor: Caller, scope: ProjectScope, userId: string): Promise<boolean> {
  const projectId = scope.projects[0] ?? "";
  return transaction(scope, async () => {
    const [person] = await sql<{ id: string }[]>`select id from app_users where id = ${userId} for key share`;
    if (!person) throw new Refused("not_found", { thing: "user" });
    const made = await sql<{ userId: string }[]>`
      insert into project_assignments (project_id, account_scope_id, user_id, assigned_at, assigned_by)
      values (${projectId}, ${scope.accountScopeId}, ${userId}, ${Clock.now()}, ${label(actor)}) on conflict do nothing returning user_id`;
    if (made.length === 0) return false;
    await Audit.record(actor, { action: "user_assigned", entityType: "user", entityId: userId, projectId });
    return true;
  });
}

/** From their next request on the person does not see the project. Answers whether anything changed. */
export async function remove(actor: Caller, scope: ProjectScope, userId: string): Promise<boolean> {
  const projectId = scope.projects[0] ?? "";
  return transaction(scope, async () => {
    const gone = await sql<{ userId: string }[]>`
      delete from project_assignments where project_id = ${projectId} and user_id = ${userId} returning user_id`;
    if (gone.length === 0) return false;
    await Audit.record(actor, { action: "user_unassigned", entityType: "user", entityId: userId, projectId });
    return true;
  });
}
