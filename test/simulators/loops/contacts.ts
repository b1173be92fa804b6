import { BEHAVIOUR, OWN_PROPERTIES } from "#test/simulators/loops/behaviour.ts";
import { announce } from "#test/simulators/loops/notices.ts";
import { Refusal } from "#test/simulators/loops/refusal.ts";
import * as Store from "#test/simulators/loops/store.ts";

type Account = Store.Store;
type Given = Readonly<Record<string, unknown>>;
const TEXTS = ["firstName", "lastName", "source", "userGroup"] as const;
const OWN = new Set<string>([...OWN_PROPERTIES.map((one) => one.key), "mailingLists"]);

export function createContact(store: Account, given: Given): Store.Contact {
  const email = emailOf(given.email);
  const userId = textOf(given, "userId");
  if (Store.find(store, { email }) || (userId !== undefined && Store.find(store, { userId })))
    throw new Refusal(409, "Email or userId is already on list.");
  const contact: Store.Contact = {
    id: Store.newId(store, "contact"),
    email,
    firstName: null,
    lastName: null,
    source: "API",
    subscribed: true,
    userGroup: "",
    userId: userId ?? null,
    notes: null,
    mailingLists: {},
    custom: {},
    suppressed: false,
  };
  write(store, contact, given);
  store.contacts.set(contact.id, contact);
  announce(store, "contact.created", contact, { contact: bodyOf(contact) });
  return contact;
}

/** An upsert by e-mail address or user id. Found by its user id, a contact may get another address. */
export function updateContact(store: Account, given: Given): Store.Contact {
  const userId = textOf(given, "userId");
  const email = given.email === undefined ? undefined : emailOf(given.email);
  if (email === undefined && userId === undefined) throw new Refusal(400, "You must provide an email or userId value.");
  const found = Store.find(store, { email, userId });
  if (!found) {
    if (email === undefined) throw new Refusal(400, "An email is required to create a contact.");
    return createContact(store, given);
  }
  const other = email === undefined ? undefined : Store.find(store, { email });
  if (other && other !== found) throw new Refusal(400, "Email belongs to another contact.");
  write(store, found, given);
  if (email !== undefined) found.email = email;
  if (userId !== undefined) found.userId = userId;
  return found;
}

export function deleteContact(store: Account, by: { email?: string; userId?: string }): void {
  const found = known(store, by);
  store.contacts.delete(found.id);
  announce(store, "contact.deleted", found);
  announce(store, "contact.unsubscribed", found);
}

/** The one contact that exactly one of both names. */
export function known(store: Account, by: { email?: unknown; userId?: unknown }): Store.Contact {
  const found = Store.find(store, one(by));
  if (!found) throw new Refusal(404, "Contact not found.");
  return found;
}

export function one(by: { email?: unknown; userId?: unknown }): { email?: string; userId?: string } {
  if ((by.email === undefined) === (by.userId === undefined)) throw new Refusal(400, "Include only one of email or userId.");
  return by.email === undefined ? { userId: String(by.userId) } : { email: emailOf(by.email) };
}

/** May be lifted a number of times in thirty days. */
export function liftSuppression(store: Account, by: { email?: unknown; userId?: unknown }): number {
  const found = known(store, by);
  if (!found.suppressed) throw new Refusal(400, "Contact is not suppressed.");
  if (removalsLeft(store) === 0) throw new Refusal(400, "Suppression removal limit reached.");
  found.suppressed = false;
  store.removals.push(store.now());
  return removalsLeft(store);
}

export function removalsLeft(store: Account): number {
  const since = store.now() - BEHAVIOUR.removalDays * 86_400;
  return BEHAVIOUR.removals - store.removals.filter((at) => at > since).length;
}

export function addProperty(store: Account, given: { name: string; type: Store.PropertyType }): Store.Property {
  const { name, type } = given;
  if (typeof name !== "string" || !/^[a-z][a-zA-Z0-9]*$/.test(name)) throw new Refusal(400, "name must be in camelCase.");
  if (!["string", "number", "boolean", "date"].includes(type)) throw new Refusal(400, "type is not a property type.");
  if (OWN.has(name)) throw new Refusal(400, `${name} is a reserved name.`);
  if (store.properties.has(name)) throw new Refusal(400, `${name} exists already.`);
  const label = name.replace(/[A-Z]/g, (letter) => ` ${letter}`).replace(/^./, (letter) => letter.toUpperCase());
  const property: Store.Property = { key: name, label, type };
  store.properties.set(name, property);
  return property;
}

export function addList(store: Account, given: { name: string; description?: string; isPublic?: boolean }): Store.MailingList {
  const id = Store.newId(store, "list");
  const list = { id, name: given.name, description: given.description ?? null, isPublic: given.isPublic ?? true };
  store.lists.set(id, list);
  return list;
}

/** A contact as the API and the webhooks show it. */
export function bodyOf(contact: Store.Contact): Record<string, unknown> {
  const { custom, notes: _, suppressed: __, ...rest } = contact;
  return { ...rest, optInStatus: null, ...custom };
}

/** All or nothing: what is refused must leave no half behind. */
function write(store: Account, contact: Store.Contact, given: Given): void {
  const custom = Object.entries(given).filter(([key]) => !OWN.has(key));
  for (const [key, value] of custom) {
    const property = store.properties.get(key);
    if (!property) throw new Refusal(400, `Unknown contact property: ${key}. Create it first.`);
    const fits = property.type === "date" ? ["string", "number"].includes(typeof value) : typeof value === property.type;
    if (!fits) throw new Refusal(400, `${key} must be a ${property.type}.`);
  }
  const lists = Object.entries((given.mailingLists ?? {}) as Record<string, unknown>);
  for (const [id] of lists) if (!store.lists.has(id)) throw new Refusal(400, `Mailing list ${id} does not exist.`);
  const texts = TEXTS.map((key) => [key, textOf(given, key)] as const);
  for (const [key, text] of texts) if (text !== undefined) contact[key] = text;
  for (const [key, value] of custom) contact.custom[key] = value as Store.Scalar;
  if (typeof given.subscribed === "boolean") {
    const was = contact.subscribed;
    contact.subscribed = given.subscribed;
    if (was && !given.subscribed && store.contacts.has(contact.id)) announce(store, "contact.unsubscribed", contact);
  }
  for (const [id, wanted] of lists) {
    const on = contact.mailingLists[id] === true;
    if (wanted === true) contact.mailingLists[id] = true;
    else delete contact.mailingLists[id];
    if (on !== (wanted === true) && store.contacts.has(contact.id))
      announce(store, `contact.mailingList.${wanted === true ? "subscribed" : "unsubscribed"}`, contact, {
        mailingList: store.lists.get(id),
      });
  }
}

function emailOf(found: unknown): string {
  if (typeof found !== "string" || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(found)) throw new Refusal(400, "Invalid email address.");
  return found.toLowerCase();
}

function textOf(given: Given, key: string): string | undefined {
  const found = given[key];
  if (found === undefined) return undefined;
  if (typeof found !== "string") throw new Refusal(400, `${key} must be a string.`);
  return found;
}
