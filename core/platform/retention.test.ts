import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, systemSql } from "#core/db.ts";
import type { Run } from "#core/jobs/run.ts";
import * as Retention from "#core/platform/retention.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { studio } from "#test/studio.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

test("what is past its days goes, in batches; domain events, what is open and another project's rows stay", async () => {
  const agency = await studio(2);
  const [one = "", two = ""] = agency.projects;
  const { accountScopeId } = agency;
  const old = new Date(Clock.now().getTime() - 40 * 86_400_000);
  await asOwner(async () => {
    await sql`
      insert into kag_event_log (project_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
      select p, 'process_started', 'system', 'system', 'x', ${old}, ${old}, 'p' || n from unnest(${[one, two]}::uuid[]) p, generate_series(1, 2500) n`;
    await sql`
      insert into kag_event_log (project_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
      values (${one}, 'message_sent', 'chatwoot', 'client', 'x', ${old}, ${old}, 'm')`;
    await sql`insert into idempotency_keys (account_scope_id, caller, method, path, key, body_hash, created_at, expires_at, claim) values (${accountScopeId}, 'c', 'POST', '/x', 'k', 'h', ${old}, ${old}, ${randomUUID()})`;
    await sql`
      with made as (
        insert into connections (account_scope_id, source, name, base_url, external_account, credentials, created_by, created_at, updated_at)
        values (${accountScopeId}, 'attio', 'x', 'http://x', 'x', 'x', 'x', ${old}, ${old}) returning id)
      insert into webhook_deliveries (connection_id, account_scope_id, delivery_id, source, event, outcome, received_at)
      select made.id, ${accountScopeId}, d.id, 'attio', 'note.created', 'hinted', d.at from made, (values ('old', ${old}::timestamptz), ('new', now())) d (id, at)`;
  });
  const run = { projectId: one, accountScopeId, budget: { left: () => true } } as unknown as Run;
  const outcome = await Retention.cleanup(run);
  expect(outcome).toMatchObject({ processed: 2_502, counters: { kag_event_log: 2_500, webhook_deliveries: 1, idempotency_keys: 1 } });
  expect(await systemSql`select delivery_id from webhook_deliveries`).toEqual([{ deliveryId: "new" }]);
  expect(await systemSql`select project_id, count(*) as n from kag_event_log group by project_id order by n`).toEqual([
    { projectId: one, n: 1 },
    { projectId: two, n: 2_500 },
  ]);
  const stopped = await Retention.cleanup({ ...run, projectId: two, budget: { left: () => false } } as unknown as Run);
  expect(stopped).toMatchObject({ more: true, processed: 1_000 });
});
