import { uuid } from "#test/simulators/uuid.ts";

export type Scalar = string | number | boolean;
export type PropertyType = "string" | "number" | "boolean" | "date";
export type Property = { key: string; label: string; type: PropertyType };
export type MailingList = { id: string; name: string; description: string | null; isPublic: boolean };
export type Contact = {
  id: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  source: string;
  subscribed: boolean;
  userGroup: string;
  userId: string | null;
  notes: string | null;
  mailingLists: Record<string, true>;
  custom: Record<string, Scalar>;
  /** After a hard bounce or a complaint: nothing is sent to it any more. */
  suppressed: boolean;
};
export type Webhook = { id: string; url: string; secret: string };
export type Notice = { eventName: string; [key: string]: unknown };

/** One team's audience in memory. */
export type Store = {
  teamName: string;
  now: () => number;
  contacts: Map<string, Contact>;
  properties: Map<string, Property>;
  lists: Map<string, MailingList>;
  webhooks: Map<string, Webhook>;
  /** When suppressions were lifted, in epoch seconds. */
  removals: number[];
  next: number;
  listeners: Set<(notice: Notice) => void>;
};

/** An audience with no one in it. `now` gives epoch seconds. */
export function empty(options: { teamName?: string; now?: () => number } = {}): Store {
  return {
    teamName: options.teamName ?? "Studio",
    now: options.now ?? (() => Date.now() / 1_000),
    contacts: new Map(),
    properties: new Map(),
    lists: new Map(),
    webhooks: new Map(),
    removals: [],
    next: 1,
    listeners: new Set(),
  };
}

/** Ids look like the vendor's: "cm4ittmhq0011ow9h6fb460yw". */
export const newId = (store: Store, kind: string): string =>
  `cm${uuid(`${kind}:${store.next++}`)
    .replaceAll("-", "")
    .slice(0, 23)}`;

export function find(store: Store, by: { email?: string | undefined; userId?: string | undefined }): Contact | undefined {
  const email = by.email?.toLowerCase();
  const all = [...store.contacts.values()];
  return (
    all.find((one) => by.userId !== undefined && one.userId === by.userId) ?? all.find((one) => email !== undefined && one.email === email)
  );
}

export function counts(store: Store): Record<string, number> {
  const contacts = [...store.contacts.values()];
  return {
    contacts: contacts.length,
    subscribed: contacts.filter((one) => one.subscribed).length,
    suppressed: contacts.filter((one) => one.suppressed).length,
    properties: store.properties.size,
    lists: store.lists.size,
  };
}
