import type { Contact, Store } from "#test/simulators/loops/store.ts";

/** The description's webhooks: every event names its contact by all three of its ids. */
export function announce(store: Store, eventName: string, { id, email, userId }: Contact, more: Record<string, unknown> = {}): void {
  const base = { eventName, eventTime: Math.trunc(store.now()), webhookSchemaVersion: "1.0.0", contactIdentity: { id, email, userId } };
  for (const listener of store.listeners) listener({ ...base, ...more });
}
