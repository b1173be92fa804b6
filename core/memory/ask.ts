import { SourceError } from "#core/connectors/http.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { type Reason, Refused, reason } from "#core/error.ts";
import * as OpenAi from "#core/memory/openai.ts";
import { requests, tokens } from "#core/memory/tokens.ts";

/** Inputs of one request, and requests at once: what a model on a small machine answers well within the timeout. */
const INPUTS = 64;
const AT_ONCE = 4;
/** Statuses that speak of what was sent, and not of the server. */
const OF_THE_TEXT = [400, 413, 422];

export type Asking = { server: OpenAi.Server; spender: Ledger.Spender; purpose: string; model: string };
/** By the hash of the input. `refused`: the model will never take it. `failed`: it did not this time, though it took others. */
export type Asked = {
  vectors: Map<string, Float32Array>;
  refused: Map<string, Reason>;
  failed: Map<string, Reason>;
  /** What kept the rest from being asked for. */
  stopped: unknown;
};

export const asking = (server: OpenAi.Server, spender: Ledger.Spender, purpose: string, model: string): Asking => ({
  server,
  spender,
  purpose,
  model,
});

/** One request, within the budgets. */
export async function vectors(
  { server, spender, purpose, model }: Asking,
  texts: readonly string[],
): Promise<{ found: Float32Array[]; costUsd: number }> {
  const atMost = { input: texts.reduce((sum, text) => sum + tokens(text), 0), output: 0 };
  const call = { purpose, model, texts: texts.length, atMost };
  const { value, costUsd } = await Ledger.paid(spender, call, (again) => OpenAi.embeddings(server, model, texts, again));
  return { found: OpenAi.checked(value, texts.length), costUsd };
}

/** Is given the vectors of each request as soon as it is answered: they are paid for, whatever becomes of the rest. */
export type Keep = (vectors: ReadonlyMap<string, Float32Array>) => Promise<void>;

/**
 * Asks for the vectors of all texts, in as few requests as may be, and begins none when the time is over. A request that fails over its texts is asked in
 * halves, until the one at fault is alone.
 */
export async function all(asking: Asking, texts: ReadonlyMap<string, string>, keep: Keep): Promise<Asked> {
  const asked: Asked = { vectors: new Map(), refused: new Map(), failed: new Map(), stopped: undefined };
  const hashes = new Map([...texts].map(([hash, text]) => [text, hash]));
  const waiting = requests([...texts.values()], INPUTS);
  const ask = { ...asking, hashes, keep };
  const work = async () => {
    for (let next = waiting.shift(); next && asked.stopped === undefined && asking.server.budget.inTime(); next = waiting.shift()) {
      await one(ask, next, asked).catch((error: unknown) => {
        asked.stopped ??= error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return asked;
}

type Asks = Asking & { hashes: ReadonlyMap<string, string>; keep: Keep };

async function one(asking: Asks, texts: readonly string[], asked: Asked): Promise<void> {
  const { hashes, keep } = asking;
  try {
    const { found } = await vectors(asking, texts);
    const made = new Map(texts.map((text, n) => [hashes.get(text) ?? "", found[n] as Float32Array]));
    await keep(made);
    for (const [hash, vector] of made) asked.vectors.set(hash, vector);
  } catch (error) {
    // What is left of a budget may do for some of them.
    if (error instanceof Refused && error.why.code === "budget_exhausted" && texts.length > 1) return halves(asking, texts, asked);
    if (!(error instanceof SourceError) || !asking.server.budget.inTime() || !(await answers(asking, error))) throw error;
    if (texts.length > 1) return halves(asking, texts, asked);
    const hash = hashes.get(texts[0] ?? "") ?? "";
    const problem = `HTTP ${error.status}`;
    if (OF_THE_TEXT.includes(error.status)) asked.refused.set(hash, reason("text_refused", { model: asking.model, problem }));
    else asked.failed.set(hash, error.why);
  }
}

async function halves(asking: Asks, texts: readonly string[], asked: Asked): Promise<void> {
  const half = Math.ceil(texts.length / 2);
  await one(asking, texts.slice(0, half), asked);
  await one(asking, texts.slice(half), asked);
}

/** Whether the model answers at all: then what failed was over its texts. Else the trouble is the server's, or the configuration's. */
async function answers(asking: Asking, error: SourceError): Promise<boolean> {
  if (error.kind === "auth" || error.kind === "rate_limited") return false;
  return vectors(asking, ["ok"]).then(
    () => true,
    () => false,
  );
}
