import { setTimeout as sleep } from "node:timers/promises";
import { config } from "#core/config.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { transaction } from "#core/db.ts";
import { type Reason, reason, reasonOf } from "#core/error.ts";
import { budget } from "#core/jobs/budget.ts";
import * as Ask from "#core/memory/ask.ts";
import { hash } from "#core/memory/inputs.ts";
import * as OpenAi from "#core/memory/openai.ts";
import { fitting } from "#core/memory/tokens.ts";
import * as Vectors from "#core/memory/vectors.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `model`: the name under which the vectors that it may be compared with are stored. */
export type Embedded = { model: string; vector: number[]; cached: boolean; costUsd: number };

const TIMEOUT_MS = 2_500;

/**
 * A question as a vector, within the project's budget. The studio pays for the same question once. Never throws: without a key, a budget or an answer in
 * `timeoutMs` it gives the reason, and the words have to do.
 */
export async function embedQuestion(
  scope: ProjectScope,
  text: string,
  { by = "question", timeoutMs = TIMEOUT_MS }: { by?: string; timeoutMs?: number } = {},
): Promise<Embedded | { reason: Reason }> {
  const late = reason("network", { source: "openai", problem: "no answer in time" });
  const clock = new AbortController();
  try {
    const inTime = sleep(timeoutMs, { reason: late }, { signal: clock.signal });
    return await Promise.race([embedded(scope, text, by, timeoutMs), inTime]);
  } catch (error) {
    return { reason: reasonOf(error) };
  } finally {
    clock.abort();
  }
}

async function embedded(scope: ProjectScope, text: string, by: string, timeoutMs: number): Promise<Embedded> {
  const model = config.EMBEDDING_QUERY_MODEL ?? config.EMBEDDING_MODEL;
  const question = fitting(text.replaceAll(/\s+/g, " ").trim());
  const name = Vectors.space(config.EMBEDDING_MODEL);
  const spender = { scope, by };
  const call = { purpose: "question", model, texts: 1 };
  const known = await Vectors.find(scope, model, hash(question));
  if (known) {
    await Ledger.spared(spender, call);
    return { model: name, vector: known, cached: true, costUsd: 0 };
  }
  const server = await OpenAi.open(budget({ seconds: timeoutMs / 1_000, requests: 0 }), model, timeoutMs);
  const { found, costUsd } = await Ask.vectors(Ask.asking(server, spender, call.purpose, model), [question]);
  const vectors = new Map([[hash(question), found[0] as Float32Array]]);
  await transaction(scope, () => Vectors.remember(scope, model, vectors));
  const vector = (await Vectors.find(scope, model, hash(question))) ?? [];
  return { model: name, vector, cached: false, costUsd };
}
