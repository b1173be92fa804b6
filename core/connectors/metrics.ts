import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** One measurement of how much of a source the mirror held before the crawl healed it. */
export const Info = z.object({
  id: z.number(),
  /** None for the project as a whole (`connector` is `portfolio`). */
  connectionId: z.uuid().nullable(),
  connector: z.string(),
  source: z.enum(["manual", "sync_cycle", "daily_job"]),
  totalCount: z.number(),
  missingCount: z.number(),
  staleCount: z.number(),
  extraCount: z.number(),
  duplicateCount: z.number(),
  completenessPct: z.coerce.number(),
  capturedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

/** The measurements of a project, newest first. */
export async function list(
  scope: ProjectScope,
  options: { before: number | undefined; limit: number; since: Date | undefined },
): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, connection_id, connector, source, total_count, missing_count, stale_count, extra_count, duplicate_count, completeness_pct::float8, captured_at
      from sync_reconciliation_metrics
      where project_id = ${only(scope)} and (${options.before ?? null}::bigint is null or id < ${options.before ?? null})
        and (${options.since ?? null}::timestamptz is null or captured_at >= ${options.since ?? null})
      order by id desc limit ${options.limit}`,
  );
}

/** A record that the latest crawl found wrong. Missing: it was not here. Stale: it had changed unseen. Extra, duplicate: upstream has no such record. */
export const Difference = z.object({
  id: z.number(),
  connectionId: z.uuid(),
  connector: z.string(),
  runId: z.uuid(),
  stream: z.string(),
  recordRef: z.string(),
  why: z.enum(["missing", "stale", "extra", "duplicate"]),
  capturedAt: z.date(),
});
export type Difference = z.infer<typeof Difference>;

/** Which records the crawls of a project found wrong and mended, newest first. */
export async function differences(
  scope: ProjectScope,
  options: { before: number | undefined; limit: number; connector: string | undefined },
): Promise<Difference[]> {
  return transaction(
    scope,
    () =>
      sql<Difference[]>`
      select id, connection_id, connector, run_id, stream, record_ref, why, captured_at from sync_reconciliation_diffs
      where project_id = ${only(scope)} and (${options.before ?? null}::bigint is null or id < ${options.before ?? null})
        and (${options.connector ?? null}::text is null or connector = ${options.connector ?? null})
      order by id desc limit ${options.limit}`,
  );
}
