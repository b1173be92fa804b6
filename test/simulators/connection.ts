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
  const { message, code, type, path } = fault;
  const keys = path?.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const error = {
    message,
    ...(keys ? { path: keys } : {}),
    extensions: { code, ...(type === undefined ? {} : { type }), userError: true },
  };
  if (!keys) return { ...body, data: null, errors: [error] };
  const last = keys.pop() as string | number;
  const parent = keys.reduce<unknown>((at, key) => (at as Fields | undefined)?.[key], body.data) as Fields | undefined;
  if (parent) parent[last] = null;
  return { ...body, errors: [...((body.errors as unknown[]) ?? []), error] };
}
