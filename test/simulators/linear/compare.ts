import { Unimplemented } from "#test/simulators/linear/refusal.ts";

export type Scalar = string | number | boolean | null;
type Given = Readonly<Record<string, unknown>>;

/** ISO-8601, of which Linear takes a leading minus: "-P2D" is two days before now. */
const DURATION = /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Epoch milliseconds of an instant, or of a duration from `now`; undefined for what is neither. */
export function instantOf(text: string, now: number): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith("P") || text.endsWith("T")) {
    const found = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(found) ? undefined : found;
  }
  const [, minus, ...parts] = match;
  const [years, months, weeks, days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0) * (minus ? -1 : 1));
  const at = new Date(now);
  at.setUTCFullYear(at.getUTCFullYear() + (years as number), at.getUTCMonth() + (months as number));
  const rest =
    (((weeks as number) * 7 + (days as number)) * 24 + (hours as number)) * 3_600 + (minutes as number) * 60 + (seconds as number);
  return at.getTime() + rest * 1_000;
}

const ORDER = {
  eq: (a: Scalar, b: Scalar) => a === b,
  neq: (a: Scalar, b: Scalar) => a !== b,
  lt: (a: Scalar, b: Scalar) => a !== null && b !== null && a < b,
  lte: (a: Scalar, b: Scalar) => a !== null && b !== null && a <= b,
  gt: (a: Scalar, b: Scalar) => a !== null && b !== null && a > b,
  gte: (a: Scalar, b: Scalar) => a !== null && b !== null && a >= b,
};
const low = (text: Scalar) => String(text ?? "").toLowerCase();
const TEXT = {
  contains: (a: Scalar, b: Scalar) => String(a ?? "").includes(String(b)),
  notContains: (a: Scalar, b: Scalar) => !String(a ?? "").includes(String(b)),
  containsIgnoreCase: (a: Scalar, b: Scalar) => low(a).includes(low(b)),
  notContainsIgnoreCase: (a: Scalar, b: Scalar) => !low(a).includes(low(b)),
  startsWith: (a: Scalar, b: Scalar) => String(a ?? "").startsWith(String(b)),
  notStartsWith: (a: Scalar, b: Scalar) => !String(a ?? "").startsWith(String(b)),
  startsWithIgnoreCase: (a: Scalar, b: Scalar) => low(a).startsWith(low(b)),
  endsWith: (a: Scalar, b: Scalar) => String(a ?? "").endsWith(String(b)),
  notEndsWith: (a: Scalar, b: Scalar) => !String(a ?? "").endsWith(String(b)),
  eqIgnoreCase: (a: Scalar, b: Scalar) => low(a) === low(b),
  neqIgnoreCase: (a: Scalar, b: Scalar) => low(a) !== low(b),
};
const ONE: Readonly<Record<string, (a: Scalar, b: Scalar) => boolean>> = { ...ORDER, ...TEXT };

/** Whether a value passes a comparator, all of whose operators must hold. `read` turns what the client wrote into what rows hold. */
export function compare(found: Scalar, comparator: Given, read: (given: Scalar) => Scalar): boolean {
  return Object.entries(comparator).every(([operator, given]) => {
    if (given === null || given === undefined) return true;
    if (operator === "null") return (found === null) === given;
    if (operator === "in") return (given as Scalar[]).map(read).includes(found);
    if (operator === "nin") return !(given as Scalar[]).map(read).includes(found);
    const holds = ONE[operator];
    if (!holds) throw new Unimplemented(`the comparison ${operator}`);
    return holds(found, read(given as Scalar));
  });
}
