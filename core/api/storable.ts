/** Postgres takes neither a NUL in a text nor a lone surrogate in JSON. */
export function storable(given: unknown): boolean {
  const left = [given];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed())) return false;
    if (typeof value === "object" && value !== null) for (const [name, item] of Object.entries(value)) left.push(name, item);
  }
  return true;
}
