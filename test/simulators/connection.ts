import type { Fault, Faults } from "#test/simulators/faults.ts";

type Fields = Record<string, unknown>;
export type Connection = { nodes: unknown[]; pageInfo?: { hasNextPage?: boolean; endCursor?: string | null } };

const isObject = (found: unknown): found is Fields => typeof found === "object" && found !== null && !Array.isArray(found);

/** The first connection of a GraphQL answer, at its root or within what is there. */
export function connectionOf(data: unknown): Connection | undefined {
  if (!isObject(data)) return undefined;
  if (Array.isArray(data.nodes)) return data as Connection;
  for (const value of Object.values(data)) {
    const found = connectionOf(value);
    if (found) return found;
  }
  return undefined;
}

/** A GraphQL answer whose errors or ends of pages are not what they were. */
export function misreport(
  faults: Faults,
  fault: Extract<Fault, { kind: "graphqlError" | "pageInfo" }>,
  route: string,
  body: unknown,
): unknown {
  if (!isObject(body)) return body;
  if (fault.kind === "pageInfo") {
    const pageInfo = connectionOf(body.data)?.pageInfo;
    if (pageInfo && fault.hasNextPage !== undefined) pageInfo.hasNextPage = fault.hasNextPage;
    if (pageInfo && fault.endCursor !== undefined)
      pageInfo.endCursor = fault.endCursor === "repeat" ? ((faults.lastRow.get(`cursor of ${route}`) as string) ?? null) : fault.endCursor;
    return body;
  }
  const { message, code, type, at } = fault;
  const path = at?.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const error = { message, ...(path ? { path } : {}), extensions: { code, ...(type === undefined ? {} : { type }), userError: true } };
  if (!path) return { ...body, data: null, errors: [error] };
  const parent = path.slice(0, -1).reduce<unknown>((found, key) => (found as Fields | undefined)?.[key], body.data);
  if (isObject(parent) || Array.isArray(parent)) (parent as Fields)[String(path.at(-1))] = null;
  return { ...body, errors: [...((body.errors as unknown[]) ?? []), error] };
}
