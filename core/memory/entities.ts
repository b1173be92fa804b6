import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Whom and what the chunks of an answer speak of; `mentions`: in how many of them. */
export const Entity = z.object({
  id: z.uuid(),
  type: z.string(),
  sourceRef: z.string(),
  title: z.string().nullable(),
  status: z.string().nullable(),
  mentions: z.number(),
});
export type Entity = z.infer<typeof Entity>;

/** What is known of such an entity, from when until when, and the records it rests on. */
export const Fact = z.object({
  id: z.uuid(),
  fromId: z.uuid(),
  from: z.string().nullable(),
  relation: z.string(),
  toId: z.uuid().nullable(),
  to: z.string().nullable(),
  value: z.string().nullable(),
  validFrom: z.date(),
  validTo: z.date().nullable(),
  confidence: z.number(),
  extractor: z.enum(["source", "model"]),
  sourceRefs: z.array(z.string()),
});
export type Fact = z.infer<typeof Fact>;

const MOST_ENTITIES = 15;
const MOST_FACTS = 20;

/** The entities of these chunks, the most mentioned first. */
export async function entities(scope: ProjectScope, chunkIds: readonly string[]): Promise<Entity[]> {
  return transaction(
    scope,
    () => sql<Entity[]>`
      select n.id, n.node_type as type, n.node_key as source_ref, n.title, n.status, count(*) as mentions
      from rag_chunks c join kag_mentions m on m.project_id = c.project_id and m.chunk_no = c.chunk_no
      join kag_nodes n on n.project_id = m.project_id and n.id = m.node_id
      where c.project_id = any (${scope.projects as string[]}::uuid[]) and c.id = any (${chunkIds as string[]}::uuid[])
      group by n.project_id, n.id order by count(*) desc, n.node_key limit ${MOST_ENTITIES}`,
  );
}

/** What was held of these entities at some time of the period, the newest first. */
export async function facts(scope: ProjectScope, ids: readonly string[], period: { from: Date | null; to: Date | null }): Promise<Fact[]> {
  return transaction(
    scope,
    () => sql<Fact[]>`
      select e.id, e.from_node_id as from_id, f.title as "from", e.relation_type as relation, e.to_node_id as to_id, t.title as "to", e.value, e.valid_from, e.valid_to,
        e.confidence::float8 as confidence, e.extractor,
        array(select distinct p.source_ref from kag_provenance_refs p where p.project_id = e.project_id and p.edge_id = e.id order by 1) as source_refs
      from kag_edges e join kag_nodes f on f.project_id = e.project_id and f.id = e.from_node_id
      left join kag_nodes t on t.project_id = e.project_id and t.id = e.to_node_id
      where e.project_id = any (${scope.projects as string[]}::uuid[]) and e.from_node_id = any (${ids as string[]}::uuid[]) and e.retracted_at is null
        and (${period.to}::timestamptz is null or e.valid_from < ${period.to}) and (${period.from}::timestamptz is null or coalesce(e.valid_to, 'infinity') >= ${period.from})
      order by e.valid_to is null desc, array_position(${ids as string[]}::uuid[], e.from_node_id), e.valid_from desc, e.id limit ${MOST_FACTS}`,
  );
}
