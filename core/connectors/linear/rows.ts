import type postgres from "postgres";
import type { Reading, Written } from "#core/connectors/connector.ts";
import type { Routed } from "#core/connectors/linear/coverage.ts";
import { sql } from "#core/db.ts";

export const NOTHING: Written = { rows: 0, events: 0 };
export const sum = (...all: readonly Written[]): Written => ({
  rows: all.reduce((total, one) => total + one.rows, 0),
  events: all.reduce((total, one) => total + one.events, 0),
});

/** A piece of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

type Record = { externalId: string };
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** Rows as the database names their columns. */
const inSnake = (rows: readonly object[]): object[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value])));

/** Each record once: a page may repeat a row that moved while it was made. The last one read counts. */
export const once = <T extends Record>(routed: readonly Routed<T>[]): Routed<T>[] => [
  ...new Map(routed.map((one) => [one.row.externalId, one])).values(),
];

/** Each record once, to all the projects that it goes to: what many issues name is named for the projects of each. */
export const gathered = <T extends Record>(routed: readonly Routed<T>[]): Routed<T>[] =>
  [...Map.groupBy(routed, (one) => one.row.externalId).values()].map((same) => ({
    row: (same.at(-1) as Routed<T>).row,
    projects: [...new Set(same.flatMap((one) => one.projects))],
  }));

/**
 * The beginning of a statement that writes records into their projects: `before` holds what was stored of them, `written` what differs now and is
 * written, with `inserted`; `given` all of them, with `actor` where a record has one. A row that is as it was is not touched; one that had been counted
 * absent or deleted is back.
 */
export function written<T extends Record>(
  reading: Reading,
  table: string,
  columns: readonly (keyof T & string)[],
  routed: readonly Routed<T>[],
) {
  const { id: connectionId, accountScopeId } = reading.connection;
  const records = once(routed);
  const pairs = records.flatMap(({ row, projects }) => projects.map((project) => ({ id: row.externalId, project })));
  const names = columns.map(snake);
  const list = (prefix: string) => sql.unsafe(names.map((name) => `${prefix}${name}`).join(", "));
  const sets = sql.unsafe(names.map((name) => `${name} = excluded.${name}`).join(", "));
  const rows = inSnake(records.map(({ row }) => row)) as never;
  return sql`
    given as (
      select p.project_id as to_project, r.*, e.value ->> 'actor' as actor
      from jsonb_array_elements(${rows}::jsonb) as e cross join lateral jsonb_populate_record(null::${sql(table)}, e.value) as r
      join unnest(${pairs.map((pair) => pair.id)}::text[], ${pairs.map((pair) => pair.project)}::uuid[]) as p (external_id, project_id) on p.external_id = r.external_id),
    before as (
      select t.* from given g join ${sql(table)} t on t.project_id = g.to_project and t.connection_id = ${connectionId} and t.external_id = g.external_id),
    written as (
      insert into ${sql(table)} as t (project_id, account_scope_id, connection_id, external_id, first_seen_at, changed_at, ${list("")})
      select to_project, ${accountScopeId}, ${connectionId}, external_id, ${reading.now}, ${reading.now}, ${list("given.")} from given
      on conflict (project_id, connection_id, external_id) do update set
        changed_at = excluded.changed_at, absent_passes = 0, deleted_at = null, ${sets}
      where (t.absent_passes, t.deleted_at, ${list("t.")}) is distinct from (0::smallint, null::timestamptz, ${list("excluded.")})
      returning t.*, (xmax = 0) as inserted)`;
}
