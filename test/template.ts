import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Db from "#core/db.ts";
import { openEmbedded } from "#local/database.ts";
import { migrateServer } from "../migrations/migrate.ts";

/** Migrates once for the whole suite; each test file then copies the result. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = process.env.TEST_DATABASE_URL;
  if (server) return serverTemplate(server);
  const folder = await mkdtemp(join(tmpdir(), "bellwether-test-"));
  const path = join(folder, "template.tar");
  const { close, pglite } = await openEmbedded("memory://");
  await writeFile(path, Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer()));
  await close();
  process.env.TEST_PGLITE_TEMPLATE = path;
  return () => rm(folder, { recursive: true, force: true });
}

async function serverTemplate(server: string): Promise<() => Promise<void>> {
  const name = `template_${process.pid}`;
  const admin = Db.serverPool(server, { max: 1 });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.unsafe(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrateServer(url.href);
  process.env.TEST_TEMPLATE_NAME = name;
  return async () => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end({ timeout: 5 });
  };
}
