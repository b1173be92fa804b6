import { randomUUID } from "node:crypto";
import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";

type Policy = { name: string; roles: string[]; command: string; using: string; check: string | null };
type ForeignKey = { name: string; to: string; columns: string[]; toColumns: string[] };
type Column = { name: string; type: string; needed: boolean; allowed: string | null };
/** A table, as Postgres's own catalog describes it. */
export type Row = {
  name: string;
  hasProject: boolean;
  hasAccount: boolean;
  rls: boolean;
  notNull: string[];
  policies: Policy[];
  foreignKeys: ForeignKey[];
  guard: { enabled: boolean; before: boolean; insert: boolean; update: string[] } | null;
  appGrants: string[];
  columns: Column[];
};

export async function tablesOf(): Promise<Row[]> {
  return asOwner(
    () =>
      sql<Row[]>`
      select c.relname as name, c.relrowsecurity as rls,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id') as has_project,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_scope_id') as has_account,
        array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.attnotnull) as not_null,
        coalesce((select jsonb_agg(jsonb_build_object('name', p.policyname, 'roles', p.roles, 'command', p.cmd, 'using', p.qual, 'check', p.with_check))
          from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname), '[]') as policies,
        coalesce((select jsonb_agg(jsonb_build_object('name', k.conname, 'to', k.confrelid::regclass::text,
            'columns', (select jsonb_agg(a.attname order by n) from unnest(k.conkey) with ordinality u (num, n) join pg_attribute a on a.attrelid = c.oid and a.attnum = num),
            'toColumns', (select jsonb_agg(a.attname order by n) from unnest(k.confkey) with ordinality u (num, n) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = num)))
          from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'), '[]') as foreign_keys,
        (select jsonb_build_object('enabled', t.tgenabled = 'O', 'before', t.tgtype & 2 > 0, 'insert', t.tgtype & 4 > 0,
            'update', (select jsonb_agg(a.attname order by a.attname) from pg_attribute a where a.attrelid = c.oid and t.tgtype & 16 > 0 and a.attnum = any (t.tgattr)))
          from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'enforce_project_scope_match'::regproc) as guard,
        array(select distinct g.privilege_type::text from information_schema.role_table_grants g
          where g.table_schema = 'public' and g.table_name = c.relname and g.grantee = 'bellwether_app') as app_grants,
        (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
            'needed', a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '',
            'allowed', (select pg_get_constraintdef(k.oid) from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1)))
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  );
}

/** The least row a table takes in a scope: every column that has to be there, filled with something of its type. */
export function rowOf({ columns, hasProject }: Row, projectId: string, accountScopeId: string): Record<string, unknown> {
  const needed = columns.filter((column) => column.needed && !["project_id", "account_scope_id"].includes(column.name));
  const filled = Object.fromEntries(needed.map((column) => [column.name, something(column)]));
  return { ...filled, account_scope_id: accountScopeId, ...(hasProject ? { project_id: projectId } : {}) };
}

function something({ name, type, allowed }: Column): unknown {
  const word = /'([^']+)'::text/.exec(allowed ?? "")?.[1] ?? `x ${randomUUID()}`;
  switch (type) {
    case "uuid":
      return randomUUID();
    case "text":
      return word;
    case "text[]":
      return [word];
    case "integer":
    case "bigint":
    case "smallint":
    case "numeric":
    case "double precision":
      return 1;
    case "boolean":
      return false;
    case "timestamp with time zone":
      return new Date("2026-01-01T00:00:00Z");
    case "date":
      return "2026-01-01";
    case "jsonb":
      return {};
    case "halfvec":
      return "[1]";
    default:
      throw new Error(`the column ${name} is of a type that is new here: ${type}`);
  }
}
