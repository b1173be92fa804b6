import { api } from "#core/api/api.ts";
import { reply, route } from "#core/api/route.ts";
import { Refused } from "#core/error.ts";
import { exchange } from "#core/mcp/server.ts";
import { toolsFor } from "#core/mcp/tools.ts";
import { onHttp } from "#functions/door.ts";

const MAX_BYTES = 64_000;

export const app = api("mcp", {
  mcp: route({ raw: MAX_BYTES, text: "application/json; charset=utf-8" }, async ({ actor, session, headers, body }) => {
    const response = await exchange(toolsFor(actor, session), headers, body);
    return reply(await response.text(), { status: response.status });
  }),
  mcp_listen: route({ status: 200 }, () => Promise.reject(new Refused("method_not_allowed", { methods: "POST" }))),
});
export const handler = onHttp(app);
