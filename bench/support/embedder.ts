import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql, transaction } from "#core/db.ts";
import { inputs } from "#core/memory/inputs.ts";
import type { ProjectScope } from "#core/scope.ts";

const SCRIPT = new URL("../../../shared/tools/embeddings.sh", import.meta.url).pathname;
export const DIMENSIONS = 384;
const BATCH = 32;
const BYTES = DIMENSIONS * 4;

/** A model server; what it has once said is kept in the temporary folder, for it takes minutes. */
export type Embedder = { vectors: (model: "e5-passage" | "e5-query", texts: readonly string[]) => Promise<Float32Array[]> };

/** The real multilingual model behind OpenAI's protocol, started when it is there; undefined without. */
export async function embedder(): Promise<Embedder | undefined> {
  if (!(await stat(SCRIPT).catch(() => undefined))) return undefined;
  const { stdout } = await promisify(execFile)(SCRIPT, ["start"], { maxBuffer: 1 << 20 });
  const url = stdout.trim().split("\n").at(-1);
  const folder = join(tmpdir(), "bellwether-bench-vectors");
  await mkdir(folder, { recursive: true });
  const file = join(folder, "e5.bin");
  const kept = new Map<string, Float32Array>();
  const known = await readFile(file).catch(() => Buffer.alloc(0));
  for (let at = 0; at + 16 + BYTES <= known.length; at += 16 + BYTES) {
    kept.set(
      known.toString("hex", at, at + 16),
      new Float32Array(known.buffer.slice(known.byteOffset + at + 16, known.byteOffset + at + 16 + BYTES)),
    );
  }
  const ask = async (model: string, input: readonly string[]) => {
    const response = await fetch(`${url}/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer any" },
      body: JSON.stringify({ model, input }),
    });
    if (!response.ok) throw new Error(`the model server answered ${response.status}`);
    return ((await response.json()) as { data: { embedding: number[] }[] }).data.map(({ embedding }) => Float32Array.from(embedding));
  };
  return {
    vectors: async (model, texts) => {
      const key = (text: string) => createHash("md5").update(`${model}|${text}`).digest("hex");
      const missing = [...new Set(texts)].filter((text) => !kept.has(key(text)));
      for (let at = 0; at < missing.length; at += BATCH) {
        const batch = missing.slice(at, at + BATCH);
        const made = await ask(model, batch);
        for (const [n, vector] of made.entries()) kept.set(key(batch[n] ?? ""), vector);
        await appendFile(
          file,
          Buffer.concat(made.flatMap((vector, n) => [Buffer.from(key(batch[n] ?? ""), "hex"), Buffer.from(vector.buffer)])),
        );
      }
      return texts.map((text) => kept.get(key(text)) as Float32Array);
    },
  };
}

const WRITTEN = 500;

/** Gives every text of a project its vectors, as the product does: one of itself, and one with the two before it. `model`: the name they are stored under. */
export async function embed({ vectors }: Embedder, scope: ProjectScope, model: string): Promise<void> {
  const chunks = await transaction(
    scope,
    () => sql<{ chunkNo: number; threadRef: string; author: string | null; title: string | null; text: string }[]>`
      select c.chunk_no, c.thread_ref, k.title as author, c.title, c.text from rag_chunks c
      left join kag_nodes k on k.project_id = c.project_id and k.node_key = c.author_ref order by c.thread_ref, c.ord, c.chunk_index`,
  );
  const parts = chunks.flatMap((chunk, n) => {
    const before = chunks.slice(Math.max(0, n - 2), n).filter(({ threadRef }) => threadRef === chunk.threadRef);
    return inputs({ ...chunk, before }).map(({ part, text }) => ({ chunkNo: chunk.chunkNo, part, text }));
  });
  for (let at = 0; at < parts.length; at += WRITTEN) {
    const batch = parts.slice(at, at + WRITTEN);
    const made = await vectors(
      "e5-passage",
      batch.map(({ text }) => text),
    );
    await transaction(
      scope,
      () => sql`
        insert into rag_vectors (project_id, account_scope_id, model, part, chunk_no, dims, embedding)
        select ${scope.projects[0] ?? ""}, ${scope.accountScopeId}, ${model}, part, chunk_no, ${DIMENSIONS}, vector::halfvec
        from unnest(${batch.map(({ part }) => part)}::text[], ${batch.map(({ chunkNo }) => chunkNo)}::bigint[], ${made.map((vector) => `[${vector.join(",")}]`)}::text[])
          as v (part, chunk_no, vector)`,
    );
  }
  await transaction(
    scope,
    () => sql`update rag_chunks set embedding_status = 'ready', embedding_model = ${model} where project_id = ${scope.projects[0] ?? ""}`,
  );
}
