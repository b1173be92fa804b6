import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql } from "#core/db.ts";
import { queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { startDemo } from "#local/demo.ts";
import { listen } from "#local/server.ts";
import { work } from "#local/work.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { studio } from "#test/studio.ts";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), "bellwether-demo-"));
  Secret.useKey("a key for tests");
  Queue.use(embeddedQueue(queueLimits));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test("what happens in the demo's sources is here once their webhooks have come, without a cycle", { timeout: 120_000 }, async () => {
  const { accountScopeId } = await studio(0);
  const demo = await startDemo(folder, accountScopeId, "small");
  const server = await listen("127.0.0.1", 0);
  await demo.announce(server.url);
  const working = await work();
  const idle = async () => expect(await systemSql`select from job_runs where status in ('queued', 'running')`).toEqual([]);
  await vi.waitFor(idle, { timeout: 60_000, interval: 200 });
  const connections = await systemSql<{ id: string; source: string; baseUrl: string; credentials: string }[]>`
    select id, source, base_url, credentials from connections where webhook_secret is not null order by source`;
  expect(connections.map((one) => one.source)).toEqual(["attio", "chatwoot", "linear"]);
  const [, chat] = connections;
  const response = await fetch(`${chat?.baseUrl}/api/v1/accounts/1/conversations/1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", api_access_token: Secret.unseal(chat?.credentials ?? "", chat?.id ?? "") },
    body: JSON.stringify({ content: "said while it runs" }),
  });
  expect(response.status).toBe(200);
  const stored = () => asOwner(() => sql`select from cw_messages where content = 'said while it runs'`);
  await vi.waitFor(async () => expect(await stored()).toHaveLength(1), { timeout: 20_000, interval: 50 });
  await working.stop();
  await server.close();
  await demo.close();
});
