import { createHash } from "node:crypto";

/** How many tokens a text is counted as: four characters each. */
export const tokens = (text: string): number => Math.max(1, Math.ceil(text.length / 4));

/** A vector of length one whose likeness to another is that of their words: each word counts on one axis, for or against. */
export function vector(text: string, dimensions: number): number[] {
  const sums = new Float64Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const hash = createHash("sha256").update(word).digest();
    const axis = hash.readUInt32LE(0) % dimensions;
    sums[axis] = (sums[axis] ?? 0) + (hash.readUInt8(4) % 2 ? 1 : -1);
  }
  const length = Math.hypot(...sums) || 1;
  return Array.from(sums, (sum) => sum / length);
}

export function base64(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeFloatLE(value, n * 4);
  return bytes.toString("base64");
}
