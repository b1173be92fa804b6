import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import { transaction } from "#core/db.ts";
import { reasonOf } from "#core/error.ts";
import { ended } from "#core/jobs/await.ts";
import { type JobName, jobs } from "#core/jobs/catalogue.ts";
import { ReasonInfo, told } from "#core/jobs/reason.ts";
import * as Request from "#core/jobs/request.ts";
import * as Runs from "#core/jobs/runs.ts";
import * as Claim from "#core/memory/claim.ts";
import * as Extract from "#core/memory/extract-write.ts";
import type { ProjectScope } from "#core/scope.ts";

/** Each job that brings memory up to date: the run that was asked for, or the reason why there is none. */
export const Refreshed = z.object({ runs: z.array(z.object({ job: z.string(), run: Runs.Info.nullable(), reason: ReasonInfo })) });
export type Refreshed = z.infer<typeof Refreshed>;

const JOBS = ["memory_index", "embeddings_run", "memory_extract"] as const satisfies readonly JobName[];

/**
 * Asks for what is new to be indexed, embedded and read for facts now, and for what a model did not take to be tried again. `wait`: until all have ended, or
 * 25 seconds. One that is refused does not keep the others.
 */
export async function refresh(scope: ProjectScope, { actor, by, wait }: { actor: Caller; by: string; wait: boolean }): Promise<Refreshed> {
  await transaction(scope, async () => {
    await Claim.revive(scope);
    await Extract.revive(scope);
  });
  const asked = await Promise.all(
    JOBS.map(async (job) => {
      try {
        const id = await Request.ask(jobs, scope, job, { trigger: "manual", by, actor });
        const run = await (wait ? ended(scope, id) : Runs.get(scope, id));
        return { job, run, reason: run.reason };
      } catch (error) {
        const why = reasonOf(error);
        if (why.code === "bug") throw error;
        return { job, run: null, reason: told(why) };
      }
    }),
  );
  return { runs: asked };
}
