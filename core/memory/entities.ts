import * as z from "zod";
import * as Graph from "#core/memory/graph-read.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Whom and what a question names and the chunks speak of; `mentions`: in how many of the chunks. */
export const Entity = z.object({
  id: z.uuid(),
  type: z.string(),
  sourceRef: z.string(),
  title: z.string().nullable(),
  named: z.boolean(),
  mentions: z.number(),
});
export type Entity = z.infer<typeof Entity>;

const End = z.object({ id: z.uuid(), nodeType: z.string(), nodeKey: z.string(), title: z.string().nullable() });
/** What is known of such an entity, from when until when, and the records that say so. */
export const Fact = z.object({
  id: z.uuid(),
  from: End,
  relationType: z.string(),
  to: End.nullable(),
  value: z.string().nullable(),
  validFrom: z.date(),
  validTo: z.date().nullable(),
  confidence: z.number(),
  extractor: z.enum(["source", "model"]),
  evidence: z.array(z.object({ sourceRef: z.string(), quote: z.string().nullable() })),
});
export type Fact = z.infer<typeof Fact>;

const MOST_ENTITIES = 15;
const MOST_FACTS = 20;
/** What could be a name: longer is no word, and more are not looked up. */
const LONGEST_WORD = 60;
const WORDS = 200;

export type Speaking = { question: string; chunkNos: readonly number[]; openOnly: boolean; to: Date | null };

/**
 * The entities of a question and its chunks, those that are named first, and what is known of them, as it was at the period's end. `openOnly`: no entity, for
 * their titles come from the team's own records, and only facts that rest on what the client has written or was meant to read.
 */
export async function speakOf(
  scope: ProjectScope,
  { question, chunkNos, openOnly, to }: Speaking,
): Promise<{ entities: Entity[]; facts: Fact[] }> {
  const words = question.split(/\s+/).filter((word) => word.length <= LONGEST_WORD);
  const named = await Graph.named(scope, words.slice(0, WORDS).join(" "));
  const mentioned = Map.groupBy(await Graph.mentionedIn(scope, chunkNos), ({ nodeId }) => nodeId);
  const nodes = new Map<string, Graph.Node>([
    ...[...mentioned.values()].flatMap(([first]) => (first ? [[first.nodeId, first.node] as const] : [])),
    ...named.map((node) => [node.id, node] as const),
  ]);
  const sure = new Set(named.filter(({ ambiguous }) => !ambiguous).map(({ id }) => id));
  const entities = [...nodes.values()]
    .map(({ id, nodeType, nodeKey, title }) => ({
      id,
      type: nodeType,
      sourceRef: nodeKey,
      title,
      named: sure.has(id),
      mentions: mentioned.get(id)?.length ?? 0,
    }))
    .toSorted((a, b) => Number(b.named) - Number(a.named) || b.mentions - a.mentions || a.sourceRef.localeCompare(b.sourceRef))
    .slice(0, MOST_ENTITIES);
  const ids = entities.map(({ id }) => id);
  const place = (fact: Graph.Fact) =>
    Math.min(...[fact.from.id, fact.to?.id].map((id) => (id ? ids.indexOf(id) : -1)).filter((n) => n >= 0), ids.length);
  const facts = (await Graph.factsOf(scope, ids, to ?? undefined))
    .filter((fact) => !openOnly || !fact.private)
    .toSorted((a, b) => place(a) - place(b))
    .slice(0, MOST_FACTS);
  return { entities: openOnly ? [] : entities, facts };
}
