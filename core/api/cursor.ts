import * as z from "zod";
import { storable } from "#core/api/storable.ts";

/** Where a page ended: the sort key of its last row, sealed against nothing; what may be seen is the database's business. */
export const encode = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString("base64url");

/** The query fields of a paged list whose rows are sorted by `key`. `cursor` arrives decoded: the place before which to go on. */
export function pageBy<K extends z.ZodType>(key: K) {
  const cursor = z
    .string()
    .max(512)
    .transform((text, context) => {
      const place = decode(text);
      const parsed = key.safeParse(place);
      if (parsed.success && storable(place)) return parsed.data;
      context.addIssue({ code: "custom", message: "not a cursor of this list" });
      return z.NEVER;
    });
  return { limit: z.coerce.number().int().min(1).max(500).default(100), cursor: cursor.optional() };
}

/** The cursor of the page after these rows; null when there is none. */
export function next<Row>(rows: readonly Row[], limit: number, key: (row: Row) => unknown): string | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : encode(key(last));
}

/** The answer's part of it. */
export const nextCursor = z.string().nullable();

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
}
