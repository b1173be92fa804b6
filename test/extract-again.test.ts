import { beforeEach, describe, expect, test } from "vitest";
import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import { openai } from "#test/embedding.ts";
import { answer, asked, erase, extraction, index, PROMISE, run, say, told, w, write } from "#test/extraction.ts";
import { arm } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

extraction();
const SAID = "Sure, as we said on the phone: I will send the texts by Friday!";
beforeEach(() => {
  openai.world.answer = answer([PROMISE]);
});

/** Another run, an hour later, once the graph knows what changed. */
async function again() {
  await index();
  pass(3_600);
  return run();
}

const linear = (id: string, title: string) =>
  asOwner(async () => {
    const project = w.projects[0] ?? "";
    await sql`
      insert into linear_users_raw (project_id, connection_id, external_id, name, display_name, active, guest, first_seen_at, changed_at)
      values (${project}, ${w.connectionId}, 'u1', 'Ann', 'ann', true, false, now(), now()) on conflict do nothing`;
    await sql`
      insert into linear_documents_raw (project_id, connection_id, external_id, title, content, creator_external_id, created_at, updated_at, first_seen_at, changed_at)
      values (${project}, ${w.connectionId}, ${id}, ${title}, ${SAID}, 'u1', now(), now(), now(), now())`;
  });

describe("facts that went are read again when what they stood on is back:", () => {
  const ownWords = ["Ольга Летова promised Sends the texts."];

  test("a message that was deleted", async () => {
    await say([{ id: 1, text: SAID }]);
    await run();
    expect(await told()).toEqual(ownWords);
    await erase(1);
    expect(await told()).toEqual([]);
    await asOwner(() => sql`update cw_messages set deleted_at = null, content = ${SAID} where message_id = 1`);
    expect(await again()).toMatchObject({ counters: { parts: 1, facts: 1 } });
    expect(await told()).toEqual(ownWords);
  });

  test("a note that was made a message", async () => {
    await say([{ id: 1, text: SAID, private: true }]);
    await run();
    await asOwner(() => sql`update cw_messages set private = false where message_id = 1`);
    await again();
    expect(await told()).toEqual(ownWords);
  });

  test("a document of another name", async () => {
    await linear("d1", "Plan");
    await index();
    await run();
    expect(await told()).toEqual(["Ann promised Sends the texts."]);
    await asOwner(() => sql`update linear_documents_raw set title = 'Plan v2' where external_id = 'd1'`);
    await again();
    expect(await told()).toEqual(["Ann promised Sends the texts."]);
  });

  test("a contact that was merged into another, or only went for a while", async () => {
    await say([{ id: 1, text: SAID }]);
    await run();
    await asOwner(
      () => sql`
      insert into cw_contacts (project_id, connection_id, contact_id, name, first_seen_at, changed_at) values (${w.projects[0] ?? ""}, ${w.connectionId}, 2, 'O. Letova', now(), now())`,
    );
    await asOwner(() => sql`update cw_messages set sender_id = 2 where message_id = 1`);
    await asOwner(() => sql`update cw_contacts set deleted_at = now() where contact_id = 1`);
    await again();
    expect(await told()).toEqual(["O. Letova promised Sends the texts."]);
    await asOwner(() => sql`update cw_contacts set deleted_at = now() where contact_id = 2`);
    expect(await told()).toEqual([]);
    await asOwner(() => sql`update cw_contacts set deleted_at = null where contact_id = 2`);
    await again();
    expect(await told()).toEqual(["O. Letova promised Sends the texts."]);
    expect(await again()).toMatchObject({ counters: { parts: 0 } });
  });

  test("a source that was unbound", async () => {
    await say([{ id: 1, text: SAID }]);
    await run();
    // What the next read takes out of a project that is bound no more.
    for (const table of ["cw_messages", "cw_conversations", "cw_contacts"]) await asOwner(() => sql`delete from ${sql(table)}`);
    await index();
    expect(await told()).toEqual([]);
    await say([{ id: 1, text: SAID }]);
    await again();
    expect(await told()).toEqual(ownWords);
  });
});

test("a thread that the graph does not know yet waits, and costs nothing until it does", async () => {
  await linear("d1", "Plan");
  expect(await run()).toMatchObject({ counters: { parts: 0 } });
  expect(asked).toEqual([]);
  expect(await again()).toMatchObject({ counters: { parts: 1, facts: 1, refused: 0 } });
  expect(await told()).toEqual(["Ann promised Sends the texts."]);
});

test("a short thread is read whole", async () => {
  const threads = Array.from({ length: 12 }, (_, n) => n + 1);
  for (const thread of threads) {
    await write(
      Array.from({ length: 40 }, (_, n) => ({ id: thread * 100 + n, text: `Message ${n} says something about as long as this.` })),
      thread,
    );
  }
  await index();
  expect(await run()).toMatchObject({ counters: { parts: threads.length } });
  expect(asked.map(({ length }) => length)).toEqual(threads.map(() => 40));
});

test("an edit and a new message have only those parts of a long thread read again that they are in", async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => ({
    id: n + 1,
    text: `Message ${n} says something about as long as this${".".repeat(n % 37)}.`,
  }));
  await say(lines);
  const all = (await run()).counters.parts ?? 0;
  expect(all).toBeGreaterThan(10);
  expect(
    asked
      .flat()
      .map(({ text }) => text)
      .toSorted(),
  ).toEqual(lines.map(({ text }) => text).toSorted());
  expect(Math.max(...asked.map((part) => part.reduce((sum, { text }) => sum + text.length / 4, 0)))).toBeLessThan(3_100);
  const reads = async (change: () => Promise<unknown>) => {
    await change();
    return (await again()).counters.parts;
  };
  const edit = (id: number, more: string) => () =>
    asOwner(() => sql`update cw_messages set content = content || ${more} where message_id = ${id}`);
  expect(await reads(edit(1, " and sixty characters more of it, which an edit has added now"))).toBeLessThan(all / 2);
  expect(await reads(edit(1_000, "!".repeat(300)))).toBeLessThan(all / 2);
  expect(await reads(() => erase(500))).toBeLessThan(all / 2);
  expect(await reads(() => write([{ id: 2_001, text: "And one more at the end." }]))).toBe(1);
});

test("what is deleted while a run is at other parts is not sent to the model any more", async () => {
  await say([{ id: 1, text: SAID }], 1);
  await say([{ id: 2, text: "A newer thread, and so the one that is read first." }], 2);
  let gone: Promise<unknown> | undefined;
  arm(openai.faults, {
    kind: "hook",
    route: "POST chat/completions",
    run: () => {
      gone = erase(1);
    },
  });
  arm(openai.faults, { kind: "slow", ms: 1_000, route: "POST chat/completions" });
  expect(await run()).toMatchObject({ status: "ok", counters: { parts: 1, facts: 0 } });
  await gone;
  expect(asked.flat().map(({ text }) => text)).not.toContain(SAID);
});
