import { setTimeout as sleep } from "node:timers/promises";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { transaction } from "#core/db.ts";
import { type Reason, Refused } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import * as Ann from "#core/memory/ann.ts";
import * as Ask from "#core/memory/ask.ts";
import * as Claim from "#core/memory/claim.ts";
import { inputs } from "#core/memory/inputs.ts";
import * as OpenAi from "#core/memory/openai.ts";
import * as Vectors from "#core/memory/vectors.ts";

/** Chunks between two checkpoints, and at most in one run; half of it in economy mode, and then the rest waits for the next. */
const BITE = 256;
const MOST = 4_096;
const OTHERS_TRIES = 30;
const OTHERS_MS = 500;

/**
 * Gives a project's chunks their vectors. Without a model to ask it says `no_key`, and memory finds by words alone. A text that the model does not take
 * fails alone; a budget that is spent, a key that is refused and a rate that is limited end the run with that reason, and the chunks wait.
 */
export async function run(run: Run): Promise<Outcome> {
  const model = config.EMBEDDING_MODEL;
  const server = await OpenAi.open(run.budget, model);
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
  const waiting: number[] = [];
  for (let taken = 0; taken < most; ) {
    if (!run.budget.left()) return end(!run.economy);
    const chunks = await Claim.claim(run, { model: Vectors.space(model), began, limit: Math.min(BITE, most - taken), but: waiting });
    if (chunks.length === 0 && waiting.length > 0) return end(!run.economy);
    if (chunks.length === 0) return end((await Vectors.forgetOthers(run, model)) || (await Ann.grow(run, Vectors.space(model))));
    taken += chunks.length;
    const { stopped, waits } = await bite(run, asking, chunks, counters);
    if (stopped instanceof Refused) return end(false, stopped.why);
    if (stopped) throw stopped;
    waiting.push(...waits);
  }
  return end(!run.economy);
}

type Counters = { embedded: number; failed: number; again: number; asked: number; known: number };

/** What kept a bite from asking for all of it; and the chunks that wait for what another run is asking for. */
type Ending = { stopped: unknown; waits: number[] };

/** Embeds what was claimed and writes how each ended. */
async function bite(run: Run, asking: Ask.Asking, chunks: readonly Claim.Claimed[], counters: Counters): Promise<Ending> {
  const { model } = asking;
  const made = chunks.map((chunk) => ({ chunk, inputs: inputs(chunk) }));
  const texts = new Map(made.flatMap((one) => one.inputs.map((input) => [input.hash, input.text] as const)));
  const { known, mine } = await Vectors.reserve(run, model, [...texts.keys()]);
  if (known.size > 0) await Ledger.spared(asking.spender, { purpose: asking.purpose, model, texts: known.size });
  // Without the lease: what is paid for is kept by its text, whoever goes on with the run.
  const keep: Ask.Keep = (vectors) => transaction(run.scope, () => Vectors.remember(run.scope, model, vectors));
  const { vectors, refused, failed, stopped } = await Ask.all(asking, new Map([...texts].filter(([hash]) => mine.has(hash))), keep);
  const elsewhere = [...texts.keys()].filter((hash) => !known.has(hash) && !mine.has(hash));
  for (const hash of await others(run, model, elsewhere)) known.add(hash);
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
    await Vectors.release(
      run,
      model,
      [...mine].filter((hash) => !vectors.has(hash)),
    );
    await Vectors.settle(run, model, ends);
  });
  counters.embedded += ends.done.length;
  counters.failed += ends.failed.length;
  counters.again += ends.counted.length;
  counters.asked += vectors.size;
  counters.known += known.size;
  const late = new Set(elsewhere.filter((hash) => !has(hash)));
  const waits = ends.uncounted.filter((chunk) => inputs(chunk).some(({ hash }) => late.has(hash)));
  return { stopped, waits: waits.map((chunk) => chunk.chunkNo) };
}

/** Waits a while for the vectors that another project's run is asking for; answers which have come. */
async function others(run: Run, model: string, hashes: readonly string[]): Promise<string[]> {
  let come: string[] = [];
  for (let tries = 0; come.length < hashes.length && tries < OTHERS_TRIES && run.budget.inTime(); tries++) {
    if (tries > 0) await sleep(OTHERS_MS);
    come = await Vectors.arrived(run.scope, model, hashes);
  }
  return come;
}
