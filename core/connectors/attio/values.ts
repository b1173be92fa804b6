import * as Clock from "#core/clock.ts";
import type { Raw } from "#core/connectors/attio/api.ts";

/** A record that does not have what its kind must have. */
export class Unreadable extends Error {}

const DEPTH = 5;
/** What moves without anybody touching the record: mail and meetings, and what Attio reckons from them. */
const RESTLESS = new Set(["interaction"]);
const RECKONED = /^(first|last|next)_\w*interaction$|^strongest_connection/;
/** Where each attribute type keeps what a person would read (description, `output-value`). Others are searched. */
const MAIN: Readonly<Record<string, string>> = {
  "actor-reference": "referenced_actor_id",
  currency: "currency_value",
  domain: "domain",
  "email-address": "email_address",
  "personal-name": "full_name",
  "phone-number": "phone_number",
  "record-reference": "target_record_id",
  select: "option",
  status: "status",
};
const SEARCHED = ["value", "title", "name", "text", "label", "original_phone_number"];
const PLAIN_AMOUNT = /^-?\d+(\.\d+)?$/;
const GROUPED = [/^-?\d{1,3}(,\d{3})+\.\d+$/, /^-?\d{1,3}(\.\d{3})+,\d+$/] as const;
const MAX_AMOUNT = 1e17;

/** The values that hold now, by attribute, without those that move by themselves. */
export function active(values: unknown): Record<string, Raw[]> {
  const found: Record<string, Raw[]> = {};
  for (const [slug, list] of Object.entries(object(values))) {
    if (!Array.isArray(list) || RECKONED.test(slug)) continue;
    const held = list.filter(
      (value): value is Raw => isObject(value) && !value.active_until && !RESTLESS.has(String(value.attribute_type)),
    );
    if (held.length > 0) found[slug] = held;
  }
  return found;
}

/** What of the values is kept: without the stamps, and each list in an order of its own, because Attio promises none. */
export function kept(values: Record<string, Raw[]>): Record<string, unknown[]> {
  const bare = ({ active_from, active_until, created_by_actor, ...own }: Raw) => own;
  return Object.fromEntries(
    Object.entries(values).map(([slug, list]) => [
      slug,
      list
        .map((value) => ({ value: bare(value), key: JSON.stringify(bare(value)) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        .map((one) => one.value),
    ]),
  );
}

/** When the youngest of the values became active: the nearest to a change stamp there is. */
export function newest(values: Record<string, Raw[]>): Date | null {
  const times = Object.values(values).flatMap((list) => list.map((value) => instant(value.active_from)?.getTime() ?? 0));
  const latest = Math.max(0, ...times);
  return latest > 0 ? new Date(latest) : null;
}

/** The values of the first of these attributes that has any. */
export function first(values: Record<string, Raw[]>, slugs: readonly string[]): Raw[] {
  for (const slug of slugs) {
    const list = values[slug];
    if (list?.some((value) => said(value) !== undefined)) return list;
  }
  return [];
}

export function text(values: Record<string, Raw[]>, slugs: readonly string[]): string | null {
  return texts(values, slugs)[0] ?? null;
}

export function texts(values: Record<string, Raw[]>, slugs: readonly string[]): string[] {
  return [
    ...new Set(
      first(values, slugs)
        .map(worded)
        .filter((one) => one !== ""),
    ),
  ];
}

const worded = (value: Raw): string => String(said(value) ?? "").trim();

/** Ids that a reference points at; a reference kept as text is taken as it is. */
export const references = texts;

/** A number of a currency, number or rating value. Of a text only when it can mean one number: "1,234" may be 1.234, so it means none. */
export function amount(values: Record<string, Raw[]>, slugs: readonly string[]): number | null {
  const [value] = first(values, slugs);
  const found = value && said(value);
  const number = typeof found === "number" ? found : typeof found === "string" ? numberIn(found.trim()) : Number.NaN;
  if (!Number.isFinite(number)) return null;
  if (Math.abs(number) >= MAX_AMOUNT) throw new Unreadable(`${slugs[0]} is too large`);
  return number;
}

function numberIn(text: string): number {
  if (PLAIN_AMOUNT.test(text)) return Number(text);
  if (GROUPED[0].test(text)) return Number(text.replaceAll(",", ""));
  if (GROUPED[1].test(text)) return Number(text.replaceAll(".", "").replace(",", "."));
  return Number.NaN;
}

/** A share of one. What is above 1 was meant in percent; what is outside of 0..100 is none. */
export function probability(values: Record<string, Raw[]>, slugs: readonly string[]): number | null {
  const found = amount(values, slugs);
  if (found === null || found < 0 || found > 100) return null;
  return found > 1 ? found / 100 : found;
}

/** A calendar day, "2026-03-10". */
export function day(values: Record<string, Raw[]>, slugs: readonly string[]): string | null {
  const found = text(values, slugs)?.slice(0, 10);
  if (!found || !/^\d{4}-\d\d-\d\d$/.test(found)) return null;
  const at = new Date(`${found}T00:00:00Z`);
  return Clock.storable(at.getTime()) && at.toISOString().startsWith(found) ? found : null;
}

/** Attio writes nanoseconds ("…061281000Z"); Date keeps milliseconds. */
export function instant(value: unknown): Date | null {
  if (typeof value !== "string") return null;
  const at = Date.parse(value.replace(/(\.\d{3})\d+/, "$1"));
  return Clock.storable(at) ? new Date(at) : null;
}

export const object = (value: unknown): Raw => (isObject(value) ? value : {});
const isObject = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a value says, as text or number; undefined when it says nothing. */
function said(value: Raw): string | number | boolean | undefined {
  const type = String(value.attribute_type);
  if (type === "personal-name" && !value.full_name) {
    const parts = [value.first_name, value.last_name].filter((part) => typeof part === "string" && part !== "");
    return parts.length > 0 ? parts.join(" ") : undefined;
  }
  const main = MAIN[type];
  return scalar(main === undefined ? value : value[main], 0) ?? scalar(value, 0);
}

function scalar(node: unknown, depth: number): string | number | boolean | undefined {
  if (typeof node === "number" || typeof node === "boolean") return node;
  if (typeof node === "string") return node.trim() === "" ? undefined : node;
  if (depth >= DEPTH || typeof node !== "object" || node === null) return undefined;
  const inner = Array.isArray(node) ? node : SEARCHED.map((key) => (node as Raw)[key]);
  for (const one of inner) {
    const found = scalar(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
