import type * as Api from "#core/connectors/chatwoot/api.ts";
import * as Contacts from "#core/connectors/chatwoot/contacts.ts";
import * as Conversations from "#core/connectors/chatwoot/conversations.ts";
import { type Coverable, covers, routes } from "#core/connectors/chatwoot/coverage.ts";
import * as Messages from "#core/connectors/chatwoot/messages.ts";
import { strangers } from "#core/connectors/chatwoot/prune.ts";
import * as Transform from "#core/connectors/chatwoot/transform.ts";
import { atOnce, messages as readMessages } from "#core/connectors/chatwoot/windows.ts";
import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";
import { transaction } from "#core/db.ts";

/** How far back a conversation that moved is read again for edits and deletions, and how far back the nightly crawl looks. */
export const LOOKBACK_DAYS = 14;
const AT_ONCE = 4;
// More failing conversations than this on one page is an upstream that is down, not a few bad rows.
const MAX_FAILING = 3;

/** A conversation whose messages were read whole from this id on. */
export type Span = { conversationId: number; from: number };
/** A page of conversations with the messages read for them. `listed` names every row of the page, covered or not; `spans` what was read of each. */
export type Conversed = {
  listed: number[];
  contacts: Contacts.RoutedContact[];
  conversations: Conversations.RoutedConversation[];
  messages: Transform.Message[];
  attachments: Transform.Attachment[];
  spans: Span[];
};
/** Where to read a conversation's messages from: what moved only, the last days of all, or everything. */
export type Depth = "moved" | "recent" | "all";
export type Taken = { items: Conversed; setAside: SetAside[] };

type Routed = { conversation: Transform.Conversation; contact: Transform.Contact | undefined; projects: string[] };

/** Reads what a page of conversation rows asks for: routes each row, and fetches the messages that may be missing or changed. */
export async function take(reading: Reading, rows: readonly Api.Raw[], depth: Depth): Promise<Taken> {
  const setAside: SetAside[] = [];
  const listed: number[] = [];
  const byConversation = new Map<number, Routed>();
  for (const raw of rows) {
    try {
      const one = { conversation: Transform.conversation(raw), contact: Transform.senderOf(raw) };
      listed.push(one.conversation.conversationId);
      const row: Coverable = { inboxId: one.conversation.inboxId, labels: one.conversation.labels, company: one.contact?.company ?? null };
      const projects = routes(reading.bindings, (binding) => covers(binding, row));
      // A page may repeat a row that moved while it was made.
      if (projects.length > 0) byConversation.set(one.conversation.conversationId, { ...one, projects });
    } catch (error) {
      setAside.push(unreadable(error, `conversation:${String(raw?.id ?? "?")}`, raw));
    }
  }
  const routed = [...byConversation.values()];
  const items: Conversed = {
    listed,
    contacts: routed.flatMap(({ contact, projects }) => (contact ? [{ contact, projects }] : [])),
    conversations: [],
    messages: [],
    attachments: [],
    spans: [],
  };
  const starts = await startOf(reading, routed, depth);
  let failing = 0;
  await atOnce(routed, AT_ONCE, async ({ conversation, projects }) => {
    const from = starts.get(conversation.conversationId);
    if (from === undefined || conversation.lastMessageId === 0) {
      items.conversations.push({ conversation, projects, completeThrough: 0 });
      return;
    }
    try {
      const raws = await readMessages(reading, conversation.conversationId, from);
      for (const raw of raws) understand(raw, conversation.conversationId, items, setAside);
      const through = raws.reduce((highest, raw) => Math.max(highest, Number(raw?.id) || 0), conversation.lastMessageId);
      items.conversations.push({ conversation, projects, completeThrough: through });
      items.spans.push({ conversationId: conversation.conversationId, from });
    } catch (error) {
      if (!(error instanceof SourceError) || error.kind !== "upstream" || ++failing > MAX_FAILING) throw error;
      items.conversations.push({ conversation, projects, completeThrough: 0 });
      setAside.push({ recordRef: `conversation:${conversation.conversationId}`, kind: "upstream", message: error.message, payload: null });
    }
  });
  return { items, setAside };
}

/** Writes a page, in the order in which the rows depend on each other. */
export async function write(reading: Reading, items: Conversed): Promise<Written> {
  const pairs = items.conversations.flatMap(({ conversation, projects }) =>
    projects.map((projectId) => ({ conversationId: conversation.conversationId, projectId })),
  );
  // Sent one after the other without waiting: one connection runs them in this order.
  const [contacts, conversations, messages, dropped] = await Promise.all([
    Contacts.upsert(reading, items.contacts),
    Conversations.upsert(reading, items.conversations),
    Messages.upsert(reading, items.messages, items.attachments, pairs),
    Conversations.dropUnrouted(reading, items.listed, pairs),
  ]);
  // With whom the last conversation left goes along.
  const left = dropped > 0 ? await strangers(reading) : 0;
  return {
    rows: contacts.rows + conversations.rows + messages.rows + dropped + left,
    events: contacts.events + conversations.events + messages.events,
  };
}

/** The message id to read each conversation from; no entry when nothing of it can have changed. */
async function startOf(reading: Reading, routed: readonly Routed[], depth: Depth): Promise<Map<number, number>> {
  const ids = routed.map((one) => one.conversation.conversationId);
  if (ids.length === 0) return new Map();
  if (depth === "all") return new Map(ids.map((id) => [id, 0]));
  const stored = Map.groupBy(await transaction(reading.scope, () => Conversations.marks(reading, ids)), (mark) => mark.conversationId);
  const behind = new Map<number, number>();
  for (const { conversation, projects } of routed) {
    const marks = (stored.get(conversation.conversationId) ?? []).filter((mark) => projects.includes(mark.projectId));
    const through = marks.length < projects.length ? 0 : Math.min(...marks.map((mark) => mark.completeThrough));
    const moved =
      through < conversation.lastMessageId || marks.some((mark) => mark.updatedAt?.getTime() !== conversation.updatedAt?.getTime());
    if (moved || depth === "recent") behind.set(conversation.conversationId, through === 0 ? 0 : through + 1);
  }
  const again = [...behind].filter(([, from]) => from > 0).map(([id]) => id);
  if (again.length === 0) return behind;
  const since = new Date(reading.now.getTime() - LOOKBACK_DAYS * 86_400_000);
  const lowest = await transaction(reading.scope, () => Conversations.lowestSince(reading, again, since));
  for (const [id, from] of lowest) behind.set(id, Math.min(from, behind.get(id) ?? from));
  return behind;
}

function understand(raw: Api.Raw, conversationId: number, items: Conversed, setAside: SetAside[]): void {
  try {
    const { message, attachments } = Transform.message(raw, conversationId);
    items.messages.push(message);
    items.attachments.push(...attachments);
  } catch (error) {
    setAside.push(unreadable(error, `message:${conversationId}:${String(raw?.id ?? "?")}`, raw));
  }
}

/** A record its transform could not read, to be kept; anything else is a fault of ours and is thrown on. */
export function unreadable(error: unknown, recordRef: string, payload: unknown): SetAside {
  if (!(error instanceof Transform.Unreadable) && !(error instanceof TypeError)) throw error;
  return { recordRef: recordRef.slice(0, 200), kind: "invalid_data", message: error.message, payload };
}
