import * as Clock from "#core/clock.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import * as Graph from "#core/memory/graph.ts";
import * as Words from "#core/memory/words.ts";

/**
 * The job `memory_index`: the words of chunks that have none yet, then the graph of whom and what they and the sources' own fields name. In batches, until
 * nothing is left or the budget ends. A second pass over what did not change writes nothing.
 */
export async function refresh(run: Run): Promise<Outcome> {
  const total = { chunks: 0, postings: 0, nodes: 0, aliases: 0, facts: 0, mentions: 0 };
  const answer = (more: boolean): Outcome => {
    const processed = total.chunks + total.nodes + total.aliases + total.facts + total.mentions;
    return { processed, counters: total, more, changed: processed > 0 };
  };
  for (;;) {
    const done = await run.checkpoint(run.scope, () => Words.index(run.scope, Clock.now()));
    total.chunks += done.chunks;
    total.postings += done.postings;
    if (done.chunks < Words.BATCH) break;
    if (!run.budget.left()) return answer(true);
  }
  for (;;) {
    const { left, ...done } = await run.checkpoint(run.scope, () => Graph.refresh(run.scope, Clock.now()));
    for (const [name, count] of Object.entries(done)) total[name as keyof typeof done] += count;
    if (!left) return answer(false);
    if (!run.budget.left()) return answer(true);
  }
}
