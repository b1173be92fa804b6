import type postgres from "postgres";
import { sql } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Of how a record becomes a node: another one has every node made anew. */
const VERSION = "1";

/** The rows `r` of a mirror that are there, and since when at the latest each is. */
export const live = (scope: ProjectScope, table: string): Fragment => sql`
  (select * from ${sql(table)} where project_id = any (${scope.projects as string[]}::uuid[]) and deleted_at is null) r`;
export const since = (): Fragment => sql`coalesce(r.created_at, r.first_seen_at)`;

/** The name of a record of the same connection as the row `r`. */
export const ref = (prefix: string, id: Fragment): Fragment => sql`${prefix}::text || r.connection_id || ':' || ${id}`;
/** The name of the client that a CRM account `a` is: the company it mirrors, or itself. */
export const accountRef = (): Fragment => sql`coalesce('attioacct:' || a.connection_id || ':' || a.external_ref, 'crmacct:' || a.id)`;

/** A fact of a record: its relation, the name of the record it leads to or a value, and since when at the latest it holds. */
export const fact = (relation: string, key: Fragment | null, value: Fragment | null, at: Fragment): Fragment =>
  sql`(${relation}::text, ${key ?? sql`null`}::text, ${value ?? sql`null`}::text, ${at}::timestamptz)`;
export const facts = (...rows: Fragment[]): Fragment => sql`
  (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
    select * from (values ${rows.reduce((all, one) => sql`${all}, ${one}`)}) f (relation, key, value, at) where key is not null or value is not null) f)`;
/** The same relation to each of several records. */
export const each = (relation: string, keys: Fragment, at: Fragment): Fragment => sql`
  (select coalesce(jsonb_agg(jsonb_build_object('relation', ${relation}::text, 'key', k, 'value', null, 'at', ${at}::timestamptz) order by k), '[]')
    from unnest(${keys}) k)`;

/** A hash of all that was read of a record. */
export const print = (columns: Fragment): Fragment => sql`md5(row(${VERSION}::text, ${columns})::text)`;
