import { sql } from "#core/db.ts";
import { people } from "#core/memory/graph-people.ts";
import type { Fragment } from "#core/memory/graph-source.ts";
import { work } from "#core/memory/graph-work.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Whoever and whatever the mirrors and the CRM hold now: what each is called, and the facts in its own fields. */
const found = (scope: ProjectScope): Fragment => sql`${people(scope)} union all ${work(scope)}`;

/**
 * Brings the nodes up to date with the records; answers how many came, changed or went. What those are called and their facts have then to be settled,
 * and so have those that waited for a record which came. Inside the caller's transaction.
 */
export async function refresh(scope: ProjectScope, now: Date): Promise<number> {
  const projects = scope.projects as string[];
  // A full join is hashed, whatever the planner believes of rows that were just written.
  const differing = await sql<{ id: string | null; key: string; gone: boolean }[]>`
    select k.id, coalesce(f.node_key, k.node_key) as key, f.node_key is null as gone
    from (select project_id, node_key, fingerprint from (${found(scope)}) f) f
    full join (
      select id, project_id, node_key, fingerprint from kag_nodes where project_id = any (${projects}::uuid[]) and node_type <> 'agreement') k
      on k.project_id = f.project_id and k.node_key = f.node_key
    where f.fingerprint is distinct from k.fingerprint`;
  const gone = differing.flatMap((one) => (one.gone && one.id ? [one.id] : []));
  const keys = differing.flatMap((one) => (one.gone ? [] : [one.key]));
  if (gone.length > 0) await sql`delete from kag_nodes where project_id = any (${projects}::uuid[]) and id = any (${gone}::uuid[])`;
  if (keys.length === 0) return gone.length;
  await sql`
    insert into kag_nodes as n (project_id, account_scope_id, id, node_type, node_key, title, status, payload, basis, fingerprint, created_at, updated_at)
    select f.project_id, f.account_scope_id, named_uuid(f.project_id || ':' || f.node_key), f.node_type, f.node_key, left(nullif(btrim(f.title), ''), 300), f.status,
      f.payload, jsonb_build_object('names', f.names, 'facts', f.facts, 'since', f.since), f.fingerprint, ${now}, ${now}
    from (${found(scope)}) f where f.node_key = any (${keys}::text[])
    on conflict (node_key, project_id) do update set
      title = excluded.title, status = excluded.status, payload = excluded.payload, basis = excluded.basis, fingerprint = excluded.fingerprint, settled = false,
      updated_at = excluded.updated_at
    where n.fingerprint <> excluded.fingerprint`;
  await sql`
    update kag_nodes n set settled = false
    where n.project_id = any (${projects}::uuid[]) and n.settled and n.waits_for && ${keys}::text[]`;
  return gone.length + keys.length;
}

/** Up to `limit` nodes that have still to be settled. */
export async function unsettled(scope: ProjectScope, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from kag_nodes where project_id = any (${scope.projects as string[]}::uuid[]) and not settled order by project_id, id limit ${limit}`;
  return rows.map((row) => row.id);
}
