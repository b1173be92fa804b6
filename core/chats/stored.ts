import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How much of a project is stored. */
export const Info = z.object({ contacts: z.number(), conversations: z.number(), messages: z.number(), attachments: z.number() });
export type Info = z.infer<typeof Info>;

export async function count(scope: ProjectScope): Promise<Info> {
  const projects = scope.projects as string[];
  const [row] = await transaction(
    scope,
    () => sql<Info[]>`
    select (select count(*) from cw_contacts where project_id = any (${projects}::uuid[]) and deleted_at is null) as contacts,
      (select count(*) from cw_conversations where project_id = any (${projects}::uuid[]) and deleted_at is null) as conversations,
      (select count(*) from cw_messages where project_id = any (${projects}::uuid[]) and deleted_at is null) as messages,
      (select count(*) from cw_attachments_raw where project_id = any (${projects}::uuid[])) as attachments`,
  );
  return row ?? { contacts: 0, conversations: 0, messages: 0, attachments: 0 };
}
