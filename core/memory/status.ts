import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { ReasonInfo, told } from "#core/jobs/reason.ts";
import * as Runs from "#core/jobs/runs.ts";
import { AsOf, asOf } from "#core/memory/as-of.ts";
import { KINDS } from "#core/memory/citations.ts";
import * as OpenAi from "#core/memory/openai.ts";
import type { ProjectScope } from "#core/scope.ts";

const Kind = z.object({
  sourceKind: z.enum(KINDS),
  chunks: z.number(),
  indexed: z.number(),
  pending: z.number(),
  processing: z.number(),
  ready: z.number(),
  failed: z.number(),
});

/** What a project's memory holds and how far it is. `lastRuns`: of each job of memory, with the reason why it did no more. */
export const Info = z.object({
  chunks: z.number(),
  indexed: z.number(),
  embedded: z.array(z.object({ model: z.string(), chunks: z.number() })),
  kinds: z.array(Kind),
  sources: z.array(AsOf),
  lastRuns: z.array(
    Runs.Info.pick({ id: true, job: true, status: true, askedAt: true, finishedAt: true, processed: true, costUsd: true, reason: true }),
  ),
  reasons: z.array(ReasonInfo),
});
export type Info = z.infer<typeof Info>;

/** The jobs that fill memory, as far as there are any. */
export const JOBS: readonly string[] = ["memory_index", "embeddings_run", "memory_extract"];

type Counted = z.infer<typeof Kind> & { model: string | null };

export async function status(scope: ProjectScope): Promise<Info> {
  const rows = await transaction(
    scope,
    () => sql<Counted[]>`
      select source_kind, embedding_model as model, count(*) as chunks, count(indexed_at) as indexed, count(*) filter (where embedding_status = 'pending') as pending,
        count(*) filter (where embedding_status = 'processing') as processing, count(*) filter (where embedding_status = 'ready') as ready,
        count(*) filter (where embedding_status = 'failed') as failed
      from rag_chunks where project_id = any (${scope.projects as string[]}::uuid[])
      group by grouping sets ((source_kind), (embedding_model)) order by source_kind, embedding_model`,
  );
  const lastRuns = (await Runs.latest(scope)).filter(({ job }) => JOBS.includes(job));
  const kinds = rows.filter(({ sourceKind }) => sourceKind !== null);
  const whys = [told(OpenAi.missing() ?? null), ...lastRuns.map(({ reason }) => reason)];
  return {
    chunks: kinds.reduce((all, { chunks }) => all + chunks, 0),
    indexed: kinds.reduce((all, { indexed }) => all + indexed, 0),
    embedded: rows.flatMap(({ model, ready }) => (model !== null && ready > 0 ? [{ model, chunks: ready }] : [])),
    kinds,
    sources: await asOf(scope),
    lastRuns,
    reasons: [...new Map(whys.flatMap((why) => (why ? [[why.code, why] as const] : []))).values()],
  };
}
