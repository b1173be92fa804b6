import { afterAll, afterEach, beforeAll, expect } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { faulty } from "#test/simulators/log.ts";
import { type World, world } from "#test/world.ts";

let database: TestDatabase;
let open: World[] = [];

/** For a test file that opens worlds: a database of its own, and after each test the worlds are closed and their requests were all the vendor's. */
export function worlds(): void {
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    Clock.reset();
    for (const one of open) {
      expect(faulty(one.sim.log)).toEqual([]);
      await one.sim.close();
    }
    open = [];
  });
  afterAll(() => database.close());
}

export async function start(...given: Parameters<typeof world>): Promise<World> {
  const made = await world(...given);
  open.push(made);
  return made;
}

/** A conversation with so many messages, an hour apart, the last one an hour ago. */
export function talk({ sim }: World, count: number, given: Partial<Verbs.NewConversation> = {}) {
  const { store } = sim;
  const now = Math.floor(store.now());
  const contact = People.createContact(store, { name: `Person ${store.next.contact}`, email: `p${store.next.contact}@client.test` });
  const inboxId = given.inboxId ?? [...store.inboxes.keys()][0] ?? 1;
  const row = Verbs.createConversation(store, { inboxId, contactId: contact.id, createdAt: now - (count + 1) * 3_600, ...given });
  for (let n = 0; n < count; n++) {
    const from = n % 2 ? ({ type: "User", id: 1 } as const) : ({ type: "Contact", id: row.contactId } as const);
    Verbs.addMessage(store, {
      conversationId: row.id,
      content: `message ${n} of ${row.id}`,
      type: n % 2 ? 1 : 0,
      from,
      createdAt: now - (count - n) * 3_600,
    });
  }
  return row;
}
/** The types of a project's Chatwoot events, in the order in which they were seen. */
export async function types(n: number, w: World): Promise<string[]> {
  const rows = await systemSql<{ eventType: string }[]>`
    select event_type from kag_event_log where project_id = ${w.projects[n] ?? ""} and source = 'chatwoot' order by id`;
  return rows.map((row) => row.eventType);
}
