import { sql, transaction } from "#core/db.ts";
import * as Entities from "#core/identity/entities.ts";
import * as Matches from "#core/identity/matches.ts";
import * as Similar from "#core/identity/similar.ts";
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

/** Until the transaction's end nobody else suggests or decides in these projects. */
export async function hold(scope: ProjectScope): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('identity ' || id, 0)) from unnest(${scope.projects.toSorted()}::text[]) with ordinality as p (id, n) order by n`;
}
