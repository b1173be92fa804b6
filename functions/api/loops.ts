import * as z from "zod";
import { api } from "#core/api/api.ts";
import { next, nextCursor, pageBy } from "#core/api/cursor.ts";
import { route } from "#core/api/route.ts";
import { Asked, runNow } from "#core/jobs/await.ts";
import * as Settings from "#core/outbound/loops/settings.ts";
import { onHttp } from "#functions/door.ts";

const Preview = Settings.Info.extend({ contacts: z.array(Settings.Planned), nextCursor });

export const app = api("loops", {
  loops_preview: route({ query: z.object(pageBy(z.string())), answer: Preview }, async ({ scope, query: { limit, cursor } }) => {
    const contacts = await Settings.preview(scope, { after: cursor ?? "", limit });
    return { ...(await Settings.find(scope)), contacts, nextCursor: next(contacts, limit, (contact) => contact.email) };
  }),
  loops_settings: route(
    { body: z.strictObject({ enabled: z.boolean() }), answer: z.object({ settings: Settings.Info }) },
    async ({ actor, scope, body }) => ({ settings: await Settings.change(actor, scope, body.enabled) }),
  ),
  loops_sync: route(Asked, (context) => runNow(context, "loops_contacts_sync")),
});
export const handler = onHttp(app);
