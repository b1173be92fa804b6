import { api } from "#core/api/api.ts";
import { operations } from "#core/api/catalogue.ts";
import { describe, type Table } from "#core/api/openapi.ts";
import { PAGE_POLICY, page } from "#core/api/page.ts";
import { reply, route } from "#core/api/route.ts";
import { app as apiKeys } from "#functions/api/api_keys.ts";
import { app as audit } from "#functions/api/audit.ts";
import { app as auth } from "#functions/api/auth.ts";
import { app as chats } from "#functions/api/chats.ts";
import { app as connections } from "#functions/api/connections.ts";
import { app as connectors } from "#functions/api/connectors.ts";
import { app as health } from "#functions/api/health.ts";
import { app as jobs } from "#functions/api/jobs.ts";
import { app as kag } from "#functions/api/kag.ts";
import { app as projects } from "#functions/api/projects.ts";
import { app as users } from "#functions/api/users.ts";
import { onHttp } from "#functions/door.ts";

const others = [health, auth, users, projects, apiKeys, audit, connections, jobs, connectors, chats, kag];

export const app = api("docs", {
  openapi: route({ text: "application/json; charset=utf-8" }, async () => JSON.stringify(describe(routes()))),
  docs: route({ text: "text/html; charset=utf-8" }, async () =>
    reply(page(operations), { headers: { "content-security-policy": PAGE_POLICY } }),
  ),
});
export const handler = onHttp(app);

/** The tables of all doors, this one's own too. */
function routes(): Table {
  return Object.assign({}, ...[...others, app].map((door) => door.routes));
}
