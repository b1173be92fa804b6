import * as z from "zod";
import { config } from "#core/config.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Economy from "#core/cost/economy.ts";
import * as Ledger from "#core/cost/ledger.ts";
import { Refused } from "#core/error.ts";
import { type Budget, budget } from "#core/jobs/budget.ts";
import * as OpenAi from "#core/memory/openai.ts";
import { tokens } from "#core/memory/tokens.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `wording`: the answer is read by a person; in economy mode it is not given. */
export type Purpose = "wording" | "extraction";
export type Asked<S extends z.ZodObject> = {
  purpose: Purpose;
  system: string;
  messages: readonly OpenAi.Message[];
  /** Objects and arrays of plain values; nullable where a value may be absent, for a strict schema has no optional keys. */
  schema: S;
  maxTokens?: number;
  by?: string;
  run?: { id: string; job: string; budget: Budget };
  timeoutMs?: number;
};

const MAX_TOKENS = 2_000;
const TIMEOUT_MS = 20_000;

/**
 * Asks a model once, in a form that a schema gives, within the budgets. Throws `economy_mode` for a wording there, `no_key`, `budget_exhausted`,
 * `unknown_price`, `Later` for a rate limit, and `invalid_data` for an answer that is none: refused, cut short, or of another form; that one is paid for.
 */
export async function complete<S extends z.ZodObject>(
  scope: ProjectScope,
  asked: Asked<S>,
): Promise<{ value: z.output<S>; costUsd: number }> {
  const { purpose, system, messages, schema, maxTokens = MAX_TOKENS, by = "question", run, timeoutMs = TIMEOUT_MS } = asked;
  if (purpose === "wording" && (await Economy.isOn(scope))) throw new Refused("economy_mode");
  const model = config.COMPLETION_MODEL;
  const server = await OpenAi.open(run?.budget ?? budget({ seconds: timeoutMs / 1_000, requests: 0 }), model, timeoutMs);
  const question = {
    model,
    messages: [{ role: "system" as const, content: system }, ...messages],
    name: purpose,
    schema: strict(schema),
    maxTokens,
  };
  const input = tokens(JSON.stringify([question.messages, question.schema]));
  const spender = { scope, by, run: run && { id: run.id, job: run.job } };
  const call = { purpose, model, texts: 1, atMost: { input, output: maxTokens } };
  const { value, costUsd } = await Ledger.paid(spender, call, (again) => OpenAi.completion(server, question, again));
  return { value: read(schema, value), costUsd };
}

function read<S extends z.ZodObject>(schema: S, text: string | undefined): z.output<S> {
  if (text === undefined) throw unreadable("no answer");
  try {
    return schema.parse(JSON.parse(text)) as z.output<S>;
  } catch (cause) {
    throw unreadable("not of the form that was asked for", cause);
  }
}

/** As the vendor's strict mode wants it: every object closed, every key required, no lengths of texts (guides/structured-outputs, supported schemas). */
function strict(schema: z.ZodObject): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
    },
  });
  return rest;
}

const unreadable = (problem: string, cause?: unknown): SourceError =>
  new SourceError("invalid_data", 200, { source: "openai", problem }, { cause });
