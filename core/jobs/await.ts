import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import * as Request from "#core/jobs/request.ts";
import * as Runs from "#core/jobs/runs.ts";
import type { ProjectScope } from "#core/scope.ts";

const EVERY_MS = 200;
const AT_MOST_MS = 25_000;

/** How a run is asked for over the API, and answered. */
export const Asked = {
  status: 202,
  query: z.object({ wait: z.stringbool().default(false) }),
  answer: z.object({ jobRun: Runs.Info }),
} as const;
type Asking = { actor: Caller; scope: ProjectScope; query: { wait: boolean } };

/** Asks for a run on somebody's word, and answers it as it stands; to who waits, as it ended. */
export async function runNow(asking: Asking, name: string): Promise<{ jobRun: Runs.Info }> {
  const { actor, scope } = asking;
  return told(asking, await Request.ask(jobs, scope, name, { trigger: "manual", by: label(actor), actor }));
}

/** The same for a run whose attempts were spent. */
export async function redrive(asking: Asking, id: string): Promise<{ jobRun: Runs.Info }> {
  await Request.redrive(jobs, asking.scope, id, asking.actor);
  return told(asking, id);
}

async function told({ scope, query }: Asking, id: string): Promise<{ jobRun: Runs.Info }> {
  return { jobRun: query.wait ? await ended(scope, id) : await Runs.get(scope, id) };
}

/** The run once it has ended or failed and waits for its next attempt, or as it stands after 25 seconds: the gateway gives up at 30. */
export async function ended(scope: ProjectScope, id: string): Promise<Runs.Info> {
  const until = performance.now() + AT_MOST_MS;
  for (;;) {
    const run = await Runs.get(scope, id);
    const over = run.status === "queued" ? run.attempts > 0 && run.dueAt > Clock.now() : run.status !== "running";
    if (over || performance.now() > until) return run;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
