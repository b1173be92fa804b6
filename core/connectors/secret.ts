import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { config } from "#core/config.ts";

const ALGORITHM = "aes-256-gcm";
let key: Buffer | undefined;

/** Sets the key for this process: on a laptop it comes from a file made at first start. */
export function useKey(secret: string): void {
  key = createHash("sha256").update(secret).digest();
}

/** What a connection's webhook secret is sealed for: it does not open as its credentials. */
export const forWebhooks = (connectionId: string): string => `${connectionId}:webhook`;

/** Credentials as they lie in the database: `v1.` and base64url of iv, tag and ciphertext, bound to what they belong to. */
export function seal(plain: string, owner: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv(ALGORITHM, keyNow(), iv).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return `v1.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url")}`;
}

/** Throws when the key is another one, or the text was moved to another owner or changed. */
export function unseal(sealed: string, owner: string): string {
  const bytes = Buffer.from(sealed.replace(/^v1\./, ""), "base64url");
  const decipher = createDecipheriv(ALGORITHM, keyNow(), bytes.subarray(0, 12)).setAAD(Buffer.from(owner));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}

function keyNow(): Buffer {
  if (!key && config.BELLWETHER_SECRET_KEY) useKey(config.BELLWETHER_SECRET_KEY);
  if (!key) throw new Error("BELLWETHER_SECRET_KEY is not set: credentials cannot be kept without it.");
  return key;
}
