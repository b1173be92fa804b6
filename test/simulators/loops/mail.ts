import { known } from "#test/simulators/loops/contacts.ts";
import { announce } from "#test/simulators/loops/notices.ts";
import * as Store from "#test/simulators/loops/store.ts";

/** What the people who get the mail do, and what their servers answer. */
type Account = Store.Store;
type By = { email?: string; userId?: string };

/** The link at the foot of a campaign: two events, of the e-mail and of the contact. */
export function unsubscribe(store: Account, by: By): Store.Contact {
  const contact = known(store, by);
  contact.subscribed = false;
  announce(store, "email.unsubscribed", contact, campaign(store));
  announce(store, "contact.unsubscribed", contact);
  return contact;
}

export function resubscribe(store: Account, by: By): Store.Contact {
  const contact = known(store, by);
  contact.subscribed = true;
  announce(store, "email.resubscribed", contact, campaign(store));
  return contact;
}

/** From one mailing list; the contact stays in the audience. */
export function leaveList(store: Account, given: By & { list: string }): Store.Contact {
  const { list, ...by } = given;
  const contact = known(store, by);
  delete contact.mailingLists[list];
  announce(store, "contact.mailingList.unsubscribed", contact, { mailingList: store.lists.get(list) });
  return contact;
}

/** The mailbox is not there: suppressed, and out of the audience. */
export function hardBounce(store: Account, by: By): Store.Contact {
  return drop(store, "email.hardBounced", by);
}

export function reportSpam(store: Account, by: By): Store.Contact {
  return drop(store, "email.spamReported", by);
}

/** Passes by itself: nothing about the contact changes. */
export function softBounce(store: Account, by: By): Store.Contact {
  const contact = known(store, by);
  announce(store, "email.softBounced", contact, campaign(store));
  return contact;
}

function drop(store: Account, event: string, by: By): Store.Contact {
  const contact = known(store, by);
  Object.assign(contact, { subscribed: false, suppressed: true });
  announce(store, event, contact, campaign(store));
  announce(store, "contact.unsubscribed", contact);
  return contact;
}

function campaign(store: Account): Record<string, unknown> {
  const email = { id: Store.newId(store, "email"), emailMessageId: Store.newId(store, "message"), subject: "What we built in spring" };
  return { sourceType: "campaign", campaignId: Store.newId(store, "campaign"), email };
}
