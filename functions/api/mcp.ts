import { api } from "#core/api/api.ts";
import { reply, route } from "#core/api/route.ts";
import { Refused } from "#core/error.ts";
import { specs } from "#core/mcp/spec.ts";
import { onHttp } from "#functions/door.ts";

export const app = api("mcp", {
  mcp: route(specs.mcp, async ({ actor, session, headers, body }) => {
    // The protocol's own code takes longer to load than all else: a refused caller need not wait for it, nor a start without a caller.
    const [{ exchange }, { toolsFor }] = await Promise.all([import("#core/mcp/server.ts"), import("#core/mcp/tools.ts")]);
    const response = await exchange(toolsFor(actor, session), headers, body);
    return reply(await response.text(), { status: response.status });
  }),
  mcp_listen: route(specs.mcp_listen, () => Promise.reject(new Refused("method_not_allowed", { allow: "POST" }))),
});
export const handler = onHttp(app);
