import { createHash } from "node:crypto";
import { CAPS, fitting, tokens } from "#core/memory/tokens.ts";

/** The vectors a chunk is given: of its own text, and of that with what was said before it. Taking one out stops its making. */
export const PARTS = ["turn", "window"] as const;
export type Part = (typeof PARTS)[number];

export type Said = { author: string | null; text: string };
export type Chunk = Said & { title: string | null; before: readonly Said[] };
/** What is sent for one part of a chunk; the same input, whosever chunk it is, has the same hash. */
export type Input = { part: Part; text: string; hash: string };

/** What a chunk's vectors are made of; none for a text of nothing but spaces. Both parts are the same where nothing was said before. */
export function inputs(chunk: Chunk): Input[] {
  const own = line(chunk);
  if (own === "") return [];
  const turn = fitting(chunk.title === null || own.includes(chunk.title) ? own : `${chunk.title}\n${own}`);
  const window = [...chunk.before.map(line).filter(Boolean), turn].join("\n");
  const texts: Record<Part, string> = { turn, window: tokens(window) <= CAPS.tokens ? window : turn };
  return PARTS.map((part) => ({ part, text: texts[part], hash: hash(texts[part]) }));
}

export const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

function line({ author, text }: Said): string {
  const plain = text.replaceAll(/\s+/g, " ").trim();
  return plain && author ? `${author}: ${plain}` : plain;
}
