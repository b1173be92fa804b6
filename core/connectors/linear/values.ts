import * as Clock from "#core/clock.ts";
import type { Raw } from "#core/connectors/linear/api.ts";

/** A record that does not have what its kind must have. */
export class Unreadable extends Error {}

/** An instant as Linear writes it, normalised to what JavaScript writes; null when absent or unreadable. */
export function instant(value: unknown): string | null {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Clock.storable(at) ? new Date(at).toISOString() : null;
}

/** A date without a time. */
export function date(value: unknown): string | null {
  const day = typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : "";
  // The thirtieth of February parses, as another day.
  return instant(day)?.startsWith(day) ? day : null;
}

export function required(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw new Unreadable(`${where} is ${value === undefined ? "missing" : value === null ? "null" : `a ${typeof value}`}`);
}

export function id(value: unknown, where: string): string {
  const found = required(value, where);
  if (found === "") throw new Unreadable(`${where} is empty`);
  return found;
}

export const optional = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
export const text = optional;
export const flag = (value: unknown): boolean => value === true;
export const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
export const whole = (value: unknown): number | null => {
  const found = Math.round(number(value) ?? Number.NaN);
  return Math.abs(found) < 2 ** 31 ? found : null;
};
export const object = (value: unknown): Raw => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {});

/** The rows of an inner connection; one that is missing makes the record unreadable, for nothing would say that something is. */
export function nodes(value: unknown): unknown[] {
  const found = object(value).nodes;
  if (!Array.isArray(found)) throw new Unreadable("an inner list is missing");
  return found;
}

/** The names on an inner connection, in order, each once. */
export const names = (value: unknown): string[] => [...new Set(nodes(value).flatMap((one) => text(object(one).name) ?? []))].toSorted();
