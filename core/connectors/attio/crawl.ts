import * as Absence from "#core/connectors/absence.ts";
import * as Kinds from "#core/connectors/attio/kinds.ts";
import { walk } from "#core/connectors/attio/sweep.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import { type Reading, type Stream, stream, type Written } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

const { PASSES } = Absence;
const NOTHING: Written = { rows: 0, events: 0 };
/** What a deleted row keeps is its key, its times and what it referred to: every text goes. */
const emptied = () => ({
  attio_accounts_raw: sql`name = null, domain = null, domains = '{}', description = null, stage = null, annual_revenue = null`,
  attio_people_raw: sql`full_name = null, email = null, emails = '{}', phones = '{}', role = null`,
  attio_opportunities_raw: sql`title = null, stage = null, next_step = null`,
  attio_activities_raw: sql`title = null, note = null, actor_name = null`,
});

/** Every record of a kind by id, all at once: mends what is here, and after two passes that agree deletes what upstream no longer has. */
export function crawlOf<T extends { externalId: string }>(kind: Kinds.Kind<T>): Stream {
  const name = `${kind.name}_crawl`;
  return stream<{ rows: T[]; listed: string[] }>({
    name,
    read: async (reading, cursor) => {
      // A pass begins anew whatever the last one counted: it makes sure of the end by itself.
      const { page, listed } = await walk(reading, kind, cursor?.offset === undefined ? undefined : cursor, true);
      const ended = page.told ? { off: true } : {};
      return { ...page, items: { rows: page.items, listed }, cursor: page.done ? ended : page.cursor };
    },
    write: async (reading, items) => {
      await Absence.see(reading, name, items.listed);
      return Kinds.write(reading, kind, items.rows);
    },
    finish: async (reading, cursor) => {
      const gone = cursor.off === true ? NOTHING : await removeUnseen(reading, kind, name, await hidden(reading));
      await Absence.forget(reading, name);
      return gone;
    },
  });
}

/** Objects that are switched off: what hangs on their records is not shown, and not gone. */
async function hidden(reading: Reading): Promise<string[]> {
  const objects = await Workspace.objects(reading);
  return ["companies", "people", "deals"].filter((object) => Workspace.offReason(objects, object) !== undefined);
}

async function removeUnseen(
  reading: Reading,
  { table, ref }: Pick<Kinds.Kind<never>, "table" | "ref">,
  stream: string,
  unseeable: readonly string[],
): Promise<Written> {
  const activity = table === "attio_activities_raw";
  const mine = sql`
    r.project_id = any (${reading.scope.projects as string[]}::uuid[]) and r.connection_id = ${reading.connection.id} and r.deleted_at is null
    ${activity ? sql`and r.activity_type = ${ref} and not coalesce(r.record_object = any (${unseeable as string[]}::text[]), false)` : sql``}`;
  const marked = await sql`
    update ${sql(table)} r set absent_passes = r.absent_passes + 1
    where ${mine} and r.absent_passes < ${PASSES}
      and not exists (select from connector_crawl_seen s where s.connection_id = r.connection_id and s.stream = ${stream} and s.record_id = r.external_id)`;
  const [count] = await sql<Absence.Count[]>`
    select count(distinct external_id) filter (where absent_passes >= ${PASSES}) as gone, count(distinct external_id) as live,
      coalesce(array_agg(distinct project_id::text) filter (where absent_passes >= ${PASSES}), '{}') as projects
    from ${sql(table)} r where ${mine}`;
  if (!count || !(await Absence.allows(reading, stream, count)) || count.gone === 0) return { rows: marked.count, events: 0 };
  const about = activity ? sql`|| jsonb_build_object('record_object', record_object, 'record_id', record_external_id)` : sql``;
  const gone = await sql`
    with absent as (
      update ${sql(table)} r set deleted_at = ${reading.now}, changed_at = ${reading.now}, data = '{}', ${emptied()[table]}
      where ${mine} and r.absent_passes >= ${PASSES} returning r.*)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, ${ref}::text || '_deleted', 'attio', 'team', 'attio:' || ${ref}::text || ':' || external_id, ${reading.now}, ${reading.now},
      jsonb_build_object('connection_id', connection_id, ${ref}::text || '_id', external_id) ${about},
      'attio:' || connection_id || ':' || ${ref}::text || ':' || external_id || ':deleted:' || extract(epoch from ${reading.now}::timestamptz)
    from absent
    on conflict (project_id, dedupe_key) do nothing`;
  return { rows: marked.count + gone.count, events: gone.count };
}
