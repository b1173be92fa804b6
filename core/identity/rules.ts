import type * as Entities from "#core/identity/entities.ts";

export const REASONS = [
  "same_email",
  "same_mailbox",
  "same_phone",
  "same_name_and_domain",
  "same_name",
  "same_name_part",
  "same_initials",
  "similar_name",
  "email_domain",
  "same_company",
] as const;
export type ReasonCode = (typeof REASONS)[number];

/**
 * What a shared key of a kind (see `entities.ts`) says about two entities, and how surely. `most`: how many may share the key on either side before it
 * says nothing.
 */
export type Rule = {
  left: Entities.Type;
  right: Entities.Type;
  kind: string;
  confidence: number;
  reason: ReasonCode;
  mostLeft: number;
  mostRight: number;
};

const PEOPLE: readonly [Entities.Type, Entities.Type][] = [
  ["contact", "person"],
  ["contact", "linear_user"],
  ["contact", "member"],
  ["linear_user", "member"],
];
const BY_PERSON = [
  { kind: "e", confidence: 0.99, reason: "same_email" },
  { kind: "m", confidence: 0.95, reason: "same_mailbox" },
  { kind: "p", confidence: 0.95, reason: "same_phone" },
  { kind: "n", confidence: 0.85, reason: "same_name" },
  { kind: "w", confidence: 0.75, reason: "same_name_part" },
  { kind: "i", confidence: 0.6, reason: "same_initials" },
] as const;

const everybody = 1_000_000;
export const RULES: readonly Rule[] = [
  ...PEOPLE.flatMap(([left, right]) => BY_PERSON.map((rule) => ({ left, right, ...rule, mostLeft: 10, mostRight: 10 }))),
  { left: "contact", right: "account", kind: "d", confidence: 0.95, reason: "email_domain", mostLeft: everybody, mostRight: 3 },
  { left: "person", right: "account", kind: "d", confidence: 0.95, reason: "email_domain", mostLeft: everybody, mostRight: 3 },
  { left: "contact", right: "account", kind: "c", confidence: 0.8, reason: "same_company", mostLeft: 2_000, mostRight: 3 },
];

/** A name and a domain that are both the same. */
export const NAME_AND_DOMAIN = 0.96;
/** What a name loses when it fits more than one. */
export const AMBIGUOUS = 0.15;
/** A name that is only like another, at most. */
export const SIMILAR = 0.7;
/** Where one name is looked up among others, because they may be spelled alike. */
export const SIMILAR_PAIRS = PEOPLE;
