import * as Absence from "#core/connectors/absence.ts";
import * as Gone from "#core/connectors/chatwoot/absence.ts";
import * as Api from "#core/connectors/chatwoot/api.ts";
import * as Contacts from "#core/connectors/chatwoot/contacts.ts";
import { count, differences, measure } from "#core/connectors/chatwoot/measure.ts";
import * as Page from "#core/connectors/chatwoot/page.ts";
import { prune, strangers } from "#core/connectors/chatwoot/prune.ts";
import { retry } from "#core/connectors/chatwoot/retry.ts";
import * as Transform from "#core/connectors/chatwoot/transform.ts";
import { whose } from "#core/connectors/chatwoot/whose.ts";
import { type Connector, type Cursor, type SetAside, stream } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";

/** Rows move while pages are read and clocks differ: what is this much older than the watermark is read once more. */
const OVERLAP_SECONDS = 15 * 60;
const FULL_EVERY_MS = 7 * 86_400_000;

const epoch = (date: Date): number => Math.floor(date.getTime() / 1_000);
const number = (cursor: Cursor | undefined, key: string): number => Number(cursor?.[key] ?? 0);

const inboxes = stream<Transform.Inbox[]>({
  name: "inboxes",
  read: async (reading) => {
    const { items, setAside } = understandAll(await Api.inboxes(reading), Transform.inbox, "inbox");
    return { items, cursor: {}, done: true, setAside };
  },
  write: (reading, items) => Contacts.upsertInboxes(reading, items),
});

/**
 * Contacts by last activity, newest first, down to the watermark of the pass before. The list has no change stamp: an edit without activity is
 * found by the crawl, or with the contact's next conversation.
 */
const contacts = stream<Contacts.RoutedContact[]>({
  name: "contacts",
  read: async (reading, cursor) => {
    const page = number(cursor, "page") || 1;
    const floor = number(cursor, "watermark") - OVERLAP_SECONDS;
    const { rows } = await Api.contacts(reading, "-last_activity_at", page);
    const { items, setAside } = understandAll(rows, Transform.contact, "contact");
    const times = items.map((contact) => (contact.lastActivityAt ? epoch(contact.lastActivityAt) : 0));
    const newest = page === 1 ? Math.min(epoch(reading.now), Math.max(number(cursor, "watermark"), ...times)) : number(cursor, "newest");
    // Contacts that never were active come last, so a first pass reads to the end and a later one stops at the watermark.
    const older = number(cursor, "watermark") > 0 && times.some((time) => time < floor);
    const done = rows.length === 0 || older;
    return {
      items: await Contacts.route(reading, items),
      cursor: done ? { watermark: newest } : { watermark: number(cursor, "watermark"), newest, page: page + 1 },
      done,
      setAside,
    };
  },
  write: (reading, items) => Contacts.upsert(reading, items),
});

/** First every conversation in the order it was created, then, each cycle, what was active since the watermark. */
const conversations = stream<Page.Conversed>({
  name: "conversations",
  read: async (reading, cursor) => {
    const page = number(cursor, "page") || 1;
    const following = cursor?.phase === "follow";
    const { rows, total } = await Api.conversations(reading, following ? "last_activity_at_desc" : "created_at_asc", page);
    const { items, setAside } = await Page.take(reading, rows, "moved");
    if (!following) {
      const seen = number(cursor, "seen") + rows.length;
      const began = number(cursor, "began") || epoch(reading.now);
      if (rows.length > 0) return { items, cursor: { phase: "backfill", page: page + 1, seen, began }, done: false, setAside };
      refuseEarlyEnd(seen, total);
      // The second, short pass: what was active while the first one read.
      return { items, cursor: { phase: "follow", watermark: began }, done: false, setAside };
    }
    const watermark = number(cursor, "watermark");
    const times = rows.map((row) => Number(row?.last_activity_at ?? 0)).filter(Number.isFinite);
    // From the first page: a row that moves up while later pages are read is newer than this, and the next cycle sees it. Never ahead of our clock.
    const newest = page === 1 ? Math.min(epoch(reading.now), Math.max(watermark, ...times)) : number(cursor, "newest");
    // Newest first: what follows the first row that is older is older still.
    const done = rows.length === 0 || times.some((time) => time < watermark - OVERLAP_SECONDS);
    return {
      items,
      cursor: done ? { phase: "follow", watermark: newest } : { phase: "follow", watermark, newest, page: page + 1 },
      done,
      setAside,
    };
  },
  write: Page.write,
});

/** Every conversation by id, with the messages of the last days, or weekly (and when a person asks) all of them. */
const conversationsCrawl = stream<Page.Conversed & { stream: string }>({
  name: "conversations_crawl",
  read: async (reading, cursor) => {
    const page = number(cursor, "page") || 1;
    const lastFull = number(cursor, "last_full");
    const full = page === 1 ? reading.now.getTime() - lastFull >= FULL_EVERY_MS || reading.thorough : cursor?.full === true;
    const { rows, total } = await Api.conversations(reading, "created_at_asc", page);
    const { items, setAside } = await Page.take(reading, rows, full ? "all" : "recent");
    const seen = number(cursor, "seen") + rows.length;
    const done = rows.length === 0;
    if (done) refuseEarlyEnd(seen, total);
    return {
      items: { ...items, stream: "conversations_crawl" },
      cursor: done ? { last_full: full ? reading.now.getTime() : lastFull } : { page: page + 1, seen, full, last_full: lastFull },
      done,
      setAside,
    };
  },
  write: async (reading, items) => {
    await Absence.see(reading, items.stream, items.listed.map(String));
    const written = await Page.write(reading, items);
    const marked = await Gone.markMessages(reading, items.spans, items.messages);
    return { rows: written.rows + marked, events: written.events };
  },
  finish: async (reading) => {
    const gone = await Gone.conversations(reading, "conversations_crawl");
    await Absence.forget(reading, "conversations_crawl");
    return gone;
  },
});

const contactsCrawl = stream<{ routed: Contacts.RoutedContact[]; listed: number[] }>({
  name: "contacts_crawl",
  read: async (reading, cursor) => {
    const page = number(cursor, "page") || 1;
    const { rows, total } = await Api.contacts(reading, "name", page);
    const { items, setAside } = understandAll(rows, Transform.contact, "contact");
    const seen = number(cursor, "seen") + rows.length;
    const done = rows.length === 0;
    if (done) refuseEarlyEnd(seen, total);
    return {
      items: { routed: await Contacts.route(reading, items), listed: items.map((contact) => contact.contactId) },
      cursor: done ? {} : { page: page + 1, seen },
      done,
      setAside,
    };
  },
  write: async (reading, items) => {
    await Absence.see(reading, "contacts_crawl", items.listed.map(String));
    return Contacts.upsert(reading, items.routed);
  },
  finish: async (reading) => {
    const gone = await Gone.contacts(reading, "contacts_crawl");
    await Absence.forget(reading, "contacts_crawl");
    return { ...gone, rows: gone.rows + (await strangers(reading)) };
  },
});

export const chatwoot: Connector = {
  source: "chatwoot",
  cycle: [inboxes, contacts, conversations],
  crawl: [conversationsCrawl, contactsCrawl],
  retry,
  whose,
  prune,
  count,
  measure,
  differences,
};

function understandAll<T>(rows: readonly Api.Raw[], transform: (raw: Api.Raw) => T, kind: string): { items: T[]; setAside: SetAside[] } {
  const setAside: SetAside[] = [];
  const items = rows.flatMap((raw) => {
    try {
      return [transform(raw)];
    } catch (error) {
      setAside.push(Page.unreadable(error, `${kind}:${String(raw?.id ?? "?")}`, raw));
      return [];
    }
  });
  return { items, setAside };
}

/** An empty page ends a list, but not one that the server itself counts longer. */
function refuseEarlyEnd(seen: number, total: number | undefined): void {
  if (total === undefined || seen >= total) return;
  throw new SourceError("upstream", 200, { source: "chatwoot", problem: `the list ended after ${seen} of ${total} rows` });
}
