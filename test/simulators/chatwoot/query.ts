import { BEHAVIOUR } from "#test/simulators/chatwoot/behaviour.ts";
import type { Agent, Contact, Conversation, Inbox, Message } from "#test/simulators/chatwoot/rows.ts";
import { ACTIVITY, INCOMING, OUTGOING } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";
import { mix } from "#test/simulators/random.ts";

type Account = Store.Store;
export type Query = Readonly<Record<string, string>>;
/** Rails' to_i: the leading digits, and 0 when there are none. */
export const toI = (text: string | undefined): number => Number.parseInt(text ?? "", 10) || 0;
export const pageOf = (query: Query): number => Math.max(1, toI(query.page));
export const slice = <T>(rows: readonly T[], page: number, size: number): readonly T[] => rows.slice((page - 1) * size, page * size);

const PRIORITIES = ["low", "medium", "high", "urgent"];
const SORTS: Record<string, (row: Conversation) => number> = {
  last_activity_at: (row) => row.last_activity_at,
  created_at: (row) => row.created_at,
  priority: (row) => PRIORITIES.indexOf(row.priority ?? ""),
  waiting_since: (row) => row.waiting_since ?? 0,
};

/** An administrator sees all, an agent the conversations of its inboxes (Conversations::PermissionFilterService). */
export function sees(viewer: Agent, row: Conversation): boolean {
  return viewer.role === "administrator" || viewer.inboxIds.includes(row.inboxId);
}

export type Listed = { rows: readonly Conversation[]; counts: { mine: number; assigned: number; unassigned: number; all: number } };

/** conversation_finder.rb: counts are of the set before assignee_type is applied. */
export function conversations(store: Account, viewer: Agent, query: Query, labels: readonly string[]): Listed {
  const { status, sort_by, inbox_id, team_id, assignee_type, q } = query;
  const key = JSON.stringify(["conversations", viewer.id, status, sort_by, inbox_id, team_id, assignee_type, q, labels]);
  const [found] = Store.cached(store, key, () => {
    const wanted = (row: Conversation) =>
      sees(viewer, row) &&
      (status === "all" || q !== undefined || row.status === (status ?? BEHAVIOUR.status)) &&
      (inbox_id === undefined || row.inboxId === toI(inbox_id)) &&
      (team_id === undefined || row.teamId === toI(team_id)) &&
      (labels.length === 0 || labels.some((label) => row.labels.includes(label))) &&
      (q === undefined || says(row, q.toLowerCase()));
    const base = [...store.conversations.values()].filter(wanted);
    const all = base.length;
    const mine = base.filter((row) => row.assigneeId === viewer.id).length;
    const unassigned = base.filter((row) => row.assigneeId === null && row.botAssigneeId === null).length;
    const rows = sorted(assigned(base, viewer, assignee_type), sort_by);
    return [{ rows, counts: { mine, unassigned, assigned: all - unassigned, all } }];
  });
  return found as Listed;
}

function assigned(rows: Conversation[], viewer: Agent, type: string | undefined): Conversation[] {
  if (type === "me") return rows.filter((row) => row.assigneeId === viewer.id);
  if (type === "assigned") return rows.filter((row) => row.assigneeId !== null);
  if (type === "unassigned") return rows.filter((row) => row.assigneeId === null);
  return rows;
}

export function sorted(rows: readonly Conversation[], sortBy: string | undefined): Conversation[] {
  const known = sortBy?.match(/^(last_activity_at|created_at|priority|waiting_since)_(asc|desc)$/);
  const value = SORTS[known?.[1] ?? "last_activity_at"] as (row: Conversation) => number;
  const way = known?.[2] === "asc" ? 1 : -1;
  return rows.toSorted((a, b) => way * (value(a) - value(b)) || way * (a.id - b.id));
}

function says(row: Conversation, words: string): boolean {
  return row.messages.some(
    (one) => (one.message_type === INCOMING || one.message_type === OUTGOING) && one.content?.toLowerCase().includes(words),
  );
}

/** message_finder.rb, to the letter: the filter goes by id, the order and the limit by created_at. */
export function messages(conversation: Conversation, query: Query): readonly Message[] {
  const quiet = Boolean(query.filter_internal_messages);
  const ordered = Store.byTime(conversation);
  const rows = quiet ? ordered.filter((one) => !one.private && one.message_type !== ACTIVITY) : ordered;
  const { before, after } = { before: toI(query.before), after: toI(query.after) };
  if (query.after && query.before) return firstOf(rows, (one) => one.id >= after && one.id < before, BEHAVIOUR.messagesBetween);
  if (query.before) return rows.filter((one) => one.id < before).slice(-BEHAVIOUR.messagesLatest);
  if (query.after) return firstOf(rows, (one) => one.id > after, BEHAVIOUR.messagesAfter);
  if (query.before_timestamp) {
    const until = toI(query.before_timestamp);
    return rows.filter((one) => one.created_at < until).slice(-BEHAVIOUR.messagesLatest);
  }
  return rows.slice(-BEHAVIOUR.messagesLatest);
}

function firstOf(rows: readonly Message[], wanted: (row: Message) => boolean, limit: number): Message[] {
  const found: Message[] = [];
  for (const row of rows) {
    if (!wanted(row)) continue;
    found.push(row);
    if (found.length === limit) break;
  }
  return found;
}

/** Contact.resolved_contacts: somebody who can be named. Anonymous visitors are in no contact list. */
export const resolved = (row: Contact): boolean => Boolean(row.email || row.phone_number || row.identifier);

const BY: Record<string, (row: Contact) => string | number | null> = {
  name: (row) => row.name,
  email: (row) => row.email,
  phone_number: (row) => row.phone_number,
  last_activity_at: (row) => row.last_activity_at,
  created_at: (row) => row.created_at,
  company_name: (row) => text(row.additional_attributes.company_name),
  city: (row) => text(row.additional_attributes.city),
  country: (row) => text(row.additional_attributes.country),
};
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Without `sort` there is no ORDER BY: rows come as the table has them, and every write may move them. */
export function contacts(store: Account, name: string, wanted: (row: Contact) => boolean, sort: string | undefined): readonly Contact[] {
  return Store.cached(store, JSON.stringify(["contacts", name, sort]), () => {
    const rows = [...store.contacts.values()].filter(wanted);
    const value = BY[sort?.replace(/^-/, "") ?? ""];
    if (!value) return rows.toSorted((a, b) => mix(a.id, store.version) - mix(b.id, store.version));
    const way = sort?.startsWith("-") ? -1 : 1;
    return rows.toSorted((a, b) => nullsLast(value(a), value(b), way) || a.id - b.id);
  });
}

function nullsLast(a: string | number | null, b: string | number | null, way: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a === b ? 0 : a < b ? -way : way;
}

/** The inboxes each contact has written through. */
export function inboxesOf(store: Account): ReadonlyMap<number, Inbox[]> {
  const [found] = Store.cached(store, "inboxes-of", () => {
    const map = new Map<number, Inbox[]>();
    for (const row of store.conversations.values()) {
      const known = map.get(row.contactId) ?? [];
      const inbox = store.inboxes.get(row.inboxId);
      if (inbox && !known.includes(inbox)) known.push(inbox);
      map.set(row.contactId, known);
    }
    return [map];
  });
  return found as ReadonlyMap<number, Inbox[]>;
}
