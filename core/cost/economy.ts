import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Whether a project is in economy mode: no model words an answer there. */
export async function isOn(scope: ProjectScope): Promise<boolean> {
  const rows = await transaction(
    scope,
    () => sql`select from projects where id = any (${scope.projects as string[]}::uuid[]) and economy_mode`,
  );
  return rows.length > 0;
}
