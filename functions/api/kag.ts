import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { instant } from "#core/api/instant.ts";
import { route } from "#core/api/route.ts";
import * as Event from "#core/events/event.ts";
import { onHttp } from "#functions/door.ts";

const Query = z.object({
  type: Event.Info.shape.eventType.optional(),
  source: Event.Info.shape.source.optional(),
  actor: Event.Info.shape.actor.optional(),
  since: instant.optional(),
  until: instant.optional(),
  ...pageBy(z.number().int()),
});

export const app = api("kag", {
  kag_events: route({ query: Query, answer: z.object({ events: z.array(Event.Info), nextCursor }) }, async ({ scope, query }) => {
    const { cursor, ...filter } = query;
    const events = await Event.list(scope, { ...filter, before: cursor });
    return { events, nextCursor: next(events, filter.limit, (event) => event.id) };
  }),
});
export const handler = onHttp(app);
