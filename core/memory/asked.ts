import * as z from "zod";
import { day } from "#core/api/day.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import { KINDS, type SourceKind } from "#core/memory/citations.ts";
import { ANSWERS, AUDIENCES, MODES } from "#core/memory/query-run.ts";
import type { ProjectScope } from "#core/scope.ts";

const FILTERS = {
  messages: ["message"],
  issues: ["issue", "comment"],
  deals: ["deal"],
  opportunities: ["deal"],
  notes: ["note", "task"],
  documents: ["document", "project"],
  people: ["person", "account"],
  chunks: KINDS,
} as const satisfies Record<string, readonly SourceKind[]>;
type Filter = keyof typeof FILTERS;

const LONGEST = 4_000;

/** A question to a project's memory. The days are the project's own, and both are part of the period. */
export const Question = z.strictObject({
  query: z.string().trim().min(1, "ask something").max(LONGEST, `a question has at most ${LONGEST} characters`),
  mode: z.enum(MODES).default("mix"),
  topK: z.number().int().min(1).max(50).default(10),
  sourceFilter: z
    .array(z.enum(Object.keys(FILTERS) as [Filter, ...Filter[]]))
    .min(1)
    .max(8)
    .optional(),
  dateFrom: day.optional(),
  dateTo: day.optional(),
  answer: z.enum(ANSWERS).default("extractive"),
  /** `client`: only what the client has written or was meant to read. */
  audience: z.enum(AUDIENCES).default("team"),
});
export type Question = z.infer<typeof Question>;

/** Instants from and before which something must have been said; null: whenever. */
export type Period = { from: Date | null; to: Date | null };
export type Frame = { kinds: SourceKind[] | undefined; period: Period; timeZone: string };

/** What a question is held to in its project. Throws `validation_error` for a period that ends before it begins. */
export async function frame(scope: ProjectScope, { sourceFilter, dateFrom, dateTo }: Question): Promise<Frame> {
  if (dateFrom && dateTo && dateTo < dateFrom) throw new Refused("validation_error", { problem: "date_to is before date_from" });
  const [row] = await transaction(
    scope,
    () => sql<{ timeZone: string; from: Date | null; to: Date | null }[]>`
      select time_zone, ${dateFrom ?? null}::date::timestamp at time zone time_zone as "from", (${dateTo ?? null}::date + 1)::timestamp at time zone time_zone as "to"
      from projects where id = any (${scope.projects as string[]}::uuid[])`,
  );
  if (!row) throw new Refused("project_not_found");
  const kinds = sourceFilter && [...new Set(sourceFilter.flatMap((name): readonly SourceKind[] => FILTERS[name]))];
  return { kinds, period: { from: row.from, to: row.to }, timeZone: row.timeZone };
}
