import { randomUUID } from "node:crypto";
import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import type { Studio } from "#test/studio.ts";

type Rows = readonly Record<string, unknown>[];
export type Raw = {
  connectionId: string;
  put: (table: string, rows: Rows) => Promise<void>;
  set: (table: string, externalId: string, change: Record<string, unknown>) => Promise<void>;
};

/** A connection of project `n`, and a hand to put rows into its mirror as a connector would. Times are filled in. */
export async function raw(studio: Studio, n: number, source: "chatwoot" | "linear" | "attio"): Promise<Raw> {
  const { accountScopeId } = studio;
  const projectId = studio.projects[n] ?? "";
  const connectionId = randomUUID();
  const at = new Date("2026-01-01T00:00:00Z");
  await asOwner(
    () => sql`
      insert into connections (id, account_scope_id, source, name, base_url, external_account, credentials, created_by, created_at, updated_at)
      values (${connectionId}, ${accountScopeId}, ${source}, ${source}, 'https://up.example', ${connectionId}, 'x', 'test', ${at}, ${at})`,
  );
  return {
    connectionId,
    put: async (table, rows) => {
      const whole = rows.map((row) => ({
        project_id: projectId,
        account_scope_id: accountScopeId,
        connection_id: connectionId,
        first_seen_at: at,
        changed_at: at,
        ...row,
      }));
      const size = 2_000;
      for (let from = 0; from < whole.length; from += size)
        await asOwner(() => sql`insert into ${sql(table)} ${sql(whole.slice(from, from + size) as unknown as Record<string, string>[])}`);
    },
    set: async (table, externalId, change) => {
      await asOwner(
        () => sql`
          update ${sql(table)} set ${sql(change as Record<string, string>)}
          where project_id = ${projectId} and connection_id = ${connectionId} and ${sql(table === "cw_contacts" ? "contact_id" : "external_id")}::text = ${externalId}`,
      );
    },
  };
}

/** Every row a studio has in these tables, with the transaction that wrote it: equal before and after means that nothing was written. */
export async function written({ accountScopeId }: Studio, tables: readonly string[]): Promise<Record<string, string[]>> {
  return asOwner(async () => {
    const all: Record<string, string[]> = {};
    for (const table of tables) {
      const rows = await sql<
        { row: string }[]
      >`select t.xmin::text || ' ' || t::text as row from ${sql(table)} t where account_scope_id = ${accountScopeId} order by 1`;
      all[table] = rows.map(({ row }) => row);
    }
    return all;
  });
}
