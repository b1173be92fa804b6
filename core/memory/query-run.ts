import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { type Reason, Refused } from "#core/error.ts";
import type { ProjectScope } from "#core/scope.ts";

export const MODES = ["naive", "local", "global", "hybrid", "mix"] as const;
export type Mode = (typeof MODES)[number];
export const AUDIENCES = ["team", "client"] as const;
export type Audience = (typeof AUDIENCES)[number];
export const ANSWERS = ["none", "extractive", "model"] as const;
export type Answered = (typeof ANSWERS)[number];

/** A chunk that a query found, as the run keeps it: never its text, which may yet be deleted. */
export type Hit = { chunk: string; record: string; score: number; cited: boolean };

/** What is written down of a query. */
export type Run = {
  query: string;
  mode: Mode;
  audience: Audience;
  topK: number;
  filters: object;
  evidence: readonly Hit[];
  answered: Answered;
  qualityScore: number;
  sourceDiversity: number;
  insufficientEvidence: boolean;
  partial: boolean;
  reasons: readonly Reason[];
  costUsd: number;
  durationMs: number;
};

/** A run as its asker may come back to it. */
export type Kept = Pick<Run, "query" | "mode" | "audience" | "qualityScore" | "sourceDiversity" | "insufficientEvidence" | "partial"> & {
  id: string;
  evidence: Hit[];
  createdAt: Date;
};

export const Feedback = z.strictObject({
  queryRunId: z.uuid(),
  rating: z.number().int().min(-1).max(1),
  comment: z.string().trim().max(2_000).optional(),
});
export type Feedback = z.infer<typeof Feedback>;

/** The caller's run; throws `not_found` for one of another asker or project. */
export async function get(scope: ProjectScope, actor: Caller, id: string): Promise<Kept> {
  const [run] = await transaction(
    scope,
    () => sql<Kept[]>`
      select id, query_text as query, mode, audience, quality_score::float8 as quality_score, source_diversity, insufficient_evidence, partial, evidence, created_at
      from lightrag_query_runs
      where project_id = any (${scope.projects as string[]}::uuid[]) and id = ${id} and asked_by = ${asker(actor)}`,
  );
  if (!run) throw new Refused("not_found", { thing: "query run" });
  return run;
}

/** Writes a query down and answers the run's id. */
export async function record(scope: ProjectScope, actor: Caller, run: Run): Promise<string> {
  const hits = run.evidence.length;
  const records = new Set(run.evidence.map(({ record }) => record)).size;
  const [row] = await transaction(
    scope,
    () => sql<{ id: string }[]>`
      insert into lightrag_query_runs (project_id, query_text, mode, audience, top_k, filters, chunk_hits, source_hits, evidence, answered, quality_score,
        source_diversity, insufficient_evidence, partial, reasons, cost_usd, duration_ms, asked_by, created_by, created_at)
      values (${scope.projects[0] ?? null}, ${run.query}, ${run.mode}, ${run.audience}, ${run.topK}, ${run.filters as never}::jsonb, ${hits}, ${records},
        ${run.evidence as never}::jsonb, ${run.answered}, ${run.qualityScore}, ${run.sourceDiversity}, ${run.insufficientEvidence}, ${run.partial},
        ${run.reasons as never}::jsonb, ${run.costUsd}, ${run.durationMs}, ${asker(actor)}, ${label(actor)}, ${Clock.now()})
      returning id`,
  );
  if (!row) throw new Error("a query run was not written");
  return row.id;
}

/** Rates a run of the caller's own; a second rating replaces the first. Throws `not_found` for another's run. */
export async function rate(scope: ProjectScope, actor: Caller, { queryRunId, rating, comment }: Feedback): Promise<void> {
  const now = Clock.now();
  const rated = await transaction(
    scope,
    () => sql`
      insert into lightrag_feedback (project_id, query_run_id, asked_by, rating, comment, created_by, created_at, updated_at)
      select project_id, id, asked_by, ${rating}, ${comment ?? null}, ${label(actor)}, ${now}, ${now} from lightrag_query_runs
      where project_id = any (${scope.projects as string[]}::uuid[]) and id = ${queryRunId} and asked_by = ${asker(actor)}
      on conflict (project_id, query_run_id, asked_by) do update
        set rating = excluded.rating, comment = excluded.comment, created_by = excluded.created_by, updated_at = excluded.updated_at
      returning query_run_id`,
  );
  if (rated.length === 0) throw new Refused("not_found", { thing: "query run" });
}

const asker = (actor: Caller): string => `${actor.kind}:${actor.id}`;
