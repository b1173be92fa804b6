import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";

/** The tables and columns of the whole database in which a word stands, whatever their type and the case: "cw_messages.content". */
export async function whereabouts(word: string): Promise<string[]> {
  return asOwner(async () => {
    const columns = await sql<{ table: string; column: string }[]>`
      select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped order by 1, 2`;
    const found: string[] = [];
    for (const { table, column } of columns) {
      const rows = await sql`select from ${sql(table)} where position(${word.toLowerCase()} in lower(${sql(column)}::text)) > 0 limit 1`;
      if (rows.length > 0) found.push(`${table}.${column}`);
    }
    return found;
  });
}
