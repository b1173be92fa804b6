import * as Silence from "#core/chats/silence.ts";
import * as Clock from "#core/clock.ts";
import * as Reconcile from "#core/connectors/reconcile.ts";
import { over } from "#core/connectors/sync.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";

/**
 * The sync cycle of a project: every connection that feeds it is read, or has been read since the run was asked for. Then who has fallen silent is
 * noted, which time alone brings about; not after a read that failed or is not at its end, for a client may have written what it did not see.
 */
export async function cycle(run: Run): Promise<Outcome> {
  const outcome = await over(run, { share: true, streams: (connector) => connector.cycle, after: Reconcile.afterCycle });
  if (outcome.more) return outcome;
  const silences = await run.checkpoint(run.scope, () => Silence.note(run.scope, Clock.now()));
  const noted = silences.started + silences.ended;
  return {
    ...outcome,
    counters: { ...outcome.counters, silences_started: silences.started, silences_ended: silences.ended },
    changed: outcome.changed !== false || noted > 0,
  };
}
