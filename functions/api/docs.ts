import { api } from "#core/api/api.ts";
import { operations } from "#core/api/catalogue.ts";
import type { Table } from "#core/api/openapi.ts";
import { reply, route } from "#core/api/route.ts";
import { onHttp } from "#functions/door.ts";

// What the other doors are made of is only evaluated when somebody asks for the description: it doubles the import of this one.
export const app = api("docs", {
  openapi: route({ text: "application/json; charset=utf-8" }, async () => {
    const { describe } = await import("#core/api/openapi.ts");
    return JSON.stringify(describe(await routes()));
  }),
  docs: route({ text: "text/html; charset=utf-8" }, async () => {
    const { PAGE_POLICY, page } = await import("#core/api/page.ts");
    return reply(page(operations), { headers: { "content-security-policy": PAGE_POLICY } });
  }),
});
export const handler = onHttp(app);

/** The tables of all doors, this one's own too. */
async function routes(): Promise<Table> {
  const others = await Promise.all([
    import("#functions/api/health.ts"),
    import("#functions/api/auth.ts"),
    import("#functions/api/users.ts"),
    import("#functions/api/projects.ts"),
    import("#functions/api/api_keys.ts"),
    import("#functions/api/audit.ts"),
    import("#functions/api/connections.ts"),
    import("#functions/api/jobs.ts"),
    import("#functions/api/connectors.ts"),
    import("#functions/api/chats.ts"),
    import("#functions/api/kag.ts"),
    import("#functions/api/costs.ts"),
    import("#functions/api/crm.ts"),
    import("#functions/api/identity.ts"),
    import("#functions/api/webhooks.ts"),
    import("#functions/api/loops.ts"),
    import("#functions/api/lightrag.ts"),
  ]);
  const { specs } = await import("#core/mcp/spec.ts");
  const mcp = { mcp: { spec: specs.mcp }, mcp_listen: { spec: specs.mcp_listen } };
  return Object.assign({}, ...others.map((door) => door.app.routes), mcp, app.routes);
}
