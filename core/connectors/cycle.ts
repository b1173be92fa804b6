import * as Reconcile from "#core/connectors/reconcile.ts";
import { over } from "#core/connectors/sync.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

/** The sync cycle of a project: every connection that feeds it is read, or has been read since the run was asked for. */
export function cycle(run: Run): Promise<Outcome> {
  return over(run, { share: true, streams: (connector) => connector.cycle, after: Reconcile.afterCycle });
}
