import { existsSync } from "node:fs";
import { join } from "node:path";
import { config } from "#core/config.ts";
import * as Db from "#core/db.ts";
import * as User from "#core/platform/user.ts";
import { openEmbedded } from "#local/database.ts";

/** `npm run password -- NAME`: a new password for who has lost theirs. The embedded database is for one process: stop the service first. */
async function main(name: string | undefined): Promise<void> {
  if (!name) throw new Error("Whose password? npm run password -- NAME");
  if (!config.DATABASE_URL && !existsSync(join(config.BELLWETHER_DATA, "pg")))
    throw new Error(`There is no database in ${config.BELLWETHER_DATA}; set DATABASE_URL or BELLWETHER_DATA as for the service.`);
  const close = config.DATABASE_URL ? Db.disconnect : (await openEmbedded(config.BELLWETHER_DATA)).close;
  try {
    const password = await User.replacePassword(name);
    process.stdout.write(`${name} signs in with the password ${password} from now on  (shown this once)\n`);
  } finally {
    await close();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
