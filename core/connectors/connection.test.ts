import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Secret from "#core/connectors/secret.ts";
import { systemSql, transaction } from "#core/db.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import * as Ledger from "#core/jobs/ledger.ts";
import * as Settle from "#core/jobs/settle.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { studio } from "#test/studio.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  Secret.useKey("a key for tests");
});
afterAll(() => database.close());

const draft = (apiToken: string) =>
  Connection.Draft.parse({ source: "chatwoot", name: "Chat", baseUrl: "http://chat.test", externalAccount: "1", apiToken });

test("an account connected by many at once is one connection, and its credentials open", async () => {
  const { accountScopeId } = await studio(0);
  const tokens = Array.from({ length: 8 }, (_, n) => `token ${n}`);
  const made = await Promise.all(
    tokens.map((token) => transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft(token), "test"))),
  );
  expect(new Set(made.map((one) => one.id)).size).toBe(1);
  expect(made.filter((one) => !one.replaced)).toHaveLength(1);
  const [stored] = await systemSql<{ id: string; credentials: string }[]>`
    select id, credentials from connections where account_scope_id = ${accountScopeId}`;
  expect(tokens).toContain(Secret.unseal(stored?.credentials ?? "", stored?.id ?? ""));
});

test.each([
  "http://me:secret@chat.test",
  "http://me@chat.test",
  "http://chat.test/?account=1",
  "http://chat.test/#top",
  "http://chat.test/?",
  "ftp://chat.test",
  "chat",
])("an address like %s is refused: what is more than an address would be sent, shown or lost", (baseUrl) => {
  expect(Connection.Draft.safeParse({ source: "chatwoot", name: "Chat", baseUrl, externalAccount: "1", apiToken: "t" }).success).toBe(
    false,
  );
});

test("projects bound to one connection at once each get their binding", async () => {
  const { accountScopeId, scope } = await studio(8);
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft("t"), "test"));
  for (let round = 1; round <= 10; round++) {
    const binding = { ...Binding.whole(id), inboxIds: [round] };
    const changed = await Promise.all(
      Array.from({ length: 8 }, (_, n) => transaction(scope(n), () => Binding.replace(scope(n), [binding], "test"))),
    );
    expect(changed).toEqual(Array(8).fill(true));
  }
  for (let n = 0; n < 8; n++) expect((await Binding.all(scope(n))).map((one) => one.inboxIds)).toEqual([[10]]);
});

test("an attempt that lost its lease cannot free the connection under the next attempt of its run", async () => {
  const { accountScopeId, projects } = await studio(1);
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft("t"), "test"));
  const runId = randomUUID();
  const now = new Date();
  await systemSql`
    insert into job_runs (id, project_id, account_scope_id, job, trigger, asked_by, asked_at, due_at, max_attempts)
    values (${runId}, ${projects[0] ?? ""}, ${accountScopeId}, 'connectors_sync_cycle', 'manual', 'test', ${now}, ${now}, 3)`;
  const delivery = { messageId: undefined, receiveCount: 1, worker: "test" };
  const claim = async () => {
    const claimed = await Ledger.claim({ runId, job: "connectors_sync_cycle", delivery, now });
    if (!claimed) throw new Error("not claimed");
    return claimed;
  };
  const holder = async () =>
    (await systemSql<{ leaseToken: string | null }[]>`select lease_token from connections where id = ${id}`)[0]?.leaseToken;
  const ended = { startedAt: now, status: "failed", reason: undefined, retryAt: undefined } as const;

  const first = await claim();
  expect(await Connection.take(id, first)).toBe(true);
  await systemSql`update job_runs set lease_until = clock_timestamp() - interval '1 second' where id = ${runId}`;
  expect(await Settle.recover(jobs, "connectors_sync_cycle", now)).toBe(1);
  const second = await claim();
  expect(await Connection.take(id, second)).toBe(true);

  await Connection.release(id, first, ended);
  await Connection.giveBack(id, first);
  expect(await Connection.take(id, first)).toBe(false);
  expect(await holder()).toBe(second.leaseToken);
  expect(await systemSql`select last_read_status, failures from connections where id = ${id}`).toEqual([
    { lastReadStatus: null, failures: 0 },
  ]);
  await Connection.giveBack(id, second);
  expect(await holder()).toBeNull();
});

test("new credentials do not wait out what the old ones were refused", async () => {
  const { accountScopeId } = await studio(0);
  const make = (token: string) => transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft(token), "test"));
  const { id } = await make("old");
  await systemSql`
    insert into connector_sync_state (connection_id, account_scope_id, stream, status, retry_at, updated_at)
    values (${id}, ${accountScopeId}, 'conversations', 'failed', now() + interval '6 hours', now())`;
  await make("new");
  expect(await systemSql`select retry_at from connector_sync_state where connection_id = ${id}`).toEqual([{ retryAt: null }]);
});
