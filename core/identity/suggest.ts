import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import * as Entities from "#core/identity/entities.ts";
import * as Matches from "#core/identity/matches.ts";
import * as Similar from "#core/identity/similar.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `left`: entities whose names have still to be looked up for similar ones; another call carries on. */
export type Suggested = Matches.Written & { left: number };

/**
 * Proposes who may be whom in the scope's projects, from what the mirrors hold now. Nothing is written where nothing changed, and nothing that a person
 * has decided. Looking up similar names is bounded to a batch a call. `thorough` matches everything again although nothing changed.
 */
export async function suggest(scope: ProjectScope, now: Date, { thorough = false } = {}): Promise<Suggested> {
  return transaction(scope, async () => {
    await hold(scope);
    const { changed, outdated } = await Entities.refresh(scope, now);
    const shared = changed > 0 || thorough ? await Matches.shared(scope, now) : { written: 0, removed: 0 };
    const similar = await Similar.look(scope, now);
    return { written: shared.written + similar.written, removed: shared.removed + outdated, left: similar.left };
  });
}

/** The suggestions as a run of the job `identity_suggestions`: in batches, until all names were looked up or the budget ends. */
export async function refresh(run: Run): Promise<Outcome> {
  const { written, removed, left } = await run.checkpoint(run.scope, () => suggest(run.scope, Clock.now()));
  const total = { written, removed };
  let more = left > 0;
  while (more && run.budget.left()) {
    const similar = await run.checkpoint(run.scope, () => lookOn(run.scope, Clock.now()));
    total.written += similar.written;
    more = similar.left > 0;
  }
  return { processed: total.written + total.removed, counters: total, more, changed: total.written + total.removed > 0 };
}

/** The next batch of names, among the entities as the run found them: who came since is the next run's. */
async function lookOn(scope: ProjectScope, now: Date): Promise<{ written: number; left: number }> {
  return transaction(scope, async () => {
    await hold(scope);
    return Similar.look(scope, now);
  });
}

/** Until the transaction's end nobody else suggests or decides in these projects. */
export async function hold(scope: ProjectScope): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('identity ' || id, 0)) from unnest(${scope.projects.toSorted()}::text[]) with ordinality as p (id, n) order by n`;
}
