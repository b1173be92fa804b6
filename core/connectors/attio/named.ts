import * as Api from "#core/connectors/attio/api.ts";
import * as Kinds from "#core/connectors/attio/kinds.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import { type Cursor, type Reading, type Stream, stream } from "#core/connectors/connector.ts";
import { sql, transaction } from "#core/db.ts";

const AT_ONCE = 100;

/**
 * Records that a row read since the last look names and its project lacks: the companies and people of deals, and what is on a list. They are asked for by
 * id, so that a deal does not wait a whole sweep for its company. What upstream does not give is not asked for twice.
 */
export const companies = namedOf(Kinds.companies, "companies");
export const deals = namedOf(Kinds.deals, "deals");
export const people = namedOf(Kinds.people, "people");

function namedOf<T extends { externalId: string }>(kind: Kinds.Kind<T>, object: Api.Kind): Stream {
  const name = `${kind.name}_named`;
  const missing = (reading: Reading, since: number, after: string) => lacking(reading, object, kind.table, new Date(since), after);
  return stream<T[]>({
    name,
    due: async (reading) => {
      const cursor = await cursorOf(reading, name);
      return cursor?.after !== undefined || (await missing(reading, Number(cursor?.since ?? 0), "")).length > 0;
    },
    read: async (reading, cursor) => {
      const since = Number(cursor?.since ?? 0);
      const end = { items: [], cursor: { since: reading.now.getTime() }, done: true, setAside: [] };
      const objects = await Workspace.objects(reading);
      const ids = await missing(reading, since, String(cursor?.after ?? ""));
      const told = Workspace.offReason(objects, object);
      if (ids.length === 0 || told) return { ...end, ...(told ? { told } : {}) };
      // docs.attio.com/rest-api/guides/filtering-and-sorting, "Records where record_id is one of many values".
      const raws = await Api.records(reading, object, { offset: 0, filter: { record_id: { $in: ids } } });
      if (raws === undefined) return { ...end, told: Workspace.off(object) };
      const found = Kinds.understand(kind, raws, Workspace.slugs(objects));
      const more = ids.length === AT_ONCE;
      return { ...found, cursor: more ? { since, after: ids.at(-1) ?? "" } : end.cursor, done: !more };
    },
    write: (reading, items) => Kinds.write(reading, kind, items),
  });
}

function lacking(reading: Reading, object: Api.Kind, table: string, since: Date, after: string): Promise<string[]> {
  return transaction(reading.scope, async () => {
    const mine = sql`project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id} and changed_at > ${since}`;
    const deals = sql`from attio_opportunities_raw where ${mine} and deleted_at is null`;
    const named = {
      companies: sql`select project_id, account_external_id as id ${deals} and account_external_id is not null`,
      people: sql`select project_id, unnest(people_external_ids) as id ${deals}`,
      deals: sql`select null::uuid as project_id, null::text as id where false`,
    }[object];
    const rows = await sql<{ id: string }[]>`
      with wanted as (
        ${named} union select project_id, record_external_id from attio_entries_raw where ${mine} and record_object = ${object})
      select distinct w.id from wanted w
      where w.id > ${after} and not exists (
        select from ${sql(table)} t where t.external_id = w.id and t.connection_id = ${reading.connection.id} and t.project_id = w.project_id)
      order by w.id limit ${AT_ONCE}`;
    return rows.map((row) => row.id);
  });
}

async function cursorOf(reading: Reading, name: string): Promise<Cursor | undefined> {
  return transaction(reading.scope, async () => {
    const [row] = await sql<{ cursor: Cursor | null }[]>`
      select cursor from connector_sync_state where connection_id = ${reading.connection.id} and stream = ${name}`;
    return row?.cursor ?? undefined;
  });
}
