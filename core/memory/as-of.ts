import * as z from "zod";
import { CRAWL } from "#core/connectors/connector.ts";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Until when a source of a project is known whole: what was said upstream after that may be missing from an answer. Null: it has not yet been read once. */
export const AsOf = z.object({
  source: z.string(),
  connectionId: z.uuid(),
  connection: z.string(),
  simulated: z.boolean(),
  knownUntil: z.date().nullable(),
});
export type AsOf = z.infer<typeof AsOf>;

/** A source is known as far as the least of its streams is; the crawls only check the others' work. */
export async function asOf(scope: ProjectScope): Promise<AsOf[]> {
  return transaction(
    scope,
    () => sql<AsOf[]>`
      select c.source, c.id as connection_id, c.name as connection, c.simulated, case when bool_and(t.known_until is not null) then min(t.known_until) end as known_until
      from connections c left join connector_sync_state t on t.connection_id = c.id and right(t.stream, ${CRAWL.length}) <> ${CRAWL}
      where exists (select from project_sources s where s.connection_id = c.id and s.project_id = any (${scope.projects as string[]}::uuid[]) and s.removed_at is null)
      group by c.id order by c.created_at, c.id`,
  );
}
