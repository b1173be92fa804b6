import { expect, test } from "vitest";
import * as Binding from "#core/connectors/binding.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { connect, deliveries, hints, receiving, runs, SOURCES, send } from "#test/deliveries.ts";
import * as People from "#test/simulators/chatwoot/people.ts";

worlds();

test.each([
  ["chatwoot", "conversations", "conversation:5"],
  ["linear", "issues", "issue:3c5a8d2e-issue"],
  ["attio", "notes_sweep", "note:n-1"],
] as const)(
  "%s: a signed delivery becomes a hint and one run that a webhook asked for; its text is kept nowhere",
  async (source, stream, recordRef) => {
    const { id } = await receiving(source);
    const answered = await send(source, id);
    expect(answered).toMatchObject({ status: 200, body: { ok: true } });
    expect(await hints()).toEqual([{ stream, recordRef }]);
    expect(await runs()).toEqual([{ status: "queued", trigger: "webhook" }]);
    const [kept] = await asOwner(
      () =>
        sql<
          { all: string }[]
        >`select (select json_agg(d)::text from webhook_deliveries d) || (select json_agg(h)::text from connector_hints h) as all`,
    );
    expect(kept?.all).not.toMatch(/Добрый|каталог/);
  },
);

test.each(SOURCES)("%s: unknown events, what is no JSON and what names nothing are taken and ignored", async (source) => {
  const { id } = await receiving(source);
  const odd = [
    { event: "galaxy_discovered", type: "Galaxy", action: "align", events: [{ event_type: "galaxy.discovered", id: {} }] },
    { event: "message_created", conversation: { id: "5; drop table" }, type: "Issue", action: "x", data: { id: { a: 1 } }, events: "none" },
    { event: "\0", type: "\0", events: [{ event_type: "\0" }, null, 7] },
    ...(source === "linear" ? [] : ["not json", "", "[]", "null"]),
  ];
  for (const body of odd) expect((await send(source, id, { body })).status, JSON.stringify(body)).toBe(200);
  expect((await deliveries()).map((one) => one.outcome)).toEqual(odd.map(() => "ignored"));
  expect([await hints(), await runs()]).toEqual([[], []]);
});

test("a connection that feeds no living project takes its deliveries and asks for nothing", async () => {
  const { w, id } = await receiving("chatwoot");
  await systemSql`update projects set status = 'paused' where id = ${w.projects[0] ?? ""}`;
  expect((await send("chatwoot", id)).status).toBe(200);
  expect([await deliveries(), await hints(), await runs()]).toEqual([[{ event: "message_created", outcome: "ignored" }], [], []]);
});

test("each kind of event names the record that is read again", async () => {
  const { id } = await receiving("linear");
  const linear = (type: string, data: object) => send("linear", id, { body: { type, action: "create", data } });
  await linear("Comment", { id: "c", issueId: "i-1" });
  await linear("Comment", { id: "c", issue: { id: "i-2" } });
  await linear("Reaction", { id: "r", issueId: "i-1" });
  await linear("Attachment", { id: "a", issueId: "i-3" });
  await linear("Project", { id: "p-1" });
  await linear("ProjectUpdate", { id: "u", projectId: "p-2" });
  await linear("Document", { id: "d-1" });
  await linear("Comment", { id: "c-9", documentContentId: "dc" });
  await linear("Cycle", { id: "cy-1" });
  await linear("User", { id: "u-1" });
  await linear("IssueLabel", { id: "x" });
  const refs = [
    "comment:c-9",
    "cycle:cy-1",
    "document:d-1",
    "issue:i-1",
    "issue:i-2",
    "issue:i-3",
    "project:p-1",
    "project:p-2",
    "user:u-1",
  ];
  expect((await hints()).map((hint) => hint.recordRef).toSorted()).toEqual(refs);
  // Errors of what is read again belong to the stream that would have read it.
  const streams = [...new Set((await hints()).map((hint) => hint.stream))];
  expect((await connectorOf("linear")).cycle.map((stream) => stream.name)).toEqual(expect.arrayContaining(streams));
});

test("Attio's events hold ids only: a record of a known object is asked for as what it is, one of an unknown object as what it may be", async () => {
  const { w, id } = await receiving("attio");
  const record = (event_type: string, object_id: string, record_id: string, more = {}) => ({
    event_type,
    id: { workspace_id: "w", object_id, record_id },
    ...more,
  });
  const post = (...events: object[]) => send("attio", id, { body: { webhook_id: "w", events } });
  await post(record("record.created", "o-1", "r-1"));
  expect((await hints()).map((hint) => hint.recordRef)).toEqual(["company:r-1", "deal:r-1", "person:r-1"]);
  await asOwner(async () => {
    await sql`truncate connector_hints`;
    await sql`
      insert into connector_sync_state (connection_id, account_scope_id, stream, cursor, updated_at)
      values (${id}, ${w.accountScopeId}, 'workspace', '{"object:o-1": "people", "object:o-2": "deals", "object:o-3": "users"}', now())`;
  });
  await post(
    record("record.updated", "o-1", "r-1", { attribute_id: "a" }),
    record("record.updated", "o-1", "r-1"),
    record("record.merged", "o-2", "r-2", { duplicate_object_id: "o-2", duplicate_record_id: "r-3" }),
    record("record.deleted", "o-3", "r-4"),
    { event_type: "task.updated", id: { task_id: "t-1" } },
    { event_type: "note-content.updated", id: { note_id: "n-1" } },
    { event_type: "list-entry.created", id: { list_id: "l", entry_id: "e" }, parent_object_id: "o-2", parent_record_id: "r-5" },
  );
  const streams = [...new Set((await hints()).map((hint) => hint.stream))];
  expect((await connectorOf("attio")).cycle.map((stream) => stream.name)).toEqual(expect.arrayContaining(streams));
  const refs = ["deal:r-2", "deal:r-3", "deal:r-5", "entry:l:e", "note:n-1", "person:r-1", "task:t-1"];
  expect((await hints()).map((hint) => hint.recordRef).toSorted()).toEqual(refs);
});

test("deliveries out of order end with what the source holds", async () => {
  const w = await start(1);
  const id = await connect(w, "chatwoot");
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  const row = talk(w, 3);
  const body = { event: "conversation_updated", id: row.id, status: "a lie" };
  const late = { event: "message_created", id: 1, content: "a lie too", conversation: { id: row.id } };
  const gone = { event: "conversation_created", id: 404_404 };
  for (const one of [late, body, gone]) await send("chatwoot", id, { body: one });
  await w.work();
  const stored = await transaction(w.scope(0), () => sql`select content from cw_messages order by message_id`);
  expect(stored).toEqual(row.messages.map((message) => ({ content: message.content })));
  expect([await hints(), (await runs()).map((run) => run.status)]).toEqual([[], ["ok"]]);
});

test("a contact that a project knows from a conversation only is kept up to date, and goes nowhere else", async () => {
  const w = await start(2);
  const id = await connect(w, "chatwoot");
  const inbox = People.addInbox(w.sim.store, { name: "Second" });
  const bind = (n: number, inboxIds: number[]) =>
    transaction(w.scope(n), () => Binding.replace(w.scope(n), [{ ...Binding.whole(id), inboxIds }], "test"));
  await bind(0, [inbox.id]);
  await bind(1, [1]);
  const row = talk(w, 1, { inboxId: inbox.id });
  await w.run("connectors_sync_cycle");
  People.editContact(w.sim.store, { id: row.contactId, name: "Мария" });
  await send("chatwoot", id, { body: { event: "contact_updated", id: row.contactId } });
  await w.work();
  const names = (n: number) => transaction(w.scope(n), () => sql`select name from cw_contacts`);
  expect([await names(0), await names(1)]).toEqual([[{ name: "Мария" }], []]);
});

test("a storm of a thousand deliveries is answered in time and makes few runs", async () => {
  const w = await start(1);
  const id = await connect(w, "chatwoot");
  await transaction(w.scope(0), () => Binding.replace(w.scope(0), [Binding.whole(id)], "test"));
  const rows = Array.from({ length: 10 }, () => talk(w, 2));
  const times: number[] = [];
  let next = 0;
  let done = false;
  const lane = async () => {
    for (let n = next++; n < 1_000; n = next++) {
      const began = performance.now();
      expect(
        (await send("chatwoot", id, { body: { event: "message_created", id: n, conversation: { id: rows[n % 10]?.id } } })).status,
      ).toBe(200);
      times.push(performance.now() - began);
    }
  };
  const working = (async () => {
    while (!done) {
      await w.work();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await w.work();
  })();
  await Promise.all(Array.from({ length: 8 }, lane));
  done = true;
  await working;
  const median = times.toSorted((a, b) => a - b)[500] ?? Number.NaN;
  const made = await runs();
  process.stdout.write(`1,000 deliveries: median ${median.toFixed(0)} ms, ${made.length} runs\n`);
  expect(median).toBeLessThan(200);
  expect(made.length).toBeLessThan(50);
  expect(made.every((run) => run.status === "ok")).toBe(true);
  expect(await hints()).toEqual([]);
}, 60_000);
