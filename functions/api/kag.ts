import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Event from "#core/events/event.ts";
import * as Node from "#core/memory/node.ts";
import { onHttp } from "#functions/door.ts";

const Query = z.object({
  type: Event.Info.shape.eventType.optional(),
  source: Event.Info.shape.source.optional(),
  actor: Event.Info.shape.actor.optional(),
  since: instant.optional(),
  until: instant.optional(),
  ...pageBy(z.number().int()),
});

const Nodes = z.object({
  type: z.enum(Node.TYPES).optional(),
  /** Only what this names; then there is one page. */
  q: z.string().trim().min(1).max(200).optional(),
  ...pageBy(z.tuple([instant, z.uuid()])),
});

export const app = api("kag", {
  kag_events: route({ query: Query, answer: z.object({ events: z.array(Event.Info), nextCursor }) }, async ({ scope, query }) => {
    const { cursor, ...filter } = query;
    const events = await Event.list(scope, { ...filter, before: cursor });
    return { events, nextCursor: next(events, filter.limit, (event) => event.id) };
  }),
  kag_nodes: route(
    { query: Nodes, answer: z.object({ nodes: z.array(Node.Info), nextCursor }) },
    async ({ scope, query: { type, q, limit, cursor } }) => {
      if (q !== undefined) return { nodes: await Node.search(scope, { text: q, type, limit }), nextCursor: null };
      const nodes = await Node.list(scope, { type, limit, before: cursor && { at: cursor[0], id: cursor[1] } });
      return { nodes, nextCursor: next(nodes, limit, (node) => [node.updatedAt, node.id]) };
    },
  ),
  kag_node: route({ params: z.object({ id: z.uuid() }), answer: z.object({ node: Node.Detail }) }, async ({ scope, params }) => ({
    node: await Node.get(scope, params.id),
  })),
});
export const handler = onHttp(app);
