import * as Clock from "#core/clock.ts";
import { transaction } from "#core/db.ts";
import * as Words from "#core/memory/words.ts";
import type { ProjectScope } from "#core/scope.ts";
import { chatter } from "./chatter.ts";

/** Rows a second of messages that are written, cut into chunks by the triggers, and indexed by their words; and of each half of it. `scope`: where they are. */
export async function indexingRate(messages: number): Promise<{ whole: number; chunking: number; indexing: number; scope: ProjectScope }> {
  const { scope, ms } = await chatter(messages);
  const written = performance.now();
  for (const now = Clock.now(); ; ) {
    const { chunks } = await transaction(scope, () => Words.index(scope, now));
    if (chunks < Words.BATCH) break;
  }
  const rate = (took: number) => (messages * 1_000) / took;
  const indexing = performance.now() - written;
  return { whole: rate(ms + indexing), chunking: rate(ms), indexing: rate(indexing), scope };
}
