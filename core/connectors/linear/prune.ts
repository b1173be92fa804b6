import type { Reading } from "#core/connectors/connector.ts";
import type { Fragment } from "#core/connectors/linear/rows.ts";
import { sql } from "#core/db.ts";

/** What bindings cover, as SQL sees it: one row per binding of the connection, names without case. */
const bindings = (reading: Reading) => sql`
  select project_id, array(select lower(btrim(x)) from unnest(team_ids) x) as teams, array(select lower(btrim(x)) from unnest(linear_project_ids) x) as projects,
    array(select lower(btrim(x)) from unnest(labels) x) as labels
  from project_sources where connection_id = ${reading.connection.id} and removed_at is null`;
const mine = (reading: Reading) =>
  sql`t.project_id = any (${reading.scope.projects as string[]}::uuid[]) and t.connection_id = ${reading.connection.id}`;
const same = () => sql`i.project_id = t.project_id and i.connection_id = t.connection_id`;

/** Issues no binding of their project covers any more, with their comments; then Linear projects, documents and whatever no issue there names. */
export async function prune(reading: Reading, limit: number): Promise<number> {
  const issues = await sql`
    with b as (${bindings(reading)})
    delete from linear_issues_raw where (project_id, connection_id, external_id) in (
      select t.project_id, t.connection_id, t.external_id
      from linear_issues_raw t left join linear_projects_raw p
        on p.project_id = t.project_id and p.connection_id = t.connection_id and p.external_id = t.linear_project_external_id
      where ${mine(reading)} and not exists (
        select from b where b.project_id = t.project_id
          and (cardinality(b.teams) = 0 or lower(t.team_external_id) = any (b.teams) or lower(t.team_key) = any (b.teams))
          and (cardinality(b.projects) = 0 or array[lower(t.linear_project_external_id), lower(p.slug_id), lower(btrim(p.name))] && b.projects)
          and (cardinality(b.labels) = 0 or array(select lower(btrim(l)) from unnest(t.labels) l) && b.labels))
      limit ${limit})`;
  if (issues.count === limit) return issues.count;
  const counts = [
    issues,
    await sql`
      with b as (${bindings(reading)})
      delete from linear_projects_raw t
      where ${mine(reading)}
        and not exists (select from linear_issues_raw i where ${same()} and i.linear_project_external_id = t.external_id)
        and not exists (
          select from b where b.project_id = t.project_id and cardinality(b.labels) = 0
            and (cardinality(b.projects) = 0 or array[lower(t.external_id), lower(t.slug_id), lower(btrim(t.name))] && b.projects)
            and (cardinality(b.teams) = 0 or exists (
              select from linear_teams_raw m where m.project_id = t.project_id and m.connection_id = t.connection_id and m.external_id = any (t.team_external_ids)
                and (lower(m.external_id) = any (b.teams) or lower(m.key) = any (b.teams)))))`,
    await sql`
      with b as (${bindings(reading)})
      delete from linear_documents_raw t
      where ${mine(reading)} and case
        when t.issue_external_id is not null then not exists (select from linear_issues_raw i where ${same()} and i.external_id = t.issue_external_id)
        when t.linear_project_external_id is not null
          then not exists (select from linear_projects_raw i where ${same()} and i.external_id = t.linear_project_external_id)
        else not exists (select from b where b.project_id = t.project_id and cardinality(b.teams) + cardinality(b.projects) + cardinality(b.labels) = 0) end`,
    await unnamed(reading, "linear_teams_raw", sql`t.external_id`, sql`i.team_external_id = t.external_id`),
    await unnamed(reading, "linear_states_raw", sql`t.team_external_id`, sql`i.state_external_id = t.external_id`),
    await unnamed(reading, "linear_cycles_raw", sql`t.team_external_id`, sql`i.cycle_external_id = t.external_id`),
    await sql`
      with b as (${bindings(reading)})
      delete from linear_users_raw t
      where ${mine(reading)} and not exists (select from b where b.project_id = t.project_id and cardinality(b.teams) + cardinality(b.projects) + cardinality(b.labels) = 0)
        and not exists (select from linear_issues_raw i where ${same()} and t.external_id in (i.assignee_external_id, i.creator_external_id))
        and not exists (select from linear_comments_raw i where ${same()} and t.external_id = i.author_external_id)
        and not exists (select from linear_documents_raw i where ${same()} and t.external_id = i.creator_external_id)`,
  ];
  return counts.reduce((total, { count }) => total + count, 0);
}

/** Of one kind, what belongs to a team that no binding covers and is named by no issue. */
async function unnamed(reading: Reading, table: string, team: Fragment, named: Fragment): Promise<{ count: number }> {
  return sql`
    with b as (${bindings(reading)})
    delete from ${sql(table)} t
    where ${mine(reading)} and not exists (select from linear_issues_raw i where ${same()} and ${named})
      and not exists (
        select from b where b.project_id = t.project_id and case
          when cardinality(b.teams) = 0 then cardinality(b.projects) + cardinality(b.labels) = 0
          else lower(${team}) = any (b.teams) or exists (
            select from linear_teams_raw m where m.project_id = t.project_id and m.connection_id = t.connection_id and m.external_id = ${team} and lower(m.key) = any (b.teams)) end)`;
}
