import fc from "fast-check";
import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { mirror, upstream } from "#test/mirror.ts";
import { holds } from "#test/property.ts";
import { remembered } from "#test/remembered.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { arm, disarm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import { fingerprint, pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
const CRAWL = "connectors_reconciliation_daily";
const TEXTS = [...Object.values(ODD_TEXTS), "Когда будет готово?", "Please approve the layout", ""];
worlds();

/** Something that happens upstream; `a` and `b` choose among what there is. Each may find nothing to happen to. */
const CHANGES: Record<string, (w: World, a: number, b: number) => void> = {
  talk: (w, a, b) => void talk(w, 1 + (a % 3), { inboxId: 1 + (b % 2) }),
  again: (w, a, b) => contact(w, a, (row) => void talk(w, 1, { contactId: row.id, inboxId: 1 + (b % 2) })),
  say: (w, a, b) =>
    conversation(w, a, (row) =>
      Verbs.addMessage(w.sim.store, {
        conversationId: row.id,
        content: TEXTS[b % TEXTS.length] ?? null,
        type: b % 2 ? 1 : 0,
        private: b % 5 === 1,
        from: b % 2 ? { type: "User", id: 1 } : { type: "Contact", id: row.contactId },
      }),
    ),
  edit: (w, a, b) => message(w, a, (row) => Verbs.editMessage(w.sim.store, { id: row.id, content: `${TEXTS[b % TEXTS.length]} ${b}` })),
  erase: (w, a) => message(w, a, (row) => Verbs.deleteMessage(w.sim.store, { id: row.id })),
  import: (w, a, b) =>
    conversation(w, a, (row) =>
      Verbs.importOldMessages(w.sim.store, {
        conversationId: row.id,
        messages: [
          { content: `old ${b}`, type: 0, from: { type: "Contact", id: row.contactId }, createdAt: w.sim.store.now() - 86_400 * (b % 40) },
        ],
      }),
    ),
  status: (w, a, b) =>
    conversation(w, a, (row) =>
      Verbs.setStatus(w.sim.store, { id: row.id, status: ["open", "resolved", "pending", "snoozed"][b % 4] ?? "open" }),
    ),
  label: (w, a, b) => conversation(w, a, (row) => Verbs.label(w.sim.store, { id: row.id, labels: b % 2 ? ["vip"] : [] })),
  assign: (w, a, b) => conversation(w, a, (row) => Verbs.assign(w.sim.store, { id: row.id, assigneeId: b % 2 ? 1 : null })),
  delete: (w, a) => conversation(w, a, (row) => Verbs.deleteConversation(w.sim.store, { id: row.id })),
  rename: (w, a, b) => contact(w, a, (row) => People.editContact(w.sim.store, { id: row.id, name: `Имя ${b}` })),
  merge: (w, a, b) =>
    contact(w, a, (base) =>
      contact(w, b, (other) => {
        if (base.id !== other.id) People.mergeContacts(w.sim.store, { baseId: base.id, mergeeId: other.id });
      }),
    ),
  forget: (w, a) => contact(w, a, (row) => People.deleteContact(w.sim.store, { id: row.id })),
};

/** What goes wrong with one of the next requests. */
const FAULTS: readonly Fault[] = [
  { kind: "status", status: 429 },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502, html: true },
  { kind: "status", status: 403 },
  { kind: "reset" },
  { kind: "truncate" },
  { kind: "bom" },
  { kind: "contentType", body: "<html>" },
  { kind: "duplicate" },
  { kind: "emptyPage" },
  { kind: "patch", row: 0, key: "created_at", value: "junk" },
  { kind: "patch", row: -1, key: "id", value: null },
];

const change = fc.record({ what: fc.constantFrom(...Object.keys(CHANGES)), a: fc.nat(50), b: fc.nat(50) });
const step = fc.oneof(
  { weight: 6, arbitrary: change.map((one) => ({ do: "change" as const, ...one })) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cycle" as const), seconds: fc.integer({ min: 1, max: 7_200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crawl" as const), seconds: fc.integer({ min: 60, max: 90_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("fault" as const), which: fc.nat(FAULTS.length - 1), nth: fc.integer({ min: 1, max: 8 }) }),
  },
  // Something that happens between two pages of the next read.
  { weight: 1, arbitrary: fc.record({ do: fc.constant("between" as const), nth: fc.integer({ min: 1, max: 8 }), change }) },
);

test("whatever happens upstream and on the way, two quiet passes later the mirror is the account, and then nothing is written", {
  timeout: 300_000,
}, async () => {
  await holds("chatwoot", fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    Clock.reset();
    const w = await start(2, { now: () => Clock.now(), pageSize: 3 });
    for (const name of ["Inbox", "Second"]) People.addInbox(w.sim.store, { name });
    People.addAgent(w.sim.store, { name: "Irina", inboxIds: [1] });
    for (let n = 0; n < 8; n++) talk(w, 1 + (n % 4), { inboxId: 1 + (n % 2) });
    await w.bind(0);
    await w.bind(1, { labels: ["vip"] });
    await w.run(CYCLE);
    for (const one of steps) {
      if (one.do === "change") CHANGES[one.what]?.(w, one.a, one.b);
      else if (one.do === "fault") arm(w.sim.faults, { ...(FAULTS[one.which] as Fault), nth: one.nth });
      else if (one.do === "between")
        arm(w.sim.faults, { kind: "hook", nth: one.nth, run: () => CHANGES[one.change.what]?.(w, one.change.a, one.change.b) });
      else {
        pass(one.seconds);
        await w.run(one.do === "cycle" ? CYCLE : CRAWL);
      }
    }
    disarm(w.sim.faults);
    await calm(w);
    expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
    await holdsItsOwn(w);
    const { kept, anew } = await remembered();
    expect(kept).toEqual(anew);
    const before = await fingerprint();
    // Short enough that hardly anybody has just been silent for four days.
    pass(60);
    await w.run(CYCLE);
    expect(await fingerprint()).toEqual(before);
  });
});

/** The second project: the conversations of its label, with whom they are, and whom a conversation that is gone upstream was with. */
async function holdsItsOwn(w: World): Promise<void> {
  const { contacts, ...held } = await mirror(w.scope(1));
  const { contacts: known, ...wanted } = upstream(w.sim.store, (row) => row.labels.includes("vip"), false);
  expect(held).toEqual(wanted);
  expect(contacts).toEqual(expect.arrayContaining(known));
  const strangers = await transaction(
    w.scope(1),
    () => sql`
      select c.contact_id from cw_contacts c where c.deleted_at is null
        and not exists (select from cw_conversations v where v.contact_id = c.contact_id and v.connection_id = c.connection_id and v.project_id = c.project_id)`,
  );
  expect(strangers).toEqual([]);
}

/** A quiet day or three: whatever backs off comes due, what was set aside is read again, and two complete passes are made. */
async function calm(w: World): Promise<void> {
  for (let day = 0; day < 3; day++) {
    pass(90_000);
    await w.run("connector_errors_retry", 0, "manual");
    expect((await w.run(CYCLE)).status).toBe("ok");
    expect((await w.run(CRAWL, 0, "manual")).status).toBe("ok");
  }
}

type Store = World["sim"]["store"];
const pick = <T>(rows: Iterable<T>, n: number): T | undefined => {
  const all = [...rows];
  return all[n % Math.max(1, all.length)];
};
function conversation(w: World, n: number, act: (row: Store["conversations"] extends Map<number, infer Row> ? Row : never) => void): void {
  const row = pick(w.sim.store.conversations.values(), n);
  if (row) act(row);
}
function message(w: World, n: number, act: (row: Store["messages"] extends Map<number, infer Row> ? Row : never) => void): void {
  const row = pick(w.sim.store.messages.values(), n);
  if (row) act(row);
}
function contact(w: World, n: number, act: (row: Store["contacts"] extends Map<number, infer Row> ? Row : never) => void): void {
  const row = pick(w.sim.store.contacts.values(), n);
  if (row) act(row);
}
