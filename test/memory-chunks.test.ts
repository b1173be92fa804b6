import fc from "fast-check";
import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import { sql, transaction } from "#core/db.ts";
import type { JobName } from "#core/jobs/catalogue.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { asOwner } from "#test/database.ts";
import { whereabouts } from "#test/dump.ts";
import { holds } from "#test/property.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm } from "#test/simulators/faults.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const LONG = `${"Первое предложение о сроках. ".repeat(40)}\n\n${"A sentence about money. ".repeat(60)}${"x".repeat(1_500)}`;
worlds();

type Chunk = { sourceRef: string; threadRef: string; ord: number; text: string; private: boolean; authorSide: string; language: string };

const squeezed = (text: string): string => text.replace(/\s+/gu, "");

/** Every message that says something, by its reference, as the mirror of project `n` has it now; written once more, independently of the product. */
async function said(w: World, n: number) {
  const rows = await asOwner(
    () => sql<
      {
        ref: string;
        thread: string;
        ord: number;
        content: string | null;
        private: boolean;
        messageType: string;
        senderType: string | null;
        deletedAt: Date | null;
      }[]
    >`
      select 'cwmsg:' || connection_id || ':' || message_id as ref, 'cw:' || connection_id || ':' || conversation_id as thread, message_id as ord, content, private,
        message_type, sender_type, deleted_at from cw_messages where project_id = ${w.projects[n] ?? ""}`,
  );
  return new Map(
    rows.flatMap((row) => {
      const text = row.content?.trim() ?? "";
      if (row.deletedAt || row.messageType === "activity" || text === "") return [];
      const side = row.senderType === "contact" ? "client" : row.senderType === "user" ? "team" : "system";
      return [[row.ref, { text, thread: row.thread, ord: row.ord, private: row.private, side }] as const];
    }),
  );
}

async function chunks(w: World, n: number): Promise<Chunk[]> {
  return asOwner(
    () => sql<Chunk[]>`
      select source_ref, thread_ref, ord, text, private, author_side, language from rag_chunks where project_id = ${w.projects[n] ?? ""}
      order by source_ref, chunk_index`,
  );
}

/** The chunks of both projects are what their messages say, and the postings are those of the chunks that are indexed. */
async function agree(w: World): Promise<void> {
  for (const n of [0, 1]) {
    const wanted = await said(w, n);
    const bySource = Map.groupBy(await chunks(w, n), (chunk) => chunk.sourceRef);
    expect([...bySource.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
    for (const [ref, message] of wanted) {
      const parts = bySource.get(ref) ?? [];
      expect(squeezed(parts.map((part) => part.text).join(""))).toBe(squeezed(message.text));
      for (const part of parts) {
        expect(message.text).toContain(part.text);
        expect([part.text.length <= 1_200, part.threadRef, part.ord, part.private, part.authorSide]).toEqual([
          true,
          message.thread,
          message.ord,
          message.private,
          message.side,
        ]);
      }
    }
  }
  const [postings] = await asOwner(
    () => sql<{ stray: number; missing: number }[]>`
      with words as (select project_id, chunk_no, lexeme from rag_chunks cross join lateral unnest(words))
      select (select count(*) from rag_postings p where not exists (select from words w where (w.project_id, w.chunk_no, w.lexeme) = (p.project_id, p.chunk_no, p.term))) as stray,
        (select count(*) from words w where not exists (select from rag_postings p where (w.project_id, w.chunk_no, w.lexeme) = (p.project_id, p.chunk_no, p.term))) as missing`,
  );
  expect(postings).toEqual({ stray: 0, missing: 0 });
}

type Store = World["sim"]["store"];
type Message = Store["messages"] extends Map<number, infer Row> ? Row : never;
const pick = <T>(rows: Iterable<T>, n: number): T | undefined => {
  const all = [...rows];
  return all[n % Math.max(1, all.length)];
};
const message = (w: World, n: number, act: (row: Message) => void): void => {
  const row = pick(w.sim.store.messages.values(), n);
  if (row) act(row);
};
const TEXTS = [
  "Когда будет готово ABC-12?",
  "Please approve the layout",
  "  ",
  "",
  LONG,
  "Ещё раз: 1 200 000 ₸",
  "ok 👍🏽",
  "# Plan\n## Dates\nsoon",
];

const CHANGES: Record<string, (w: World, a: number, b: number) => void> = {
  talk: (w, a) => void talk(w, 1 + (a % 3)),
  say: (w, a, b) => {
    const row = pick(w.sim.store.conversations.values(), a);
    if (!row) return;
    const from = b % 2 ? ({ type: "User", id: 1 } as const) : ({ type: "Contact", id: row.contactId } as const);
    Verbs.addMessage(w.sim.store, {
      conversationId: row.id,
      content: TEXTS[b % TEXTS.length] ?? null,
      type: b % 2 ? 1 : 0,
      private: b % 3 === 1,
      from,
    });
  },
  edit: (w, a, b) => message(w, a, ({ id }) => Verbs.editMessage(w.sim.store, { id, content: `${TEXTS[b % TEXTS.length]} ${b}` })),
  erase: (w, a) => message(w, a, ({ id }) => Verbs.deleteMessage(w.sim.store, { id })),
  restore: (w, a, b) => message(w, a, ({ id }) => Verbs.editMessage(w.sim.store, { id, content: `back ${b}`, contentAttributes: {} })),
  reveal: (w, a) =>
    message(w, a, (row) => {
      row.private = !row.private;
      Verbs.editMessage(w.sim.store, { id: row.id });
    }),
  status: (w, a, b) => {
    const row = pick(w.sim.store.conversations.values(), a);
    if (row) Verbs.setStatus(w.sim.store, { id: row.id, status: b % 2 ? "open" : "resolved" });
  },
  delete: (w, a) => {
    const row = pick(w.sim.store.conversations.values(), a);
    if (row) Verbs.deleteConversation(w.sim.store, { id: row.id });
  },
};

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      what: fc.constantFrom(...Object.keys(CHANGES)),
      a: fc.nat(50),
      b: fc.nat(50),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cycle" as const), seconds: fc.integer({ min: 1, max: 7_200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crawl" as const), seconds: fc.integer({ min: 60, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("index" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("bind" as const),
      n: fc.nat(1),
      inbox: fc.constantFrom<(number[] | undefined)[]>([], [1], [2], undefined),
    }),
  },
);

test("whatever is said, changed, deleted, restored and unbound, after every step the chunks are what the messages say", {
  timeout: 300_000,
}, async () => {
  await holds("chunks", fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    Clock.reset();
    const w = await start(2, { now: () => Clock.now(), pageSize: 3 });
    for (const name of ["First", "Second"]) People.addInbox(w.sim.store, { name });
    People.addAgent(w.sim.store, { name: "Irina", inboxIds: [1, 2] });
    for (let n = 0; n < 6; n++) talk(w, 1 + (n % 4), { inboxId: 1 + (n % 2) });
    await w.bind(0);
    await w.run(CYCLE);
    await agree(w);
    for (const one of steps) {
      if (one.do === "change") CHANGES[one.what]?.(w, one.a, one.b);
      else if (one.do === "index") await run(w, "memory_index");
      else if (one.do === "bind") await bind(w, one.n, one.inbox);
      else {
        pass(one.seconds);
        await run(w, one.do === "cycle" ? CYCLE : CRAWL);
      }
      if (one.do !== "change") await agree(w);
    }
    pass(7_200);
    await run(w, CYCLE);
    await agree(w);
  });
});

/** A run of every project that has a source. */
async function run(w: World, job: JobName): Promise<void> {
  for (const n of [0, 1]) if ((await Binding.all(w.scope(n))).length > 0) expect((await w.run(job, n)).status).toBe("ok");
}

async function bind(w: World, n: number, inboxIds: number[] | undefined): Promise<void> {
  const scope = w.scope(n);
  const drafts = inboxIds ? [{ ...Binding.whole(w.connectionId), inboxIds }] : [];
  await transaction(scope, () => Binding.replace(scope, drafts, "test"));
}

test("a deleted message's text is nowhere in the database, nor is what an edited one said before", async () => {
  const w = await start(1, { now: () => Clock.now() });
  People.addInbox(w.sim.store, { name: "Inbox" });
  const agent = People.addAgent(w.sim.store, { name: "Irina", inboxIds: [1] });
  const row = talk(w, 6);
  const say = (content: string, given: Partial<Parameters<typeof Verbs.addMessage>[1]> = {}) =>
    Verbs.addMessage(w.sim.store, { conversationId: row.id, content, type: 1, from: { type: "User", id: agent.id }, ...given });
  const doomed = say("The qzx11 budget is 12,000, wrote qzx11@oakline.io about QZX11-17");
  const edited = say("Before it was qzx12");
  const unread = say("Nobody could read qzx14");
  const other = talk(w, 2);
  Verbs.addMessage(w.sim.store, {
    conversationId: other.id,
    content: "All of qzx13 goes",
    type: 0,
    from: { type: "Contact", id: other.contactId },
  });
  arm(w.sim.faults, {
    kind: "patch",
    route: "GET conversations/:id/messages",
    path: `conversations/${row.id}/`,
    row: -1,
    key: "created_at",
    value: "junk",
    times: 0,
  });
  await w.bind(0);
  await w.run(CYCLE);
  expect(await w.run("memory_index")).toMatchObject({ status: "ok" });
  for (const word of ["qzx11", "qzx12", "qzx13"]) expect(await whereabouts(word)).toContain("rag_postings.term");
  expect(await whereabouts("Irina")).toContain("cw_messages.sender_name");

  Verbs.deleteMessage(w.sim.store, { id: doomed.id });
  Verbs.editMessage(w.sim.store, { id: edited.id, content: "After it is not" });
  Verbs.deleteMessage(w.sim.store, { id: unread.id });
  Verbs.deleteConversation(w.sim.store, { id: other.id });
  for (let day = 0; day < 3; day++) {
    pass(90_000);
    await w.run(CYCLE);
    await w.run(CRAWL, 0, "manual");
  }
  expect(await whereabouts(unread.id.toString())).toContain("connector_errors.record_ref");
  disarm(w.sim.faults);
  for (const word of ["qzx11", "qzx12", "qzx13", "qzx14"]) expect(await whereabouts(word)).toEqual([]);
});
