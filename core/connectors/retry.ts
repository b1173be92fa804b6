import * as Clock from "#core/clock.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Errors from "#core/connectors/errors.ts";
import { reason } from "#core/error.ts";
import { jobs, queueLimits } from "#core/jobs/catalogue.ts";
import * as Request from "#core/jobs/request.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

const LIMIT = 1_000;
const NARROW = "connectors_narrow_sync";

/**
 * The error queue of a project's connections: each failed stream and each record set aside that is due becomes a hint, and one narrow run is asked for
 * that reads exactly those. What is claimed is not due again for as long as that run may take, so that another project fed by the same connection does
 * not ask too. A person's run does not wait for anything to be due.
 */
export async function errors(run: Run): Promise<Outcome> {
  const connections = (await Connection.feeding(run.projectId)).map((connection) => connection.id);
  const now = Clock.now();
  const until = new Date(now.getTime() + queueLimits(NARROW).visibilitySeconds * 1_000);
  const asked = await run.checkpoint(run.scope, async () => {
    const claimed = await Errors.claim(connections, { projectId: run.projectId, now, until, all: run.trigger === "manual", limit: LIMIT });
    if (claimed > 0) await Request.ask(jobs, run.scope, NARROW, { trigger: "retry", by: `job:${run.job}` });
    return claimed;
  });
  if (asked === 0) return { reason: reason("nothing_due"), changed: false };
  return { processed: asked, counters: { asked }, more: asked === LIMIT, changed: false };
}
