import type {
  Agent,
  Bot,
  Contact,
  Conversation,
  CustomAttribute,
  Inbox,
  Label,
  Message,
  Team,
  Webhook,
} from "#test/simulators/chatwoot/rows.ts";

export type Notice = { event: string; payload: Record<string, unknown> };
/** One account in memory. `verbs.ts` changes it, `query.ts` reads it; `version` moves with every change and is what lists are cached by. */
export type Store = {
  accountId: number;
  accountName: string;
  now: () => number;
  version: number;
  inboxes: Map<number, Inbox>;
  agents: Map<number, Agent>;
  bots: Map<number, Bot>;
  teams: Map<number, Team>;
  labels: Label[];
  customAttributes: CustomAttribute[];
  webhooks: Map<number, Webhook>;
  contacts: Map<number, Contact>;
  conversations: Map<number, Conversation>;
  messages: Map<number, Message>;
  next: { conversation: number; contact: number; message: number; attachment: number; webhook: number; label: number };
  lists: Map<string, { version: number; rows: readonly unknown[] }>;
  listeners: Set<(notice: Notice) => void>;
};

/** An account with nothing in it. `now` gives epoch seconds. */
export function empty(options: { accountId?: number; accountName?: string; now?: () => number } = {}): Store {
  return {
    accountId: options.accountId ?? 1,
    accountName: options.accountName ?? "Studio",
    now: options.now ?? (() => Date.now() / 1_000),
    version: 0,
    inboxes: new Map(),
    agents: new Map(),
    bots: new Map(),
    teams: new Map(),
    labels: [],
    customAttributes: [],
    webhooks: new Map(),
    contacts: new Map(),
    conversations: new Map(),
    messages: new Map(),
    next: { conversation: 1, contact: 1, message: 1, attachment: 1, webhook: 1, label: 1 },
    lists: new Map(),
    listeners: new Set(),
  };
}

/** Rows computed once per state of the store. */
export function cached<T>(store: Store, key: string, compute: () => readonly T[]): readonly T[] {
  const held = store.lists.get(key);
  if (held?.version === store.version) return held.rows as readonly T[];
  // Keys carry what clients send: a store that stands still must not keep every search ever made.
  if (store.lists.size > 200) store.lists.clear();
  const rows = compute();
  store.lists.set(key, { version: store.version, rows });
  return rows;
}

export function byTime(conversation: Conversation): readonly Message[] {
  if (conversation.byTime) return conversation.byTime;
  const { messages } = conversation;
  const inOrder = messages.every((message, n) => n === 0 || (messages[n - 1] as Message).created_at <= message.created_at);
  conversation.byTime = inOrder ? messages : messages.toSorted((a, b) => a.created_at - b.created_at || a.id - b.id);
  return conversation.byTime;
}

/** The conversation's row, and with it every list, is no longer what it was. */
export function changed(store: Store, conversation?: Conversation): void {
  store.version += 1;
  if (conversation) conversation.json = undefined;
}

export function inbox(store: Store, id: number): Inbox {
  return must(store.inboxes.get(id), `inbox ${id}`);
}
export function contact(store: Store, id: number): Contact {
  return must(store.contacts.get(id), `contact ${id}`);
}
export function conversation(store: Store, id: number): Conversation {
  return must(store.conversations.get(id), `conversation ${id}`);
}
export function message(store: Store, id: number): Message {
  return must(store.messages.get(id), `message ${id}`);
}

function must<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The simulated account has no ${what}.`);
  return found;
}

export function counts(store: Store): Record<string, number> {
  let attachments = 0;
  for (const one of store.messages.values()) attachments += one.attachments.length;
  return {
    inboxes: store.inboxes.size,
    agents: store.agents.size,
    teams: store.teams.size,
    labels: store.labels.length,
    contacts: store.contacts.size,
    conversations: store.conversations.size,
    messages: store.messages.size,
    attachments,
  };
}
