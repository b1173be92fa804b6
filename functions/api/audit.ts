import * as z from "zod";
import { api } from "#core/api/api.ts";
import * as Cursor from "#core/api/cursor.ts";
import { route } from "#core/api/route.ts";
import * as Audit from "#core/platform/audit.ts";
import { onHttp } from "#functions/door.ts";

const Query = z.object({ ...Cursor.pageBy(z.number().int()), action: z.string().max(64).optional() });
const Page = z.object({ events: z.array(Audit.Info), nextCursor: Cursor.nextCursor });

export const app = api("audit", {
  audit_list: route({ query: Query, answer: Page }, async ({ actor, scope, query: { limit, cursor, action } }) => {
    const events = await Audit.list(actor, scope, { action, before: cursor, limit });
    return { events, nextCursor: Cursor.next(events, limit, (event) => event.id) };
  }),
});
export const handler = onHttp(app);
