const NUL = "\0";
const DEPTH = 40;

const known = new WeakSet<object>();

/** Vouches for rows that came in an answer without anything to mend: they are not walked. */
export function vouch(rows: readonly unknown[]): void {
  for (const row of rows) if (typeof row === "object" && row !== null) known.add(row);
}

export const isVouched = (row: object): boolean => known.has(row);

/**
 * What Postgres cannot store becomes U+FFFD: NUL in any text, and lone surrogates, in keys and values alike. Answers the same value when there was
 * nothing to mend. Deeper than 40 levels is cut: no upstream nests so far on purpose.
 */
export function clean<T>(value: T): { value: T; sanitized: boolean } {
  if (typeof value === "object" && value !== null && known.has(value)) return { value, sanitized: false };
  let sanitized = false;
  const mend = (text: string): string => {
    if (!text.includes(NUL) && text.isWellFormed()) return text;
    sanitized = true;
    return text.replaceAll(NUL, "\ufffd").toWellFormed();
  };
  const walk = (node: unknown, depth: number): unknown => {
    if (typeof node === "string") return mend(node);
    if (typeof node !== "object" || node === null) return node;
    if (depth > DEPTH) {
      sanitized = true;
      return null;
    }
    if (Array.isArray(node)) return node.map((item) => walk(item, depth + 1));
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [mend(key), walk(item, depth + 1)]));
  };
  return { value: walk(value, 0) as T, sanitized };
}
