import * as Clock from "#core/clock.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { type Reason, Refused } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import { complete } from "#core/memory/complete.ts";
import * as Facts from "#core/memory/extract-facts.ts";
import * as Parts from "#core/memory/extract-parts.ts";
import * as Write from "#core/memory/extract-write.ts";
import { hold } from "#core/memory/graph.ts";
import * as OpenAi from "#core/memory/openai.ts";

/** Parts of threads in one run; half of them in economy mode, and then the rest waits for the next. */
const MOST = 200;
const BITE = 20;

/**
 * Has a model read what changed in a project's threads, and keeps the facts that stand on words found there. Without a model to ask it says `no_key`. An
 * answer that is none is paid for once and counted as failed; a spent budget ends the run with that reason, and what is left waits.
 */
export async function run(run: Run): Promise<Outcome> {
  await OpenAi.open(run.budget);
  const counters = { parts: 0, facts: 0, refused: 0, failed: 0 };
  const most = run.economy ? MOST / 2 : MOST;
  const end = async (more: boolean, why?: Reason): Promise<Outcome> => ({
    processed: counters.parts,
    counters: { ...counters, requests: run.budget.requests },
    costUsd: await Ledger.ofRun(run.id),
    more,
    changed: counters.facts > 0,
    ...(why ? { reason: why } : {}),
  });
  while (counters.parts < most) {
    const parts = await Parts.changed(run.scope, Math.min(BITE, most - counters.parts));
    for (const part of parts) {
      if (!run.budget.left()) return end(!run.economy);
      try {
        const { facts, refused, failed } = await read(run, part);
        counters.parts += 1;
        counters.facts += facts;
        counters.refused += refused;
        counters.failed += failed;
      } catch (error) {
        if (error instanceof Refused) return end(false, error.why);
        throw error;
      }
    }
    if (parts.length < BITE) return end(false);
  }
  return end(!run.economy);
}

async function read(run: Run, part: Parts.Part): Promise<{ facts: number; refused: number; failed: number }> {
  const lines = await Parts.lines(run.scope, part);
  const answered = await ask(run, lines);
  return run.checkpoint(run.scope, async () => {
    const now = Clock.now();
    await hold(run.scope);
    if (answered instanceof SourceError) {
      await Write.remember(run.scope, part, { facts: 0, refused: 0, error: answered.why }, now);
      return { facts: 0, refused: 0, failed: 1 };
    }
    const { facts, refused } = Facts.accepted(lines, answered);
    const written = await Write.replace(run.scope, part, facts, now);
    const counted = { facts: written, refused: refused + facts.length - written };
    await Write.remember(run.scope, part, counted, now);
    return { ...counted, failed: 0 };
  });
}

/** The model's answer, or why it is none. */
async function ask(run: Run, lines: readonly Facts.Line[]): Promise<Facts.Answer | SourceError> {
  try {
    const { value } = await complete(run.scope, {
      purpose: "extraction",
      system: Facts.SYSTEM,
      messages: [{ role: "user", content: Facts.prompt(lines) }],
      schema: Facts.Answer,
      by: `job:${run.job}`,
      run: { id: run.id, job: run.job, budget: run.budget },
    });
    return value;
  } catch (error) {
    if (error instanceof SourceError && error.kind === "invalid_data") return error;
    throw error;
  }
}
