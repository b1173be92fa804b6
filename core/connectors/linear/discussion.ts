import type { Reading, Written } from "#core/connectors/connector.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import { NOTHING, sum, written } from "#core/connectors/linear/rows.ts";
import type { Comment, Paper } from "#core/connectors/linear/transform.ts";
import { sql } from "#core/db.ts";

const COMMENT = [
  "issueExternalId",
  "parentExternalId",
  "body",
  "authorType",
  "authorExternalId",
  "authorName",
  "url",
  "createdAt",
  "updatedAt",
  "editedAt",
  "archivedAt",
  "sanitized",
] as const satisfies readonly (keyof Comment)[];
const PAPER = [
  "linearProjectExternalId",
  "issueExternalId",
  "title",
  "content",
  "creatorExternalId",
  "creatorName",
  "url",
  "createdAt",
  "updatedAt",
  "archivedAt",
  "trashed",
  "sanitized",
] as const satisfies readonly (keyof Paper)[];

/** Comments into every project that holds their issue by now; the others are nobody's. */
export async function comments(reading: Reading, given: readonly Comment[]): Promise<Written> {
  const held = await holding(
    reading,
    "linear_issues_raw",
    given.map((comment) => comment.issueExternalId),
  );
  const routed = given.map((row): Routed<Comment> => ({ row, projects: held.get(row.issueExternalId) ?? [] }));
  if (!routed.some((one) => one.projects.length > 0)) return NOTHING;
  const [counts] = await sql<Written[]>`
    with ${written(reading, "linear_comments_raw", COMMENT, routed)},
    happened as (
      select w.*, e.event_type, g.actor from written w join given g on g.to_project = w.project_id and g.external_id = w.external_id
      left join before b on b.project_id = w.project_id and b.external_id = w.external_id
      cross join lateral (values
        ('comment_added', w.inserted),
        ('comment_edited', not w.inserted and b.deleted_at is null and b.body is distinct from w.body)) as e (event_type, so)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'linear', actor, 'linear:comment:' || external_id,
        case when event_type = 'comment_added' then created_at else coalesce(edited_at, updated_at) end, ${reading.now},
        jsonb_build_object('connection_id', connection_id, 'issue_id', issue_external_id, 'comment_id', external_id),
        'linear:' || connection_id || ':comment:' || external_id || ':' || event_type
          || case when event_type = 'comment_added' then '' else ':' || extract(epoch from ${reading.now}::timestamptz) end
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return counts ?? NOTHING;
}

/** Documents into their projects. One that went somewhere before and does not any more is taken out there. */
export async function papers(reading: Reading, given: readonly Routed<Paper>[]): Promise<Written> {
  if (given.length === 0) return NOTHING;
  const issues = await holding(
    reading,
    "linear_issues_raw",
    given.flatMap(({ row }) => row.issueExternalId ?? []),
  );
  const projects = await holding(
    reading,
    "linear_projects_raw",
    given.flatMap(({ row }) => row.linearProjectExternalId ?? []),
  );
  const routed = given.map(({ row, projects: own }): Routed<Paper> => {
    if (row.issueExternalId !== null) return { row, projects: issues.get(row.issueExternalId) ?? [] };
    if (row.linearProjectExternalId !== null) return { row, projects: projects.get(row.linearProjectExternalId) ?? [] };
    return { row, projects: own };
  });
  const pairs = routed.flatMap(({ row, projects: to }) => to.map((project) => ({ id: row.externalId, project })));
  const moved = await sql`
    delete from linear_documents_raw d
    where d.project_id = any (${reading.scope.projects as string[]}::uuid[]) and d.connection_id = ${reading.connection.id}
      and d.external_id = any (${routed.map(({ row }) => row.externalId)}::text[])
      and not exists (
        select from unnest(${pairs.map((pair) => pair.id)}::text[], ${pairs.map((pair) => pair.project)}::uuid[]) as r (external_id, project_id)
        where r.external_id = d.external_id and r.project_id = d.project_id)`;
  if (pairs.length === 0) return { rows: moved.count, events: 0 };
  const [counts] = await sql<Written[]>`
    with ${written(reading, "linear_documents_raw", PAPER, routed)},
    happened as (
      select w.*, e.* from written w left join before b on b.project_id = w.project_id and b.external_id = w.external_id
      cross join lateral (values
        ('document_created', w.inserted, w.created_at, null),
        ('document_updated', not w.inserted and b.deleted_at is null and not w.trashed and (b.title, b.content) is distinct from (w.title, w.content), w.updated_at, ${reading.now}::timestamptz),
        ('document_deleted', not w.inserted and b.deleted_at is null and not b.trashed and w.trashed, coalesce(w.archived_at, w.updated_at), ${reading.now}))
        as e (event_type, so, occurred_at, seen)
      where e.so),
    events as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, event_type, 'linear', 'team', 'linear:document:' || external_id, occurred_at, ${reading.now},
        jsonb_build_object('connection_id', connection_id, 'document_id', external_id),
        'linear:' || connection_id || ':document:' || external_id || ':' || event_type || coalesce(':' || extract(epoch from seen), '')
      from happened
      on conflict (project_id, dedupe_key) do nothing
      returning 1)
    select (select count(*) from written) as rows, (select count(*) from events) as events`;
  return sum({ rows: moved.count, events: 0 }, counts ?? NOTHING);
}

/** Which projects hold these issues or projects, deleted ones aside. */
async function holding(
  reading: Reading,
  table: "linear_issues_raw" | "linear_projects_raw",
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ externalId: string; projects: string[] }[]>`
    select external_id, array_agg(project_id::text) as projects from ${sql(table)}
    where project_id = any (${reading.scope.projects as string[]}::uuid[]) and connection_id = ${reading.connection.id}
      and external_id = any (${ids as string[]}::text[]) and deleted_at is null
    group by external_id`;
  return new Map(rows.map((row) => [row.externalId, row.projects]));
}
