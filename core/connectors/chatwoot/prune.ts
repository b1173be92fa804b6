import type { Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/** Contacts taken out at once; what is left goes with the next. */
const BITE = 5_000;

/** What bindings cover, as SQL sees it: one row per binding of the connection, over every project that holds rows of it. */
const bindings = (reading: Reading) => sql`
  select project_id, inbox_ids, labels, array(select lower(btrim(c)) from unnest(companies) c) as companies
  from project_sources where connection_id = ${reading.connection.id} and removed_at is null`;

/** Conversations no binding of their project covers any more, with their messages; then inboxes and contacts that nothing there refers to. */
export async function prune(reading: Reading, limit: number): Promise<number> {
  const projects = reading.scope.projects as string[];
  const conversations = await sql`
    with b as (${bindings(reading)})
    delete from cw_conversations where (project_id, connection_id, conversation_id) in (
      select v.project_id, v.connection_id, v.conversation_id
      from cw_conversations v left join cw_contacts c on c.project_id = v.project_id and c.connection_id = v.connection_id and c.contact_id = v.contact_id
      where v.project_id = any (${projects}::uuid[]) and v.connection_id = ${reading.connection.id}
        and not exists (
          select from b where b.project_id = v.project_id
            and (cardinality(b.inbox_ids) = 0 or v.inbox_id = any (b.inbox_ids)) and (cardinality(b.labels) = 0 or v.labels && b.labels)
            and (cardinality(b.companies) = 0 or lower(btrim(c.company)) = any (b.companies)))
      limit ${limit})`;
  if (conversations.count === limit) return conversations.count;
  const contacts = await strangers(reading, limit);
  const inboxes = await sql`
    with b as (${bindings(reading)})
    delete from cw_inboxes_raw i
    where i.project_id = any (${projects}::uuid[]) and i.connection_id = ${reading.connection.id}
      and not exists (select from b where b.project_id = i.project_id and (cardinality(b.inbox_ids) = 0 or i.inbox_id = any (b.inbox_ids)))`;
  return conversations.count + contacts + inboxes.count;
}

/** Takes out contacts that no binding of their project covers and no conversation there is with; answers how many, at most `limit`. */
export async function strangers(reading: Reading, limit = BITE): Promise<number> {
  const gone = await sql`
    with b as (${bindings(reading)})
    delete from cw_contacts where (project_id, connection_id, contact_id) in (
      select c.project_id, c.connection_id, c.contact_id from cw_contacts c
      where c.project_id = any (${reading.scope.projects as string[]}::uuid[]) and c.connection_id = ${reading.connection.id}
        and not exists (select from cw_conversations v where v.project_id = c.project_id and v.connection_id = c.connection_id and v.contact_id = c.contact_id)
        and not exists (
          select from b where b.project_id = c.project_id and cardinality(b.inbox_ids) = 0 and cardinality(b.labels) = 0
            and (cardinality(b.companies) = 0 or lower(btrim(c.company)) = any (b.companies)))
      limit ${limit})`;
  return gone.count;
}
