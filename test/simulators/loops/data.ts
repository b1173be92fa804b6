import { CLIENTS, NAMES } from "#test/simulators/cast.ts";
import * as Contacts from "#test/simulators/loops/contacts.ts";
import type { Store } from "#test/simulators/loops/store.ts";
import { drawing } from "#test/simulators/random.ts";

export type Size = "small" | "large";
export const SIZES = { small: 40, large: 1_000 } as const;

/** The demo's audience: the clients' contacts and people who once left their address. A pure function of the seed and the size. */
export function fill(store: Store, given: { size: Size; seed: number }): void {
  const draw = drawing(given.seed);
  settings(store);
  const [news, clients] = [...store.lists.keys()] as [string, string];
  for (const client of CLIENTS)
    for (const { name, email } of client.contacts) {
      const [firstName = "", ...rest] = name.split(" ");
      const custom = { company: client.company, isClient: true, healthScore: 40 + draw.below(60) };
      const mailingLists = { [clients]: true, ...(draw.chance(0.5) ? { [news]: true } : {}) };
      Contacts.createContact(store, { email, firstName, lastName: rest.join(" "), userGroup: "client", ...custom, mailingLists });
    }
  for (let n = store.contacts.size; n < SIZES[given.size]; n++) {
    const { first, last } = NAMES[draw.chance(0.6) ? "en" : "ru"];
    const contact = Contacts.createContact(store, {
      email: `reader${n}@mail.example`,
      firstName: draw.pick(first),
      lastName: draw.pick(last),
      source: draw.pick(["Website form", "Import", "API"]),
      subscribed: draw.chance(0.85),
      isClient: false,
      mailingLists: draw.chance(0.8) ? { [news]: true } : {},
    });
    contact.suppressed = !contact.subscribed && draw.chance(0.4);
  }
}

/** What an account has before anyone is in it. */
export function settings(store: Store): void {
  Contacts.addList(store, { name: "Newsletter", description: "Once a month" });
  Contacts.addList(store, { name: "Client updates", isPublic: false });
  for (const [name, type] of [
    ["company", "string"],
    ["isClient", "boolean"],
    ["healthScore", "number"],
    ["renewalDate", "date"],
  ] as const)
    Contacts.addProperty(store, { name, type });
}
