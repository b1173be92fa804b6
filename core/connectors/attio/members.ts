import type { Member } from "#core/connectors/attio/transform.ts";
import type { Reading, Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** The workspace's members into every project it feeds: they are the team, and write the notes. Attio suspends members and never deletes them. */
export async function upsert(reading: Reading, rows: readonly Member[]): Promise<Written> {
  const { id: connectionId, accountScopeId } = reading.connection;
  const projects = [...new Set(reading.bindings.map((binding) => binding.projectId))];
  const written = await sql`
    insert into attio_members_raw as t (project_id, account_scope_id, connection_id, external_id, name, email, access_level, first_seen_at, changed_at)
    select p.id, ${accountScopeId}, ${connectionId}, m."externalId", m.name, m.email, m."accessLevel", ${reading.now}, ${reading.now}
    from jsonb_to_recordset(${[...new Map(rows.map((row) => [row.externalId, row])).values()] as never}::jsonb)
      as m ("externalId" text, name text, email text, "accessLevel" text)
    cross join unnest(${projects}::uuid[]) as p (id)
    on conflict (project_id, connection_id, external_id) do update set
      name = excluded.name, email = excluded.email, access_level = excluded.access_level, changed_at = excluded.changed_at, absent_passes = 0, deleted_at = null
    where (t.name, t.email, t.access_level, t.absent_passes, t.deleted_at)
      is distinct from (excluded.name, excluded.email, excluded.access_level, 0::smallint, null::timestamptz)`;
  return { rows: written.count, events: 0 };
}
