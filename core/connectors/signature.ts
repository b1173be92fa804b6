import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 of the parts, one after the other, as bytes. */
export function hmac(secret: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const sum = createHmac("sha256", secret);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** Whether a header carries these very bytes in hex; in a time that tells nothing of them. */
export function isHex(given: string | null, expected: Buffer): boolean {
  const bytes = Buffer.from(given ?? "", "hex");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Whether two texts are the same; in a time that tells nothing of either. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
