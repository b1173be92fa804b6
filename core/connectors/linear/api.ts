import { vouch } from "#core/connectors/clean.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { type Answer, ask, isPlain, SourceError } from "#core/connectors/http.ts";
import type { Document } from "#core/connectors/linear/documents.ts";
import * as Limits from "#core/connectors/linear/limits.ts";
import { errorsOf, isOfOneRow, refusal } from "#core/connectors/linear/refusal.ts";

/** Records as Linear sends them: nothing is believed about them until `transform.ts` has read them. */
export type Raw = Readonly<Record<string, unknown>>;
export type Variables = Readonly<Record<string, unknown>>;
/** A row that Linear could not give whole: what came of it, and why. */
export type Broken = { raw: unknown; message: string };
/** A page of a list. `next`: the cursor to go on from; null at the end. `broken`: rows of it that came with errors, in no case among `rows`. */
export type List = { rows: Raw[]; broken: Broken[]; next: string | null };

/**
 * Asks one document; answers its lists by name. A list that names a cursor it was read from, or none, or no rows, while it says that more follow, is
 * asked again and then refused: such a page is never an end. Throws what `ask` throws, and `rate_limited` before Linear would.
 */
export async function query(reading: Reading, document: Document, variables: Variables): Promise<Record<string, List>> {
  Limits.refuseBeforeLinearDoes(reading, document.points);
  const { baseUrl } = reading.connection;
  let lists: Record<string, List> = {};
  const { body } = await ask({
    source: "linear",
    url: baseUrl.endsWith("/graphql") ? baseUrl : `${baseUrl}/graphql`,
    // A personal key goes bare, an OAuth token as a bearer (packages/sdk/src/client.ts).
    headers: { authorization: reading.secret.startsWith("lin_oauth_") ? `Bearer ${reading.secret}` : reading.secret },
    body: { operationName: document.name, query: document.text, variables },
    budget: reading.budget,
    breaker: reading.breaker,
    judge: (answer) => {
      Limits.note(reading, answer.headers);
      const refused = refusal(answer);
      if (refused || answer.status >= 400 || answer.body === undefined) return refused;
      try {
        lists = listsOf(answer, variables);
        return undefined;
      } catch (error) {
        if (error instanceof SourceError) return error;
        throw error;
      }
    },
  });
  if (isPlain(body)) for (const list of Object.values(lists)) vouch(list.rows);
  return lists;
}

/** Every page of these lists, each asked for until it ends: even what is asked for by id may come on pages shorter than it would fill. */
export async function* pages(
  kinds: readonly string[],
  ask: (pages: Readonly<Record<string, string | null>>) => Promise<Record<string, List>>,
): AsyncGenerator<Record<string, List>> {
  for (let going: Record<string, string | null> = Object.fromEntries(kinds.map((kind) => [kind, null])); Object.keys(going).length > 0; ) {
    const lists = await ask(going);
    yield lists;
    going = Object.fromEntries(Object.entries(lists).flatMap(([kind, found]) => (found.next === null ? [] : [[kind, found.next]])));
  }
}

/** One list of an answer; an answer without it is not one. */
export function list(lists: Record<string, List>, name: string): List {
  return lists[name] ?? fail(`${name} is missing`);
}

function listsOf(answer: Answer, variables: Variables): Record<string, List> {
  const data = record(record(answer.body, "the answer").data, "data");
  const broken = new Map(
    errorsOf(answer.body)
      .filter(isOfOneRow)
      .map((error) => [`${error.path[0]}.${error.path[2]}`, error.message]),
  );
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      const { nodes, next } = inner(value, name);
      if (next !== null && next === variables[`${name}After`]) fail(`${name} goes on from where it was`);
      if (next !== null && nodes.length === 0) fail(`${name} is empty and says that more follow`);
      const faults = nodes.map(
        (row, n) => broken.get(`${name}.${n}`) ?? (typeof row === "object" && row !== null ? undefined : "no row came"),
      );
      return [
        name,
        {
          rows: nodes.filter((_, n) => faults[n] === undefined),
          broken: nodes.flatMap((raw, n) => (faults[n] === undefined ? [] : [{ raw, message: faults[n] }])),
          next,
        },
      ];
    }),
  );
}

/** A connection as it came: its rows, and the cursor of what follows. */
export function inner(value: unknown, where: string): { nodes: Raw[]; next: string | null } {
  const { nodes, pageInfo } = record(value, where);
  const { hasNextPage, endCursor } = record(pageInfo, `${where}.pageInfo`);
  if (!Array.isArray(nodes)) fail(`${where}.nodes is not a list`);
  if (typeof hasNextPage !== "boolean") fail(`${where} does not say whether more follow`);
  if (!hasNextPage) return { nodes, next: null };
  if (typeof endCursor !== "string" || endCursor === "") fail(`${where} says that more follow, and not from where`);
  return { nodes, next: endCursor };
}

function record(value: unknown, where: string): Raw {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Raw;
  return fail(`${where} is not an object`);
}

function fail(problem: string): never {
  throw new SourceError("upstream", 200, { source: "linear", problem });
}
