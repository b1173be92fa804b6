import * as Db from "#core/db.ts";
import { migrateServer } from "../../migrations/migrate.ts";

/** A database of a benchmark's own on the server that DATABASE_URL names, migrated; dropped afterwards. */
export async function benchDatabase(name: string, max: number): Promise<{ url: string; owner: Db.Sql; drop: () => Promise<void> }> {
  const server = process.env.DATABASE_URL;
  if (!server) throw new Error("DATABASE_URL is not set: benchmarks run on a PostgreSQL server.");
  const admin = Db.serverPool(server, { max: 1 });
  const database = `bench_${name}_${process.pid}`;
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database}`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  await migrateServer(url.href);
  Db.adopt(Db.serverPool(url.href, { max, role: "bellwether_system" }));
  const owner = Db.serverPool(url.href, { max: 2 });
  const drop = async () => {
    await Db.disconnect();
    await owner.end({ timeout: 5 });
    await admin.unsafe(`drop database if exists ${database} with (force)`);
    await admin.end({ timeout: 5 });
  };
  return { url: url.href, owner, drop };
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
