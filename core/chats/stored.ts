import type postgres from "postgres";
import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** How much of a project is stored. */
export const Info = z.object({ contacts: z.number(), conversations: z.number(), messages: z.number(), attachments: z.number() });
export type Info = z.infer<typeof Info>;

const TABLES = { contacts: "cw_contacts", conversations: "cw_conversations", messages: "cw_messages" } as const;
type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The living rows of a table that `where` selects by its key: counted in an index, all less those deleted, so that no row is read for it. */
export const living = (table: (typeof TABLES)[keyof typeof TABLES], where: Fragment) => sql`
  ((select count(*) from ${sql(table)} where ${where}) - (select count(*) from ${sql(table)} where ${where} and deleted_at is not null))`;

export async function count(scope: ProjectScope): Promise<Info> {
  const [row] = await transaction(scope, () => {
    const mine = sql`project_id = ${only(scope)}`;
    return sql<Info[]>`
      select ${living(TABLES.contacts, mine)} as contacts, ${living(TABLES.conversations, mine)} as conversations, ${living(TABLES.messages, mine)} as messages,
        (select count(*) from cw_attachments_raw where ${mine}) as attachments`;
  });
  return row ?? { contacts: 0, conversations: 0, messages: 0, attachments: 0 };
}
