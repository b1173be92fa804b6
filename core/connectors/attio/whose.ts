import * as Kinds from "#core/connectors/attio/kinds.ts";
import { object, Unreadable } from "#core/connectors/attio/values.ts";
import type { Named, Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** What stands in for a time that cannot be read: no project is chosen by it. */
const SOME_TIME = "2000-01-01T00:00:00.000Z";

/**
 * The projects that each of these records goes to, as far as can be told of one that cannot be read: where a binding covers what is legible of it, and
 * where it is held already; an entry goes where its list is named. Inside a transaction of the reading's scope.
 */
export async function whose(reading: Reading, named: readonly Named[]): Promise<string[][]> {
  const found = named.map(({ recordRef }) =>
    recordRef.startsWith("entry:")
      ? reading.bindings.filter((binding) => binding.listIds.includes(recordRef.split(":")[1] ?? "")).map((binding) => binding.projectId)
      : [],
  );
  const ofKinds = [
    await ofKind(reading, Kinds.companies, named),
    await ofKind(reading, Kinds.deals, named),
    await ofKind(reading, Kinds.people, named),
    await ofKind(reading, Kinds.tasks, named),
    await ofKind(reading, Kinds.notes, named),
  ];
  return found.map((projects, n) => [...projects, ...ofKinds.flatMap((kind) => kind.get(n) ?? [])]);
}

/** By its place among `named`, where each record of a kind goes. */
async function ofKind<T extends { externalId: string }>(
  reading: Reading,
  kind: Kinds.Kind<T>,
  named: readonly Named[],
): Promise<Map<number, string[]>> {
  const own = named.flatMap(({ recordRef, payload }, n) =>
    recordRef.startsWith(`${kind.ref}:`) ? [{ n, id: recordRef.slice(kind.ref.length + 1), payload }] : [],
  );
  if (own.length === 0) return new Map();
  // Those without an id are told apart by their place.
  const keyed = own.map((one) => ({ ...one, key: one.id === "?" ? `?${one.n}` : one.id }));
  const rows = keyed.flatMap(({ key, payload }) => legible(kind, payload, key));
  const pairs = [...(await kind.route(reading, rows)), ...(await held(reading, kind, keyed))];
  return new Map(keyed.map(({ n, key }) => [n, pairs.filter((pair) => pair.externalId === key).map((pair) => pair.projectId)]));
}

/** The row as it would be if nothing were wrong with its id and its time; none when something else is, too. */
function legible<T extends { externalId: string }>(kind: Kinds.Kind<T>, payload: unknown, key: string): T[] {
  const raw = object(payload);
  try {
    return [kind.understand({ ...raw, id: { ...object(raw.id), [kind.key]: key }, created_at: SOME_TIME }, (slug) => slug)];
  } catch (error) {
    if (!(error instanceof Unreadable) && !(error instanceof TypeError)) throw error;
    return [];
  }
}

async function held(
  reading: Reading,
  { table }: Pick<Kinds.Kind<never>, "table">,
  keyed: readonly { key: string }[],
): Promise<{ externalId: string; projectId: string }[]> {
  return sql<{ externalId: string; projectId: string }[]>`
    select external_id, project_id from ${sql(table)}
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and external_id = any (${keyed.map(({ key }) => key)}::text[])`;
}
