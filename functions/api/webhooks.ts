import * as z from "zod";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import type { Source } from "#core/connectors/connection.ts";
import * as Webhook from "#core/connectors/webhook.ts";
import * as Loops from "#core/outbound/loops/webhook.ts";
import { onHttp } from "#functions/door.ts";

/** Linear's own limit, and below what the gateway hands over. */
const MAX_BYTES = 5_000_000;
const spec = { params: z.object({ connection: z.string() }), query: z.object({ token: z.string().optional() }), raw: MAX_BYTES } as const;

const from = (source: Source) =>
  route<"nobody", typeof spec>(spec, async ({ params, query, headers, body }) => {
    await Webhook.receive(source, params.connection, { headers, body, token: query.token });
    return {};
  });

export const app = api("webhooks", {
  webhooks_chatwoot: from("chatwoot"),
  webhooks_linear: from("linear"),
  webhooks_attio: from("attio"),
  webhooks_loops: route({ params: z.object({ account: z.string() }), raw: MAX_BYTES }, async ({ params, headers, body }) => {
    await Loops.receive(params.account, headers, body);
    return {};
  }),
});
export const handler = onHttp(app);
