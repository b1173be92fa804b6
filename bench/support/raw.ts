import type { Sql } from "#core/db.ts";

const ROWS_PER_STATEMENT = 5_000;

/** The limit: the rows the backfill wrote, taken into memory, put back by unnest into the same tables with triggers, keys, indexes and policies. */
export async function raw(owner: Sql, tables: readonly string[]): Promise<{ rows: number; seconds: number }> {
  const kept: { table: string; columns: string[]; types: string[]; texts: string[][][] }[] = [];
  let rows = 0;
  for (const table of tables) {
    const shape = await owner<{ name: string; type: string }[]>`
      select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`;
    const columns = shape.map((column) => column.name);
    const all = await owner.unsafe(`select ${columns.map((column) => `${column}::text`).join(", ")} from ${table}`).values();
    const texts: string[][][] = [];
    for (let from = 0; from < all.length; from += ROWS_PER_STATEMENT) {
      const slice = all.slice(from, from + ROWS_PER_STATEMENT) as unknown as string[][];
      texts.push(columns.map((_, column) => slice.map((row) => row[column] as string)));
    }
    rows += all.length;
    kept.push({ table, columns, types: shape.map((column) => column.type), texts });
  }
  await owner.unsafe(`truncate ${tables.join(", ")}, rag_chunks, kag_event_log cascade`);
  const began = performance.now();
  for (const { table, columns, types, texts } of kept) {
    const arrays = columns.map((_, n) => `$${n + 1}::text[]`).join(", ");
    const casts = columns.map((column, n) => `${column}::${types[n]}`).join(", ");
    const insert = `insert into ${table} (${columns.join(", ")}) select ${casts} from unnest(${arrays}) as r (${columns.join(", ")})`;
    for (const slice of texts) {
      await owner.begin(async (tx) => {
        await tx`select set_config('role', 'bellwether_app', true), set_config('app.project_ids', (select '{' || string_agg(id::text, ',') || '}' from projects), true)`;
        await tx.unsafe(insert, slice as never[]);
      });
    }
  }
  return { rows, seconds: (performance.now() - began) / 1_000 };
}
