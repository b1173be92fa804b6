import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as Db from "#core/db.ts";
import { openEmbedded } from "#local/database.ts";

export type TestDatabase = { close: () => Promise<void>; url: string | undefined };

/**
 * A fresh, migrated database for one test file: a copy of the suite's template. On PostgreSQL when TEST_DATABASE_URL names a server (a database of
 * its own there), else embedded, in memory.
 */
export async function freshDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) {
    const template = process.env.TEST_PGLITE_TEMPLATE;
    const snapshot = template ? new Blob([await readFile(template)]) : undefined;
    const { close } = await openEmbedded("memory://", snapshot);
    return { close, url: undefined };
  }
  const name = `test_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const admin = Db.serverPool(server, { max: 1 });
  await admin.unsafe(`create database ${name} template ${process.env.TEST_TEMPLATE_NAME}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  Db.adopt(Db.serverPool(url.href, { max: 10, role: "bellwether_system" }));
  const close = async () => {
    await Db.disconnect();
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end({ timeout: 5 });
  };
  return { close, url: url.href };
}

/** Runs `work` as the database's owner, past row-level security: for what a test has to see or break, never for what it tests. */
export async function asOwner<T>(work: () => Promise<T>): Promise<T> {
  return Db.transaction({ system: true }, async () => {
    await Db.sql`select set_config('role', 'none', true)`;
    return work();
  });
}

/** Past so many bytes a table is cut off rather than its rows deleted. */
const LARGE = 4_194_304;

/**
 * Takes all studios and what is theirs out of the database, with the queues and the rests of models and hosts. As a truncate would, which for so many tables
 * takes a quarter of a second: most of them are empty.
 */
export async function empty(): Promise<void> {
  await asOwner(async () => {
    await Db.sql`set local session_replication_role = replica`;
    await Db.sql.unsafe(`
      do $$
      declare
        name regclass;
        filled boolean;
      begin
        for name in
          with recursive below as (
            select unnest('{queue_messages,projects,connections,account_scopes,model_rests,connector_breakers}'::regclass[]) as name
            union
            select attrelid::regclass from pg_attribute where attname in ('project_id', 'account_scope_id')
            union
            select k.conrelid::regclass from pg_constraint k join below b on k.confrelid = b.name where k.contype = 'f')
          select b.name from below b join pg_class c on c.oid = b.name where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        loop
          execute format('select exists (select from %s)', name) into filled;
          if not filled then continue; end if;
          if pg_relation_size(name) > ${LARGE} then execute format('truncate %s cascade', name);
          else execute format('delete from %s', name);
          end if;
        end loop;
      end $$`);
  });
}
