import * as z from "zod";
import { api } from "#core/api/api.ts";
import { reply, route } from "#core/api/route.ts";
import * as Connection from "#core/connectors/connection.ts";
import { onHttp } from "#functions/door.ts";

export const app = api("connections", {
  connections_list: route({ answer: z.object({ connections: z.array(Connection.Info) }) }, async ({ scope }) => ({
    connections: await Connection.list(scope),
  })),
  connections_create: route(
    { body: Connection.Draft, status: 201, answer: z.object({ connection: Connection.Info }) },
    async ({ actor, scope, body }) => {
      const { connection, replaced } = await Connection.connect(actor, scope, body);
      return reply({ connection }, { status: replaced ? 200 : 201 });
    },
  ),
  connections_remove: route({ params: z.object({ id: z.uuid() }) }, async ({ actor, scope, params }) => {
    await Connection.disconnect(actor, scope, params.id);
    return {};
  }),
});
export const handler = onHttp(app);
