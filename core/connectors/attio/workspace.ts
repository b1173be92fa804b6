import * as Api from "#core/connectors/attio/api.ts";
import * as Members from "#core/connectors/attio/members.ts";
import * as Transform from "#core/connectors/attio/transform.ts";
import { Unreadable } from "#core/connectors/attio/values.ts";
import { type Cursor, type Reading, stream } from "#core/connectors/connector.ts";
import { sql, transaction } from "#core/db.ts";
import { type Reason, reason } from "#core/error.ts";

/** What changes rarely is asked for no oftener. */
const EVERY_MS = 6 * 3_600_000;

/** Which objects the workspace has: slug by id. Empty when it could not be told. */
export type Objects = ReadonlyMap<string, string>;

/** Whose the token is, and which objects there are: companies, people and deals may each be switched off. */
export const workspace = stream<null>({
  name: "workspace",
  due: (reading) => isDue(reading, "workspace"),
  read: async (reading) => {
    await Api.self(reading);
    return { items: null, cursor: toCursor(await askObjects(reading), reading.now), done: true, setAside: [] };
  },
  write: async () => ({ rows: 0, events: 0 }),
});

export const members = stream<Transform.Member[]>({
  name: "members",
  due: (reading) => isDue(reading, "members"),
  read: async (reading) => {
    const raws = await Api.members(reading);
    const items = raws.flatMap((raw) => {
      try {
        return [Transform.member(raw)];
      } catch (error) {
        // A member without an id can be named by nobody.
        if (error instanceof Unreadable) return [];
        throw error;
      }
    });
    return { items, cursor: { at: reading.now.getTime() }, done: true, setAside: [] };
  },
  write: Members.upsert,
});

const known = new WeakMap<Reading, Promise<Objects>>();

/** The objects as last told; asked for when nobody has asked yet. One answer per read. */
export function objects(reading: Reading): Promise<Objects> {
  const found = known.get(reading) ?? load(reading);
  known.set(reading, found);
  // A failure is this stream's; the next one asks for itself.
  found.catch(() => known.delete(reading));
  return found;
}

export const slugs =
  (found: Objects): Transform.SlugOf =>
  (object) =>
    found.get(object) ?? object;

/** Why a stream has nothing to read: its object is switched off. Undefined when it is there, or nobody knows. */
export function offReason(found: Objects, object: string): Reason | undefined {
  return found.size === 0 || [...found.values()].includes(object) ? undefined : off(object);
}

export const off = (object: string): Reason => reason("object_off", { source: "attio", object });

async function load(reading: Reading): Promise<Objects> {
  const cursor = await cursorOf(reading, "workspace");
  if (!cursor) return askObjects(reading);
  return new Map(
    Object.entries(cursor).flatMap(([key, slug]) => (key.startsWith("object:") ? [[key.slice(7), String(slug)] as const] : [])),
  );
}

async function askObjects(reading: Reading): Promise<Objects> {
  const raws = await Api.objects(reading);
  return new Map(
    raws.flatMap((raw) => (typeof raw.api_slug === "string" ? [[Transform.nameOf(raw, "object_id"), raw.api_slug] as const] : [])),
  );
}

const toCursor = (found: Objects, now: Date): Cursor => ({
  at: now.getTime(),
  ...Object.fromEntries([...found].map(([id, slug]) => [`object:${id}`, slug])),
});

async function isDue(reading: Reading, name: string): Promise<boolean> {
  const cursor = await cursorOf(reading, name);
  return reading.thorough || !cursor || reading.now.getTime() - Number(cursor.at ?? 0) >= EVERY_MS;
}

async function cursorOf(reading: Reading, name: string): Promise<Cursor | undefined> {
  return transaction(reading.scope, async () => {
    const [row] = await sql<{ cursor: Cursor | null }[]>`
      select cursor from connector_sync_state where connection_id = ${reading.connection.id} and stream = ${name}`;
    return row?.cursor ?? undefined;
  });
}
