import * as Absence from "#core/connectors/absence.ts";
import * as Api from "#core/connectors/attio/api.ts";
import { prune } from "#core/connectors/attio/prune.ts";
import * as Transform from "#core/connectors/attio/transform.ts";
import { Unreadable } from "#core/connectors/attio/values.ts";
import * as Walk from "#core/connectors/attio/walk.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import { type Cursor, type Reading, type SetAside, stream, type Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

export type Listed = { list: string; entries: Transform.Entry[] };

const NAME = "lists";
const SETTLE_ROWS = 5_000;

/** The lists that bindings name, each read whole every cycle: what is on one belongs to the binding's project, and what leaves it goes. */
export const lists = stream<Listed>({
  name: NAME,
  due: async (reading) => wanted(reading).length > 0,
  read: async (reading, cursor) => {
    const all = wanted(reading);
    const list = String(cursor?.list ?? all[0]);
    const counts = Object.entries(cursor ?? {}).filter(([key]) => key.startsWith("rows:") || key.startsWith("missing:"));
    const position = { ...Walk.fromCursor(cursor?.list === undefined ? undefined : cursor), rows: Number(cursor?.[`rows:${list}`] ?? 0) };
    const raws = await Api.entries(reading, list, position.offset);
    const slugOf = Workspace.slugs(await Workspace.objects(reading));
    const setAside: SetAside[] = [];
    const entries = (raws ?? []).flatMap((raw) => {
      try {
        return [Transform.entry(raw, slugOf)];
      } catch (error) {
        if (!(error instanceof Unreadable) && !(error instanceof TypeError)) throw error;
        setAside.push({
          recordRef: `entry:${list}:${Transform.nameOf(raw, "entry_id")}`,
          kind: "invalid_data",
          message: error.message,
          payload: raw,
        });
        return [];
      }
    });
    const rows = (raws ?? []).map((raw) => ({ id: Transform.nameOf(raw, "entry_id"), createdAt: String(raw?.created_at) }));
    const step = Walk.next(position, rows, Api.RECORDS, false);
    const items = { list, entries };
    const told = raws === undefined ? { told: Workspace.off(`list ${list}`) } : {};
    if (!step.done) {
      return { items, cursor: { ...Object.fromEntries(counts), ...Walk.toCursor(step.position), list }, done: false, setAside };
    }
    const after = all[all.indexOf(list) + 1];
    const own = raws === undefined ? { [`missing:${list}`]: true } : { [`rows:${list}`]: step.position.rows };
    const kept: Cursor = { ...Object.fromEntries(counts.filter(([key]) => !key.endsWith(`:${list}`))), ...own };
    return { items, cursor: after === undefined ? kept : { ...kept, list: after }, done: after === undefined, setAside, ...told };
  },
  write,
  finish: async (reading, cursor) => {
    const gone = await removeUnseen(
      reading,
      wanted(reading).filter((list) => cursor[`missing:${list}`] !== true),
    );
    await Absence.forget(reading, NAME);
    // What left a list leaves the project, with what came along with it.
    return { rows: gone + (gone > 0 ? await prune(reading, SETTLE_ROWS) : 0), events: 0 };
  },
});

const wanted = (reading: Reading): string[] => [...new Set(reading.bindings.flatMap((binding) => binding.listIds))].toSorted();

async function write(reading: Reading, { list, entries }: Listed): Promise<Written> {
  await Absence.see(
    reading,
    NAME,
    entries.map((entry) => `${list}:${entry.externalId}`),
  );
  return { rows: await upsert(reading, list, entries), events: 0 };
}

/** Entries into the projects whose bindings name their list. */
export async function upsert(reading: Reading, list: string, entries: readonly Transform.Entry[]): Promise<number> {
  const projects = [...new Set(reading.bindings.filter((one) => one.listIds.includes(list)).map((one) => one.projectId))];
  const rows = [...new Map(entries.map((entry) => [entry.externalId, entry])).values()];
  const written = await sql`
    insert into attio_entries_raw as t (project_id, account_scope_id, connection_id, list_id, external_id, record_object, record_external_id, created_at, first_seen_at, changed_at)
    select p.id, ${reading.connection.accountScopeId}, ${reading.connection.id}, ${list}, e."externalId", e."recordObject", e."recordExternalId", e."createdAt",
      ${reading.now}, ${reading.now}
    from jsonb_to_recordset(${rows as never}::jsonb) as e ("externalId" text, "recordObject" text, "recordExternalId" text, "createdAt" timestamptz)
    cross join unnest(${projects}::uuid[]) as p (id)
    on conflict (project_id, connection_id, list_id, external_id) do update set
      record_object = excluded.record_object, record_external_id = excluded.record_external_id, created_at = excluded.created_at, changed_at = excluded.changed_at
    where (t.record_object, t.record_external_id, t.created_at) is distinct from (excluded.record_object, excluded.record_external_id, excluded.created_at)`;
  return written.count;
}

async function removeUnseen(reading: Reading, read: readonly string[]): Promise<number> {
  const mine = sql`
    e.project_id = any (${reading.scope.projects as string[]}::uuid[]) and e.connection_id = ${reading.connection.id} and e.list_id = any (${read as string[]}::text[])`;
  const unseen = sql`
    not exists (select from connector_crawl_seen s where s.connection_id = e.connection_id and s.stream = ${NAME} and s.record_id = e.list_id || ':' || e.external_id)`;
  const [count] = await sql<Absence.Count[]>`
    select count(distinct (list_id, external_id)) filter (where ${unseen}) as gone, count(distinct (list_id, external_id)) as live,
      coalesce(array_agg(distinct project_id::text) filter (where ${unseen}), '{}') as projects
    from attio_entries_raw e where ${mine}`;
  if (!count || !(await Absence.allows(reading, NAME, count)) || count.gone === 0) return 0;
  const removed = await sql`delete from attio_entries_raw e where ${mine} and ${unseen}`;
  return removed.count;
}
