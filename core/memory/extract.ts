import * as Clock from "#core/clock.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { Failed, type Reason, Refused } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import { complete } from "#core/memory/complete.ts";
import * as Facts from "#core/memory/extract-facts.ts";
import * as Parts from "#core/memory/extract-parts.ts";
import * as Write from "#core/memory/extract-write.ts";
import { hold } from "#core/memory/graph.ts";
import * as OpenAi from "#core/memory/openai.ts";

/** Parts of threads in one run; half of them in economy mode, and then the rest waits for the next. */
const MOST = 200;
/** Parts in a row without an answer after which it is not them. */
const IN_A_ROW = 5;
/** A part over which the server fell, or took too long, is left alone so long: it is not to take every run's time. */
const AGAIN_MS = 6 * 60 * 60_000;
/** A filter, or a text that is too much: these say no to what was asked, and would again. */
const NO = [400, 413, 422];

/**
 * Has a model read what changed in a project's threads, and keeps the facts that stand on words found there. Without a model to ask it says `no_key`. A part
 * that has no answer is counted as failed with its reason, and the next one is read; a spent budget, and several such parts in a row, end the run with
 * that reason, and what is left waits.
 */
export async function run(run: Run): Promise<Outcome> {
  // Not by opening the server: after a rest a host lets one call through, and that is the first part's.
  const missing = OpenAi.missing();
  if (missing) throw new Refused(missing.code, missing.params);
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
  const parts = await Parts.changed(run.scope, Clock.now(), most);
  let why: Reason | undefined;
  let unanswered = 0;
  for (const part of parts) {
    if (!run.budget.left()) return end(!run.economy, why);
    try {
      const lines = await Parts.lines(run.scope, part);
      if (lines.length < part.chunkNos.length) continue;
      const answered = await ask(run, lines);
      counters.parts += 1;
      if ("facts" in answered) {
        unanswered = 0;
        const { facts, refused } = await keep(run, part, lines, answered);
        counters.facts += facts;
        counters.refused += refused;
      } else {
        counters.failed += 1;
        why = answered.why;
        unanswered = answered.paid ? 0 : unanswered + 1;
        await run.checkpoint(run.scope, () => Write.remember(run.scope, part, { facts: 0, refused: 0, ...answered }, Clock.now()));
        if (answered.over || unanswered === IN_A_ROW) return end(false, why);
      }
    } catch (error) {
      if (error instanceof Refused) return end(false, error.why);
      throw error;
    }
  }
  return end(parts.length === most && !run.economy, why);
}

async function keep(
  run: Run,
  part: Parts.Part,
  lines: readonly Facts.Line[],
  answer: Facts.Answer,
): Promise<{ facts: number; refused: number }> {
  return run.checkpoint(run.scope, async () => {
    const now = Clock.now();
    await hold(run.scope);
    const { facts, refused } = Facts.accepted(lines, answer);
    const written = await Write.replace(run.scope, part, facts, now);
    const counted = { facts: written, refused: refused + facts.length - written };
    await Write.remember(run.scope, part, counted, now);
    return counted;
  });
}

/** Why a part has no answer. `paid`: there was one, of no use. `againAt`: when there may be one. `over`: nobody is answered now. */
type Unanswered = { why: Reason; paid: boolean; againAt: Date | null; over: boolean };

/** Throws what is not about this part: a key or a budget that is spent, a rate that is limited, a model that is not there. */
async function ask(run: Run, lines: readonly Facts.Line[]): Promise<Facts.Answer | Unanswered> {
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
    // A host that has just failed too often rests from then on; what it failed at is the cause.
    const over = error instanceof Failed && error.why.code === "circuit_open";
    const cause = over ? error.cause : error;
    if (!(cause instanceof SourceError) || cause.status === 404) throw error;
    const paid = cause.kind === "invalid_data";
    const final = paid || NO.includes(cause.status);
    const againAt = final ? null : new Date(Clock.now().getTime() + AGAIN_MS);
    return { why: cause.why, paid, againAt, over };
  }
}
