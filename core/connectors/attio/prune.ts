import * as Coverage from "#core/connectors/attio/coverage.ts";
import type { Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";

/**
 * Rows that no binding of their project covers any more: entries of lists nobody names, deals, then the companies and people that were there through
 * them, then notes and tasks of what is gone. What upstream deleted keeps its mark while its project is fed at all.
 */
export async function prune(reading: Reading, limit: number): Promise<number> {
  const projects = reading.scope.projects as string[];
  const { id } = reading.connection;
  const b = sql`b as (${Coverage.bindings(reading)})`;
  const mine = sql`project_id = any (${projects}::uuid[]) and connection_id = ${id}`;
  const uncovered = (row: Coverage.Fragment, covered: Coverage.Fragment) => sql`
    ${mine} and not exists (select from b where b.project_id = ${row}.project_id and ${covered})
    and (${row}.deleted_at is null or not exists (select from b where b.project_id = ${row}.project_id)) limit ${limit}`;
  const key = sql`project_id, connection_id, external_id`;
  const entries = await sql`
    delete from attio_entries_raw e
    where ${mine} and not exists (
      select from project_sources s
      where s.project_id = e.project_id and s.connection_id = e.connection_id and s.removed_at is null and e.list_id = any (s.list_ids))`;
  const deals = await sql`
    with ${b} delete from attio_opportunities_raw where (${key}) in (
      select ${key} from attio_opportunities_raw d where ${uncovered(sql`d`, Coverage.deal())})`;
  const companies = await sql`
    with ${b} delete from attio_accounts_raw where (${key}) in (
      select ${key} from attio_accounts_raw c where ${uncovered(sql`c`, Coverage.company())})`;
  const people = await sql`
    with ${b}, dealt as (${Coverage.dealt(reading)}) delete from attio_people_raw where (${key}) in (
      select ${key} from attio_people_raw p where ${uncovered(sql`p`, Coverage.person())})`;
  const activities = await sql`
    with ${b} delete from attio_activities_raw where (${key}) in (
      select ${key} from attio_activities_raw a where ${uncovered(sql`a`, Coverage.activity())})`;
  const members = await sql`
    with ${b} delete from attio_members_raw r where ${mine} and not exists (select from b where b.project_id = r.project_id)`;
  return entries.count + deals.count + companies.count + people.count + activities.count + members.count;
}
