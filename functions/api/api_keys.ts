import * as z from "zod";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import * as ApiKey from "#core/platform/api-key.ts";
import { onHttp } from "#functions/door.ts";

const Made = z.object({ apiKey: ApiKey.Info, secret: z.string().nullable() });

export const app = api("api_keys", {
  api_keys_list: route({ answer: z.object({ apiKeys: z.array(ApiKey.Info) }) }, async ({ actor }) => ({
    apiKeys: await ApiKey.list(actor),
  })),
  api_keys_create: route({ body: ApiKey.Draft, answer: Made, status: 201, once: "secret" }, ({ actor, body }) =>
    ApiKey.create(actor, body),
  ),
  api_keys_revoke: route({ params: z.object({ id: z.uuid() }) }, async ({ actor, params }) => {
    await ApiKey.revoke(actor, params.id);
    return {};
  }),
});
export const handler = onHttp(app);
