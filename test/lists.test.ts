import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Chats from "#core/chats/chats.ts";
import { sql } from "#core/db.ts";
import * as Event from "#core/events/event.ts";
import * as Runs from "#core/jobs/runs.ts";
import { app } from "#functions/api/chats.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, key, person } from "#test/people.ts";
import { planner } from "#test/planner.ts";
import { type Studio, studio } from "#test/studio.ts";

const AT = new Date("2026-03-01T12:00:00Z");

let database: TestDatabase;
let here: Studio;
let connections: string[];
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(5);
  connections = [randomUUID(), randomUUID()];
  await asOwner(
    () => sql`
      insert into connections (id, account_scope_id, source, name, base_url, external_account, credentials, created_by, created_at, updated_at)
      select id, ${here.accountScopeId}, 'chatwoot', 'Chat', 'http://' || id, '1', 'sealed', 'test', ${AT}, ${AT} from unnest(${connections}::uuid[]) as c (id)`,
  );
});
afterAll(() => database.close());

/** So many contacts, conversations and messages of each connection in each project, of which every four were made at one instant. */
async function fill(projects: readonly string[], count: number): Promise<void> {
  const each = sql`
    unnest(${projects as string[]}::uuid[]) as p (id), unnest(${connections}::uuid[]) as c (id),
    lateral (select n, ${AT}::timestamptz - n / 4 * interval '1 minute' as at from generate_series(1, ${count}) n) g`;
  await sql`
    insert into cw_contacts (project_id, account_scope_id, connection_id, contact_id, name, first_seen_at, changed_at)
    select p.id, ${here.accountScopeId}, c.id, n, 'Person ' || n, at, at from ${each}`;
  await sql`
    insert into cw_conversations (project_id, account_scope_id, connection_id, conversation_id, contact_id, status, created_at, first_seen_at, changed_at)
    select p.id, ${here.accountScopeId}, c.id, n, n, 'open', at, at, at from ${each}`;
  await sql`
    insert into cw_messages (project_id, account_scope_id, connection_id, message_id, conversation_id, content, message_type, created_at, first_seen_at)
    select p.id, ${here.accountScopeId}, c.id, n, n, 'said', 'incoming', at, at from ${each}`;
}

test("a list of two connections that number alike and at the same instant shows each row once, page by page", async () => {
  await asOwner(() => fill(here.projects.slice(0, 1), 9));
  const headers = await key(await person(here, "owner"), ["read"], here.projects.slice(0, 1));
  for (const list of ["contacts", "conversations", "messages"]) {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await call(app, "GET", `/${list}?limit=1${cursor ? `&cursor=${cursor}` : ""}`, headers);
      seen.push(...body[list].map((row: { id: string }) => row.id));
      cursor = body.next_cursor;
    }
    expect(new Set(seen).size, list).toBe(18);
    expect(seen, list).toHaveLength(18);
  }
});

test.skipIf(!process.env.TEST_DATABASE_URL)("a long list is read in the order of an index, never whole", async () => {
  await asOwner(async () => {
    await fill(here.projects.slice(1), 2_000);
    await sql`
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
      select p.id, ${here.accountScopeId}, case when n % 50 = 0 then 'issue_created' else 'message_sent' end, 'chatwoot', 'client', 'r', ${AT}, ${AT}, n::text from generate_series(1, 1000) n, unnest(${here.projects}::uuid[]) as p (id)`;
    await sql`
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
      select ${here.projects[0] ?? ""}, ${here.accountScopeId}, 'message_sent', 'chatwoot', 'client', 'r', ${AT}, ${AT}, 'later ' || n from generate_series(1, 30000) n`;
    await sql`
      insert into job_runs (project_id, account_scope_id, job, trigger, status, asked_by, asked_at, due_at, max_attempts)
      select p.id, ${here.accountScopeId}, 'job ' || n % 5, 'schedule', case when n % 20 = 0 then 'dead_letter' else 'ok' end, 'test', ${AT}::timestamptz - n * interval '1 minute', ${AT}, 5
      from generate_series(1, 5000) n, unnest(${here.projects}::uuid[]) as p (id)`;
    await sql`analyze`;
  });
  const window = { before: undefined, limit: 50 };
  const past = { before: { at: new Date(AT.getTime() - 3_600_000), n: 9, connectionId: connections[0] ?? "" }, limit: 50 };
  const scope = here.scope(1);
  const reads: [string, string, () => Promise<unknown>][] = [
    ["contacts", "cw_contacts_seen", () => Chats.contacts(scope, { ...past, q: undefined })],
    ["conversations", "cw_conversations_created", () => Chats.conversations(scope, { ...past, status: undefined })],
    ["messages", "cw_messages_created", () => Chats.messages(scope, { ...past, conversationId: undefined, notes: true })],
    ["events", "kag_event_log_project", () => Event.list(scope, window)],
    ["events of a type", "kag_event_log_type", () => Event.list(scope, { ...window, type: "issue_created" })],
    ["runs", "job_runs_recent", () => Runs.list(scope, { ...window, job: undefined, status: undefined })],
    ["dead letters", "job_runs_status", () => Runs.list(scope, { ...window, job: undefined, status: "dead_letter" })],
    ["latest runs", "job_runs_job", () => Runs.latest(scope)],
  ];
  const planOf = await planner(scope);
  for (const [name, index, work] of reads) {
    const plan = await planOf(work);
    expect(plan, name).toContain(`using ${index} on`);
    expect(plan, name).not.toMatch(/Seq Scan on (cw_(?!attachments)|kag|job)|->\s+Sort/);
  }
});
