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
