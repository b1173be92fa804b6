import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { config } from "#core/config.ts";
import * as Secret from "#core/connectors/secret.ts";

/** The key that credentials are kept with: BELLWETHER_SECRET_KEY, or on a laptop a file made at the first start, readable by its owner only. */
export async function useSecretKey(folder: string): Promise<void> {
  if (config.BELLWETHER_SECRET_KEY) return;
  const path = join(folder, "secret-key");
  await mkdir(folder, { recursive: true });
  // `wx`: of two first starts at once, one makes the key and both read it.
  await writeFile(path, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  Secret.useKey((await readFile(path, "utf8")).trim());
}
