import { createHash } from "node:crypto";
import { sql, transaction } from "#core/db.ts";
import type { Acquaintance } from "#test/acquaintance.ts";
import { asOwner } from "#test/database.ts";

export type Said = { ref: string; text: string; author?: string; thread?: string; private?: boolean; at?: Date };

/** Chunks as the store would write them; answers their numbers. */
export async function chunks(here: Acquaintance, said: readonly Said[], n = 0): Promise<number[]> {
  const at = new Date("2026-03-01T00:00:00Z");
  const rows = said.map((one, ord) => ({
    project_id: here.projects[n] ?? "",
    account_scope_id: here.accountScopeId,
    connection_id: here.chats.connectionId,
    source_kind: "message",
    source_ref: one.ref,
    thread_ref: one.thread ?? "cw:x:1",
    ord,
    author_ref: one.author ?? null,
    text: one.text,
    text_hash: createHash("sha256").update(one.text).digest("hex"),
    language: "ru",
    private: one.private ?? false,
    content_tokens: 1,
    occurred_at: one.at ?? at,
    created_at: at,
    updated_at: at,
  }));
  const made = await asOwner(
    () => sql<{ chunkNo: number }[]>`insert into rag_chunks ${sql(rows as unknown as Record<string, string>[])} returning chunk_no`,
  );
  return made.map((row) => row.chunkNo);
}

/** Who is mentioned where, by name: `[text's ref, node's key, method]`. */
export async function mentions(here: Acquaintance, n = 0): Promise<string[]> {
  const rows = await transaction(
    here.scope(n),
    () => sql<{ said: string }[]>`
      select c.source_ref || ' ' || split_part(k.node_key, ':', 1) || ':' || split_part(k.node_key, ':', 3) || ' ' || m.method as said
      from kag_mentions m join rag_chunks c using (project_id, chunk_no) join kag_nodes k on k.project_id = m.project_id and k.id = m.node_id
      where c.source_kind = 'message' order by 1`,
  );
  return rows.map((row) => row.said);
}
