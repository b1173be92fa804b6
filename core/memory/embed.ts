import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { type Reason, Refused } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import * as Ask from "#core/memory/ask.ts";
import * as Claim from "#core/memory/claim.ts";
import { inputs } from "#core/memory/inputs.ts";
import * as OpenAi from "#core/memory/openai.ts";
import * as Vectors from "#core/memory/vectors.ts";

/** Chunks between two checkpoints, and at most in one run; half of it in economy mode, and then the rest waits for the next. */
const BITE = 256;
const MOST = 4_096;

/**
 * Gives a project's chunks their vectors. Without a model to ask it says `no_key`, and memory finds by words alone. A text that the model does not take
 * fails alone; a budget that is spent, a key that is refused and a rate that is limited end the run with that reason, and the chunks wait.
 */
export async function run(run: Run): Promise<Outcome> {
  const server = await OpenAi.open(run.budget);
  const model = config.EMBEDDING_MODEL;
  const spender = { scope: run.scope, by: `job:${run.job}`, run: { id: run.id, job: run.job } };
  const asking = Ask.asking(server, spender, "embedding", model);
  const counters = { embedded: 0, failed: 0, again: 0, asked: 0, known: 0 };
  const most = run.economy ? MOST / 2 : MOST;
  const end = async (more: boolean, why?: Reason): Promise<Outcome> => ({
    processed: counters.embedded,
    counters: { ...counters, requests: run.budget.requests },
    costUsd: await Ledger.ofRun(run.id),
    more,
    ...(why ? { reason: why } : {}),
  });
  const began = Clock.now();
  await Claim.recover(run);
  for (let taken = 0; taken < most; ) {
    if (!run.budget.left()) return end(!run.economy);
    const chunks = await Claim.claim(run, Vectors.space(model), began, Math.min(BITE, most - taken));
    if (chunks.length === 0) return end(await Vectors.forgetOthers(run, model));
    taken += chunks.length;
    const stopped = await bite(run, asking, chunks, counters);
    if (stopped instanceof Refused) return end(false, stopped.why);
    if (stopped) throw stopped;
  }
  return end(!run.economy);
}

type Counters = { embedded: number; failed: number; again: number; asked: number; known: number };

/** Embeds what was claimed and writes how each ended. Answers what stopped it, if it could not ask for all. */
async function bite(run: Run, asking: Ask.Asking, chunks: readonly Claim.Claimed[], counters: Counters): Promise<unknown> {
  const { model } = asking;
  const made = chunks.map((chunk) => ({ chunk, inputs: inputs(chunk) }));
  const texts = new Map(made.flatMap((one) => one.inputs.map((input) => [input.hash, input.text] as const)));
  const known = await Vectors.known(run.scope, model, [...texts.keys()]);
  if (known.size > 0) await Ledger.spared(asking.spender, { purpose: asking.purpose, model, texts: known.size });
  const { vectors, refused, failed, stopped } = await Ask.all(asking, new Map([...texts].filter(([hash]) => !known.has(hash))));
  const has = (hash: string) => known.has(hash) || vectors.has(hash);
  const ends = {
    done: [] as Vectors.Made[],
    failed: [] as Vectors.Lost[],
    counted: [] as Vectors.Lost[],
    uncounted: [] as Claim.Claimed[],
  };
  for (const one of made) {
    const { chunk } = one;
    const bad = one.inputs.map(({ hash }) => refused.get(hash)).find(Boolean);
    const soft = one.inputs.map(({ hash }) => failed.get(hash)).find(Boolean);
    if (one.inputs.every(({ hash }) => has(hash))) ends.done.push(one);
    else if (bad ?? (soft && chunk.attempts >= Claim.GIVE_UP)) ends.failed.push({ chunk, why: bad ?? (soft as Reason) });
    else if (soft) ends.counted.push({ chunk, why: soft });
    else ends.uncounted.push(chunk);
  }
  await run.checkpoint(run.scope, async () => {
    await Vectors.remember(run.scope, model, vectors);
    await Vectors.settle(run, model, ends);
  });
  counters.embedded += ends.done.length;
  counters.failed += ends.failed.length;
  counters.again += ends.counted.length;
  counters.asked += vectors.size;
  counters.known += known.size;
  return stopped;
}
