import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { vector } from "@electric-sql/pglite-pgvector";
import * as Db from "#core/db.ts";
import { migrate } from "../migrations/migrate.ts";

export type Embedded = { close: () => Promise<void>; pglite: PGlite };

/**
 * Opens the embedded database in `folder` ("memory://" keeps nothing), migrates it and makes it the process's database. Throws when another living
 * process holds the folder: two processes on one PGlite folder lose committed rows silently.
 */
export async function openEmbedded(folder: string, snapshot?: Blob): Promise<Embedded> {
  const release = folder.startsWith("memory://") ? async () => undefined : await lockFolder(folder);
  const pglite = await PGlite.create({
    dataDir: folder.startsWith("memory://") ? folder : join(folder, "pg"),
    extensions: { vector, pgcrypto, pg_trgm },
    ...(snapshot ? { loadDataDir: snapshot } : {}),
  });
  const sql = Db.socketPool(async () => duplex(pglite));
  await migrate(sql);
  // The session is shared, so its role is set once; `transaction` narrows it and every transaction ends back here.
  await sql`set role bellwether_system`;
  Db.adopt(sql);
  const close = async () => {
    await Db.disconnect();
    await pglite.close();
    await release();
  };
  return { close, pglite };
}

/** PGlite behind the one driver: postgres.js writes the wire protocol here and reads the answers. `socket` is not in its types; a test holds it. */
function duplex(pglite: PGlite): Duplex {
  let turn: Promise<unknown> = Promise.resolve();
  const socket = new Duplex({
    // postgres.js forgets to reserve a transaction's connection when its "begin" meets a full buffer: this one is never full.
    writableHighWaterMark: Number.MAX_SAFE_INTEGER,
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      turn = turn
        .then(() => pglite.execProtocolRaw(new Uint8Array(chunk)))
        .then(
          (answer) => {
            done();
            if (answer.length > 0) socket.push(Buffer.from(answer));
          },
          (error: Error) => done(error),
        );
    },
    final(done) {
      socket.push(null);
      done();
    },
  });
  // sql.end() asks the socket for it and hangs without an answer.
  Object.defineProperty(socket, "readyState", { get: () => (socket.destroyed ? "closed" : "open") });
  return socket;
}

/** Takes the folder for this process, over from a dead holder if need be. Returns what gives it back. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "lock");
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10);
      if (holder !== process.pid && alive(holder)) {
        throw new Error(`${folder} is in use by process ${holder}. Stop it, or choose another folder with BELLWETHER_DATA.`);
      }
      await rm(path, { force: true });
    }
  }
  throw new Error(`${folder} could not be locked: another process keeps taking it.`);
}

export function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
