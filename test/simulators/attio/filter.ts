import { Refusal } from "#test/simulators/attio/refusal.ts";
import type { Attribute, Choice, Holder, Shape, Value } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { MAIN_KEY } from "#test/simulators/attio/values.ts";

type Matches = (holder: Holder) => boolean;
type Condition = (found: readonly unknown[]) => boolean;
export type Filtered = { matches: Matches; conditions: number };

/**
 * The filters of docs.attio.com/rest-api/guides/filtering-and-sorting, without paths through references: shorthand equality, operators, fields of a
 * value, $and, $or, $not. Anything else is refused as a wrong filter, never passed over.
 */
export function filtered(shape: Shape, given: unknown): Filtered {
  if (given === undefined || given === null) return { matches: () => true, conditions: 0 };
  const counted = { conditions: 0 };
  const matches = allOf(shape, fieldsOf(given), counted);
  return { matches, ...counted };
}

function allOf(shape: Shape, given: Readonly<Record<string, unknown>>, counted: { conditions: number }): Matches {
  const each = Object.entries(given).map(([key, wanted]): Matches => {
    if (key === "$and" || key === "$or") {
      if (!Array.isArray(wanted)) throw bad(`${key} takes an array`);
      const parts = wanted.map((one) => allOf(shape, fieldsOf(one), counted));
      return key === "$and" ? (row) => parts.every((one) => one(row)) : (row) => parts.some((one) => one(row));
    }
    if (key === "$not") {
      const part = allOf(shape, fieldsOf(wanted), counted);
      return (row) => !part(row);
    }
    const attribute = Store.attribute(shape, key);
    if (!attribute) throw bad(`unknown attribute "${key}"`);
    return ofAttribute(attribute, wanted, counted);
  });
  return (row) => each.every((one) => one(row));
}

function ofAttribute(attribute: Attribute, wanted: unknown, counted: { conditions: number }): Matches {
  const main = MAIN_KEY[attribute.type];
  const parts: { field: string; holds: Condition }[] = [];
  if (typeof wanted !== "object" || wanted === null) parts.push({ field: main, holds: condition("$eq", wanted) });
  else {
    for (const [key, inner] of Object.entries(wanted)) {
      if (key.startsWith("$")) parts.push({ field: main, holds: condition(key, inner) });
      else if (typeof inner !== "object" || inner === null) parts.push({ field: key, holds: condition("$eq", inner) });
      else for (const [operator, operand] of Object.entries(inner)) parts.push({ field: key, holds: condition(operator, operand) });
    }
  }
  counted.conditions += parts.length;
  return (row) => {
    const values = row.values[attribute.slug] ?? [];
    return parts.every(({ field, holds }) => holds(values.flatMap((one) => readings(one, field))));
  };
}

/** What a value may be compared by: a choice by its title and by its id. */
export function readings(value: Value, field: string): unknown[] {
  const found = value[field];
  if (typeof found !== "object" || found === null) return found === undefined ? [] : [found];
  const { title, id } = found as Choice;
  return [title, id];
}

function condition(operator: string, operand: unknown): Condition {
  const some =
    (test: (one: unknown) => boolean): Condition =>
    (found) =>
      found.some(test);
  const words = String(operand).toLowerCase();
  switch (operator) {
    case "$eq":
      return operand === null ? (found) => found.length === 0 : some((one) => compare(one, operand) === 0);
    case "$in":
      if (!Array.isArray(operand)) throw bad("$in takes an array");
      return some((one) => operand.some((wanted) => compare(one, wanted) === 0));
    case "$gt":
      return some((one) => compare(one, operand) > 0);
    case "$gte":
      return some((one) => compare(one, operand) >= 0);
    case "$lt":
      return some((one) => compare(one, operand) < 0);
    case "$lte":
      return some((one) => compare(one, operand) <= 0);
    case "$contains":
      return some((one) => String(one).toLowerCase().includes(words));
    case "$starts_with":
      return some((one) => String(one).toLowerCase().startsWith(words));
    case "$ends_with":
      return some((one) => String(one).toLowerCase().endsWith(words));
    case "$not_empty":
      return (found) => found.length > 0 === (operand === true);
    default:
      throw bad(`unknown operator "${operator}"`);
  }
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;
/** Instants compare to the nanosecond, however many digits either has; NaN where two things cannot be compared. */
export function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (typeof a !== "string" || typeof b !== "string") return Number.NaN;
  const [left, right] = [a, b].map((one) => {
    const found = INSTANT.exec(one);
    return found ? `${found[1]}.${(found[2] ?? "").padEnd(9, "0")}` : one;
  }) as [string, string];
  return left === right ? 0 : left < right ? -1 : 1;
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw bad("an object is expected");
  return given as Record<string, unknown>;
}

const bad = (why: string) => new Refusal(400, "filter_error", `Error in filter: ${why}.`);
