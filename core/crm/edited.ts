import * as z from "zod";
import { type Actor, label } from "#core/actor.ts";

/** The fields a person has set, by column, with who and when: the mirror leaves them alone. */
export const Edited = z.record(z.string(), z.object({ by: z.string(), at: z.string() }));
export type Edited = z.infer<typeof Edited>;

/** The marks of those `columns` that are given. */
export function marks(
  actor: Actor,
  now: Date,
  columns: Readonly<Record<string, string>>,
  given: Readonly<Record<string, unknown>>,
): Edited {
  const by = { by: label(actor), at: now.toISOString() };
  return Object.fromEntries(
    Object.entries(columns)
      .filter(([name]) => given[name] !== undefined)
      .map(([, column]) => [column, by]),
  );
}
