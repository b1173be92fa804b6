import { sql, transaction } from "#core/db.ts";
import { align } from "#core/memory/extract-write.ts";
import * as Aliases from "#core/memory/graph-aliases.ts";
import * as Facts from "#core/memory/graph-facts.ts";
import * as Mentions from "#core/memory/graph-mentions.ts";
import * as Nodes from "#core/memory/graph-nodes.ts";
import type { ProjectScope } from "#core/scope.ts";

/** What one pass wrote or took away, and whether there may be more to do for another. */
export type Refreshed = { nodes: number; aliases: number; facts: number; mentions: number; left: boolean };

/** So many nodes are settled, and so many chunks read for mentions, in one pass. */
const NODES = 5_000;
const CHUNKS = 5_000;

/**
 * Brings the graph of the scope's projects up to date with what the mirrors, the CRM and identity hold, and looks for mentions in chunks that are new.
 * Writes nothing where nothing changed. Bounded: while there is more `left`, another call carries on.
 */
export async function refresh(scope: ProjectScope, now: Date): Promise<Refreshed> {
  return transaction(scope, async () => {
    await hold(scope);
    // A plan made for any list of ids searches it from end to end.
    await sql`set local plan_cache_mode = force_custom_plan`;
    const nodes = await Nodes.refresh(scope, now);
    const ids = await Nodes.unsettled(scope, NODES);
    const aliases = ids.length > 0 ? await Aliases.settle(scope, ids) : 0;
    const facts = ids.length > 0 ? await Facts.settle(scope, ids, now) : 0;
    if (nodes + ids.length > 0) await Aliases.weigh(scope);
    await align(scope);
    const { changed: mentions, left } = await Mentions.read(scope, CHUNKS);
    return { nodes, aliases, facts, mentions, left: left || ids.length === NODES };
  });
}

/** Until the transaction's end nobody else refreshes these projects' graphs. */
export async function hold(scope: ProjectScope): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('graph ' || id, 0)) from unnest(${scope.projects.toSorted()}::text[]) with ordinality as p (id, n) order by n`;
}
