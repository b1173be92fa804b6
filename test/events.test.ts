import { afterAll, beforeAll, expect, test } from "vitest";
import { systemSql } from "#core/db.ts";
import { app } from "#functions/api/kag.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
let headers: Headers;
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(2);
  headers = { ...(await (await person(here, "owner")).signIn()), "x-project-id": here.projects[0] ?? "" };
  // Twelve events, a day apart, seen in another order than they happened; and one of another project.
  await systemSql`
    insert into kag_event_log (project_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
    select ${here.projects[0] ?? ""}, case when n % 3 = 0 then 'issue_created' when n % 3 = 1 then 'message_sent' else 'approval_approved' end,
      case when n % 3 = 0 then 'linear' else 'chatwoot' end, case when n % 2 = 0 then 'client' else 'team' end, 'ref:' || n,
      '2026-03-01T00:00:00Z'::timestamptz + make_interval(days => 12 - n), now(), 'key:' || n
    from generate_series(1, 12) as n order by n`;
  await systemSql`
    insert into kag_event_log (project_id, event_type, source, actor, source_ref, occurred_at, observed_at, dedupe_key)
    values (${here.projects[1] ?? ""}, 'message_sent', 'chatwoot', 'client', 'ref:other', now(), now(), 'key')`;
});
afterAll(() => database.close());

async function refs(query: string): Promise<string[]> {
  const answer = await call(app, "GET", `/kag/events${query}`, headers);
  return answer.body.events.map((event: { source_ref: string }) => event.source_ref);
}

test("events are filtered by type, source, actor and when they happened, alone and together", async () => {
  expect(await refs("")).toEqual(Array.from({ length: 12 }, (_, n) => `ref:${12 - n}`));
  expect(await refs("?type=approval_approved")).toEqual(["ref:11", "ref:8", "ref:5", "ref:2"]);
  expect(await refs("?source=linear")).toEqual(["ref:12", "ref:9", "ref:6", "ref:3"]);
  expect(await refs("?actor=client&type=message_sent")).toEqual(["ref:10", "ref:4"]);
  expect(await refs("?since=2026-03-10T00:00:00Z")).toEqual(["ref:3", "ref:2", "ref:1"]);
  expect(await refs("?since=2026-03-05T00:00:00Z&until=2026-03-07T00:00:00Z")).toEqual(["ref:8", "ref:7"]);
  expect(await refs("?since=2026-03-05&until=2026-03-07T00:00:00%2B03:00&actor=team")).toEqual(["ref:7"]);
});

test("a filtered list is paged by its cursor to the end, and what cannot be read is named", async () => {
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await call(app, "GET", `/kag/events?actor=team&limit=4${cursor}`, headers);
    seen.push(...body.events.map((event: { source_ref: string }) => event.source_ref));
    cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
  } while (cursor);
  expect(seen).toEqual(["ref:11", "ref:9", "ref:7", "ref:5", "ref:3", "ref:1"]);
  for (const [query, path] of [
    ["type=invoice_paid", "type"],
    ["actor=nobody", "actor"],
    ["since=yesterday", "since"],
  ]) {
    const { status, body } = await call(app, "GET", `/kag/events?${query}`, headers);
    expect([status, body.details]).toMatchObject([400, [{ path }]]);
  }
});
