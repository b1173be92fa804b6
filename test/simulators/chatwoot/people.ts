import { announceContact } from "#test/simulators/chatwoot/notices.ts";
import type { Agent, Attributes, Contact, Inbox } from "#test/simulators/chatwoot/rows.ts";
import * as Store from "#test/simulators/chatwoot/store.ts";

type Account = Store.Store;
export type NewContact = {
  name: string;
  email?: string | null;
  phoneNumber?: string | null;
  identifier?: string | null;
  additionalAttributes?: Attributes;
  customAttributes?: Attributes;
  createdAt?: number;
};

export function addInbox(store: Account, given: Partial<Inbox> & { name: string }): Inbox {
  const id = given.id ?? store.inboxes.size + 1;
  const row: Inbox = { channelType: "Channel::WebWidget", email: null, timezone: "UTC", domain: "example.test", ...given, id };
  store.inboxes.set(id, row);
  Store.changed(store);
  return row;
}

/** Without `inboxIds` an agent is a member of no inbox, and so sees no conversation. */
export function addAgent(store: Account, given: Partial<Agent> & { name: string }): Agent {
  const id = given.id ?? store.agents.size + 1;
  const row: Agent = { email: `agent${id}@example.test`, role: "agent", inboxIds: [], teamIds: [], ...given, id };
  store.agents.set(id, row);
  Store.changed(store);
  return row;
}

export function createContact(store: Account, given: NewContact): Contact {
  const id = store.next.contact++;
  const row: Contact = {
    id,
    name: given.name,
    email: given.email ?? null,
    phone_number: given.phoneNumber ?? null,
    identifier: given.identifier ?? null,
    blocked: false,
    additional_attributes: given.additionalAttributes ?? {},
    custom_attributes: given.customAttributes ?? {},
    created_at: given.createdAt ?? store.now(),
    last_activity_at: null,
  };
  store.contacts.set(id, row);
  Store.changed(store);
  announceContact(store, "contact_created", row);
  return row;
}

export function editContact(
  store: Account,
  given: { id: number } & Partial<Omit<NewContact, "createdAt">> & { blocked?: boolean },
): Contact {
  const row = Store.contact(store, given.id);
  if (given.name !== undefined) row.name = given.name;
  if (given.email !== undefined) row.email = given.email;
  if (given.phoneNumber !== undefined) row.phone_number = given.phoneNumber;
  if (given.identifier !== undefined) row.identifier = given.identifier;
  if (given.blocked !== undefined) row.blocked = given.blocked;
  if (given.additionalAttributes !== undefined) row.additional_attributes = given.additionalAttributes;
  if (given.customAttributes !== undefined) row.custom_attributes = given.customAttributes;
  forgetRendered(store, row.id);
  announceContact(store, "contact_updated", row);
  return row;
}

/** contact_merge_action.rb: the mergee's conversations and messages go to the base contact, and the mergee is gone without a trace. */
export function mergeContacts(store: Account, given: { baseId: number; mergeeId: number }): Contact {
  const base = Store.contact(store, given.baseId);
  const mergee = Store.contact(store, given.mergeeId);
  base.email ??= mergee.email;
  base.phone_number ??= mergee.phone_number;
  base.identifier ??= mergee.identifier;
  base.custom_attributes = { ...mergee.custom_attributes, ...base.custom_attributes };
  base.additional_attributes = { ...mergee.additional_attributes, ...base.additional_attributes };
  for (const conversation of store.conversations.values()) {
    if (conversation.contactId === mergee.id) {
      // Each row is saved, so it counts as updated; nothing was said, so its last activity stays.
      conversation.contactId = base.id;
      conversation.updated_at = store.now();
    }
    for (const message of conversation.messages)
      if (message.senderType === "Contact" && message.senderId === mergee.id) message.senderId = base.id;
  }
  store.contacts.delete(mergee.id);
  forgetRendered(store, base.id);
  announceContact(store, "contact_updated", base);
  return base;
}

/** contacts_controller.rb destroy: the conversations go with the contact (`dependent: :destroy_async`). */
export function deleteContact(store: Account, given: { id: number }): void {
  for (const conversation of [...store.conversations.values()]) {
    if (conversation.contactId !== given.id) continue;
    for (const message of conversation.messages) store.messages.delete(message.id);
    store.conversations.delete(conversation.id);
  }
  store.contacts.delete(given.id);
  Store.changed(store);
}

function forgetRendered(store: Account, contactId: number): void {
  for (const conversation of store.conversations.values()) {
    if (conversation.contactId !== contactId) continue;
    conversation.json = undefined;
    for (const message of conversation.messages) message.json = undefined;
  }
  Store.changed(store);
}
