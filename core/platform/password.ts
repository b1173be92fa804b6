import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

// OWASP's setting for 32 MiB: N = 2^15, r = 8, p = 3; about 0.2 s.
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;

/** A password that nobody would guess, in characters that are easily copied. */
export const random = (): string => randomBytes(12).toString("base64url");

/** `scrypt$N$r$p$salt$key`: the parameters travel with the hash, so that they can be raised later. */
export async function hash(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** Takes the same time whether the password is wrong or, with no hash to hold it against, there is no such person. */
export async function verify(password: string, stored: string | undefined): Promise<boolean> {
  const [, N, r, p, salt, key] = (stored ?? NOBODY).split("$");
  const expected = Buffer.from(key ?? "", "base64url");
  const given = await derive(password, Buffer.from(salt ?? "", "base64url"), expected.length, { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(given, expected) && stored !== undefined;
}

const NOBODY = ["scrypt", COST.N, COST.r, COST.p, "AAAAAAAAAAAAAAAAAAAAAA", "A".repeat(43)].join("$");

function derive(password: string, salt: Buffer, bytes: number, cost: ScryptOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const maxmem = 256 * (cost.N ?? 0) * (cost.r ?? 0);
  scrypt(password.normalize("NFKC"), salt, bytes, { ...cost, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  return promise;
}
