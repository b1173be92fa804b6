import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";

type Chunk = { sourceRef: string; chunkIndex: number; text: string };

const chunks = () => sql<Chunk[]>`
  select project_id, source_ref, chunk_index, thread_ref, ord, author_ref, author_side, title, text, text_hash, language, private, occurred_at from rag_chunks
  order by project_id, source_ref, chunk_index`;

/** What is remembered, as it was kept change by change, and as it would be if all of it were made of today's rows at once. */
export async function remembered(): Promise<{ kept: readonly Chunk[]; anew: readonly Chunk[] }> {
  const undo = new Error("undo");
  let [kept, anew]: (readonly Chunk[])[] = [[], []];
  await asOwner(async () => {
    kept = [...(await chunks())];
    await sql`delete from rag_chunks`;
    const views = await sql<{ name: string }[]>`
      select relname as name from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace and relname like '%\\_texts'`;
    if (views.length === 0) throw new Error("nothing says what is to be remembered");
    for (const { name } of views) await sql`select remember(array_agg(said)) from ${sql(name)}`;
    anew = [...(await chunks())];
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  return { kept: kept ?? [], anew: anew ?? [] };
}
