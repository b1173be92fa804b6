import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import * as Read from "#core/memory/graph-read.ts";
import type { ProjectScope } from "#core/scope.ts";

export const TYPES = [
  "person",
  "client",
  "deal",
  "task",
  "conversation",
  "agreement",
  "document",
  "project",
] as const satisfies Read.NodeType[];

/** Somebody or something that the sources speak of. `node_key` is the record's name elsewhere in the product. */
export const Info = z.object({
  id: z.uuid(),
  nodeType: z.enum(TYPES),
  nodeKey: z.string(),
  title: z.string().nullable(),
  status: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

const Named = z.object({ id: z.uuid(), nodeType: z.enum(TYPES), nodeKey: z.string(), title: z.string().nullable() });
/** What is known of a node: facts, those that ended included, each with the records it rests on, and the newest texts that speak of it. */
export const Detail = Info.extend({
  aliases: z.array(z.object({ alias: z.string(), source: z.string(), ambiguous: z.boolean() })),
  facts: z.array(
    z.object({
      id: z.uuid(),
      from: Named,
      relationType: z.string(),
      to: Named.nullable(),
      value: z.string().nullable(),
      due: z.string().nullable(),
      validFrom: z.date(),
      validTo: z.date().nullable(),
      confidence: z.number(),
      extractor: z.enum(["source", "model"]),
      evidence: z.array(z.object({ sourceRef: z.string(), quote: z.string().nullable() })),
    }),
  ),
  mentions: z.array(z.object({ chunkId: z.uuid(), sourceRef: z.string(), method: z.string(), occurredAt: z.date() })),
});
export type Detail = z.infer<typeof Detail>;

export type Window = { type: Info["nodeType"] | undefined; before: { at: Date; id: string } | undefined; limit: number };

const columns = () => sql`n.id, n.node_type, n.node_key, n.title, n.status, n.payload, n.created_at, n.updated_at`;

/** Those that changed last come first. */
export async function list(scope: ProjectScope, { type, before, limit }: Window): Promise<Info[]> {
  return transaction(
    scope,
    () => sql<Info[]>`
      select ${columns()} from kag_nodes n
      where n.project_id = any (${scope.projects as string[]}::uuid[]) and (${type ?? null}::text is null or n.node_type = ${type ?? null})
        and (${before?.at ?? null}::timestamptz is null or (n.updated_at, n.id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
      order by n.updated_at desc, n.id desc limit ${limit}`,
  );
}

/** Those that a text names, surest first, and then those in whose title a word begins as the text does. */
export async function search(
  scope: ProjectScope,
  { text, type, limit }: { text: string; type: Window["type"]; limit: number },
): Promise<Info[]> {
  const found = await Read.named(scope, text);
  const ids = found.map(({ id }) => id);
  return transaction(
    scope,
    () => sql<Info[]>`
      select ${columns()} from kag_nodes n cross join (select fold_text(${text}) as text offset 0) asked
      where n.project_id = any (${scope.projects as string[]}::uuid[]) and (${type ?? null}::text is null or n.node_type = ${type ?? null})
        and (n.id = any (${ids}::uuid[]) or asked.text <> '' and strpos(' ' || fold_text(n.title), ' ' || asked.text) > 0)
      order by array_position(${ids}::uuid[], n.id), length(n.title), n.updated_at desc, n.id limit ${limit}`,
  );
}

export async function get(scope: ProjectScope, id: string): Promise<Detail> {
  const projects = scope.projects as string[];
  return transaction(scope, async () => {
    const [row] = await sql<(Info & Pick<Detail, "aliases">)[]>`
      select ${columns()}, (
        select coalesce(jsonb_agg(jsonb_build_object('alias', a.alias, 'source', a.source, 'ambiguous', a.ambiguous) order by a.confidence desc, a.alias), '[]')
        from kag_aliases a where a.project_id = n.project_id and a.node_id = n.id) as aliases
      from kag_nodes n where n.project_id = any (${projects}::uuid[]) and n.id = ${id}`;
    if (!row) throw new Refused("not_found", { thing: "node" });
    const mentioned = await Read.mentionsOf(scope, [id]);
    const mentions = await sql<Detail["mentions"]>`
      select c.id as chunk_id, c.source_ref, m.method, c.occurred_at
      from unnest(${mentioned.map((one) => one.chunkNo)}::bigint[], ${mentioned.map((one) => one.method)}::text[]) as m (chunk_no, method)
      join rag_chunks c on c.chunk_no = m.chunk_no
      where c.project_id = any (${projects}::uuid[]) order by c.occurred_at desc, c.chunk_no desc`;
    return { ...row, facts: await Read.factsOf(scope, [id]), mentions: [...mentions] };
  });
}
