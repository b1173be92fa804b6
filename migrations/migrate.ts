import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { config } from "#core/config.ts";
import { type Sql, serverPool } from "#core/db.ts";

const FOLDER = dirname(fileURLToPath(import.meta.url));
// Any constant: one migrator at a time on a database.
const LOCK = 724_311;

export type Migration = { name: string; text: string; checksum: string };

/** The numbered files, in order, with the SHA-256 of each. */
export async function list(folder = FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

/**
 * Applies what is missing, in order, in one transaction under an advisory lock, as the database's owner. Returns the names applied. An applied file
 * whose text changed, or that is gone, is refused by name: migrations only go forward.
 */
export async function migrate(sql: Sql, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await list());
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    await tx`
      create table if not exists schema_migrations (
        filename text primary key, checksum text not null, applied_at timestamptz not null default now())`;
    const applied = new Map(
      (await tx`select filename, checksum from schema_migrations`).map((row) => [row.filename as string, row.checksum as string]),
    );
    for (const name of applied.keys()) {
      if (!wanted.some((migration) => migration.name === name))
        throw new Error(`${name} was applied to this database but is not in migrations/.`);
    }
    const done: string[] = [];
    for (const { name, text, checksum } of wanted) {
      const known = applied.get(name);
      if (known === checksum) continue;
      if (known !== undefined) throw new Error(`${name} changed after it was applied: write a new migration instead.`);
      await tx.unsafe(text);
      await tx`insert into schema_migrations (filename, checksum) values (${name}, ${checksum})`;
      done.push(name);
    }
    return done;
  }) as Promise<string[]>;
}

/** Migrates the server behind `url`, signing in as the user it names. */
export async function migrateServer(url: string): Promise<string[]> {
  const sql = serverPool(url, { max: 1 });
  try {
    return await migrate(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

if (import.meta.main) {
  if (!config.DATABASE_URL) throw new Error("DATABASE_URL is not set. The embedded database migrates itself when it is opened.");
  const done = await migrateServer(config.DATABASE_URL);
  process.stdout.write(done.length ? `applied ${done.join(", ")}\n` : "nothing to apply\n");
}
