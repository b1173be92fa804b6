import { Refusal } from "#test/simulators/attio/refusal.ts";
import type { Actor, Attribute, Choice, Holder, Shape, Value, ValueType } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";

type Content = Record<string, unknown>;
type Given = Record<string, unknown>;

/** Which key of a value says what it is, where a filter or a sort names none. */
export const MAIN_KEY: Readonly<Record<ValueType, string>> = {
  text: "value",
  number: "value",
  checkbox: "value",
  currency: "currency_value",
  date: "value",
  timestamp: "value",
  rating: "value",
  status: "status",
  select: "option",
  "record-reference": "target_record_id",
  "actor-reference": "referenced_actor_id",
  domain: "domain",
  "email-address": "email_address",
  "phone-number": "phone_number",
  "personal-name": "full_name",
};

export function value(type: ValueType, content: Content, at: string, actor: Actor): Value {
  return { active_from: at, active_until: null, created_by_actor: actor, ...content, attribute_type: type };
}

/** Only what differs gets a new `active_from`; what is gone goes into the past. `add` keeps the others of a multiselect, as PATCH does. */
export function write(
  store: Store.Store,
  shape: Shape,
  holder: Holder,
  given: Readonly<Record<string, unknown>>,
  how: { at: string; actor: Actor; add?: boolean },
): string[] {
  const changed: string[] = [];
  for (const [key, items] of Object.entries(given)) {
    const attribute = Store.attribute(shape, key);
    if (!attribute) throw new Refusal(400, "value_not_found", `Cannot find attribute with slug/ID "${key}".`);
    if (!attribute.writable) throw new Refusal(400, "validation_type", `Attribute "${attribute.slug}" cannot be written.`);
    if (!Array.isArray(items)) throw new Refusal(400, "validation_type", `An array is expected for "${attribute.slug}".`);
    const wanted = items.filter((one) => one !== null).map((one) => contentOf(store, attribute, one));
    if (wanted.length > 1 && !attribute.multiple)
      throw new Refusal(400, "validation_type", `Attribute "${attribute.slug}" takes one value.`);
    if (attribute.required && wanted.length === 0)
      throw new Refusal(400, "missing_value", `Required value for attribute with ID "${attribute.id}" was not provided.`);
    const held = holder.values[attribute.slug] ?? [];
    const kept = new Map(held.map((one) => [fingerprint(one), one]));
    const fresh = wanted.map((content) => {
      const made = value(attribute.type, content, how.at, how.actor);
      return kept.get(fingerprint(made)) ?? made;
    });
    const next = how.add && attribute.multiple ? [...fresh, ...held.filter((one) => !fresh.includes(one))] : fresh;
    if (next.length === held.length && next.every((one) => held.includes(one))) continue;
    const gone = held.filter((one) => !next.includes(one));
    holder.past[attribute.slug] = [...(holder.past[attribute.slug] ?? []), ...gone.map((one) => ({ ...one, active_until: how.at }))];
    holder.values[attribute.slug] = next;
    changed.push(attribute.slug);
  }
  if (changed.length > 0) holder.json = undefined;
  return changed;
}

/** What a value says, without when and by whom it was said. */
export function fingerprint({ active_from: _, active_until: __, created_by_actor: ___, ...content }: Value): string {
  return JSON.stringify(content);
}

function contentOf(store: Store.Store, attribute: Attribute, item: unknown): Content {
  const given = (typeof item === "object" ? item : {}) as Given;
  const plain = typeof item === "object" ? undefined : item;
  const text = (key: string): string => {
    const found = plain ?? given[key];
    if (typeof found !== "string") throw wrong(attribute, item);
    return found;
  };
  switch (attribute.type) {
    case "number":
    case "rating":
      return { value: numberOf(attribute, plain ?? given.value, item) };
    case "checkbox":
      return { value: (plain ?? given.value) === true };
    case "currency": {
      const code = given.currency_code ?? "EUR";
      return { currency_value: numberOf(attribute, plain ?? given.currency_value, item), currency_code: code };
    }
    case "status":
      return { status: choiceOf(attribute, text("status"), "status") };
    case "select":
      return { option: choiceOf(attribute, text("option"), "select option") };
    case "domain": {
      const domain = text("domain").toLowerCase();
      return { domain, root_domain: root(domain) };
    }
    case "email-address": {
      const original = text("email_address");
      const email = original.toLowerCase();
      const [local, domain] = email.split("@");
      if (!local || !domain) throw wrong(attribute, item);
      return {
        original_email_address: original,
        email_address: email,
        email_domain: domain,
        email_root_domain: root(domain),
        email_local_specifier: local,
      };
    }
    case "phone-number": {
      const number = text("original_phone_number");
      return {
        original_phone_number: number,
        country_code: given.country_code ?? countryOf(number),
        phone_number: number.replace(/[^\d+]/g, ""),
      };
    }
    case "personal-name": {
      const [last = "", first = ""] =
        typeof plain === "string" ? plain.split(", ") : [given.last_name, given.first_name].map((one) => `${one ?? ""}`);
      return { first_name: first, last_name: last, full_name: `${given.full_name ?? [first, last].join(" ").trim()}` };
    }
    case "record-reference": {
      const target = Store.object(store, String(given.target_object ?? attribute.targets[0]))?.slug;
      const id = String(plain ?? given.target_record_id);
      if (!target || !attribute.targets.includes(target) || !Store.record(store, target, id))
        throw new Refusal(400, "value_not_found", `Record with ID "${id}" not found.`);
      return { target_object: target, target_record_id: id };
    }
    case "actor-reference": {
      const email = plain ?? given.workspace_member_email_address;
      const member = [...store.members.values()].find((one) => one.id === given.referenced_actor_id || one.email === email);
      if (!member) throw new Refusal(400, "value_not_found", `Workspace member ${JSON.stringify(item)} not found.`);
      return { referenced_actor_type: "workspace-member", referenced_actor_id: member.id };
    }
    default:
      return { value: text("value") };
  }
}

const wrong = (attribute: Attribute, item: unknown) =>
  new Refusal(400, "validation_type", `Invalid value for attribute "${attribute.slug}": ${JSON.stringify(item)}.`);

function numberOf(attribute: Attribute, found: unknown, item: unknown): number {
  if (typeof found !== "number") throw wrong(attribute, item);
  return found;
}

function choiceOf(attribute: Attribute, titleOrId: string, what: string): Choice {
  const found = attribute.choices.find((one) => one.title === titleOrId || one.id === titleOrId);
  if (!found) throw new Refusal(400, "value_not_found", `Cannot find ${what} attribute with ${what} title "${titleOrId}".`);
  return found;
}

const root = (domain: string): string => domain.split(".").slice(-2).join(".");
const COUNTRIES = { "+44": "GB", "+77": "KZ", "+7": "RU", "+49": "DE", "+33": "FR" };
const countryOf = (phone: string): string => Object.entries(COUNTRIES).find(([code]) => phone.startsWith(code))?.[1] ?? "US";
