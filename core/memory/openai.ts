import { createHash } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Breaker from "#core/connectors/breaker.ts";
import { type Answer, ask, retryAfter, SourceError } from "#core/connectors/http.ts";
import type { Again } from "#core/cost/ledger.ts";
import { isVendors, type Tokens } from "#core/cost/prices.ts";
import { Later, type Reason, Refused, reason } from "#core/error.ts";
import type { Budget } from "#core/jobs/budget.ts";
import * as Rest from "#core/memory/rest.ts";

/** A server that speaks OpenAI's protocol, as one piece of work may use it. */
export type Server = { key: string | undefined; budget: Budget; breaker: Breaker.Breaker; timeoutMs: number };

const SOURCE = "openai";
// A model on a small machine of one's own takes its time.
const TIMEOUT_MS = 60_000;
/** How long a refused key is left alone: one round of the job that asks most often. */
const REFUSED_MS = 20 * 60_000;
/** The code of a quota that is spent. */
const SPENT = "insufficient_quota";
/** A 429 that does not say until when. */
const LIMITED_MS = 60_000;

/** Why there is no model to ask: `no_key` without a key for OpenAI's own address. */
export const missing = (): Reason | undefined =>
  config.OPENAI_API_KEY || !isVendors(config.OPENAI_BASE_URL) ? undefined : reason("no_key", { key: "OPENAI_API_KEY" });

/** Throws `no_key` without a key for OpenAI's own address, and what the key, or the model with it, rests for. */
export async function open(budget: Budget, model?: string, timeoutMs = TIMEOUT_MS): Promise<Server> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl } = config;
  const why = missing();
  if (why) throw new Refused(why.code, why.params);
  await Rest.refuseWhileResting(model === undefined ? [credential()] : [credential(), credential(model)]);
  return { key, budget, breaker: await Breaker.enter(new URL(baseUrl).host), timeoutMs };
}

/** What rests: the key at its address, or one model with it. */
function credential(model?: string): string {
  const { OPENAI_API_KEY: key = "", OPENAI_BASE_URL: baseUrl } = config;
  return createHash("sha256")
    .update([baseUrl, key, ...(model === undefined ? [] : [model])].join("\n"))
    .digest("hex");
}

/** What an answer cost is known from the answer alone, where it says so. */
type Billed<T> = { value: T; used: Tokens | undefined };

/** The vectors that were given for texts, in their order, and the tokens they were counted as: `checked` tells whether they are what was asked for. */
export async function embeddings(server: Server, model: string, texts: readonly string[], again: Again): Promise<Billed<Float32Array[]>> {
  const dims = config.EMBEDDING_DIMENSIONS;
  // Only these models can be asked for other dimensions than their own (CreateEmbeddingRequest.dimensions).
  const dimensions = model.startsWith("text-embedding-3") ? { dimensions: dims } : {};
  const body = (await call(server, "embeddings", { model, input: texts, encoding_format: "base64", ...dimensions }, again)) as {
    data?: { index?: number; embedding?: unknown }[];
    usage?: Usage;
  };
  const rows = Array.isArray(body.data) ? body.data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)) : [];
  return { value: rows.map((row) => decoded(row.embedding)), used: tokens(body.usage) };
}

/** The vectors themselves. Throws `invalid_data` for others than so many of the configured dimensions. */
export function checked(vectors: Float32Array[], count: number): Float32Array[] {
  const dims = config.EMBEDDING_DIMENSIONS;
  if (vectors.length !== count) throw invalid(`${vectors.length} vectors for ${count} texts`);
  for (const vector of vectors) {
    if (vector.length !== dims) throw invalid(`${vector.length} dimensions where EMBEDDING_DIMENSIONS is ${dims}`);
    if (!vector.every(Number.isFinite)) throw invalid("a vector with a gap");
  }
  return vectors;
}

type Usage = { prompt_tokens?: unknown; completion_tokens?: unknown };

function tokens(usage: Usage | undefined): Tokens | undefined {
  const { prompt_tokens: input, completion_tokens: output = 0 } = usage ?? {};
  return typeof input === "number" && typeof output === "number" ? { input, output } : undefined;
}

/** Base64 of little-endian 32-bit floats; a server that knows no base64 sends the numbers. */
function decoded(embedding: unknown): Float32Array {
  if (Array.isArray(embedding)) return Float32Array.from(embedding as number[]);
  if (typeof embedding !== "string") return new Float32Array();
  const bytes = Buffer.from(embedding, "base64");
  const whole = bytes.length - (bytes.length % 4);
  // A copy, because the buffer may begin anywhere. Every machine this runs on is little-endian.
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole));
}

export type Message = { role: "system" | "user" | "assistant"; content: string };
export type Question = { model: string; messages: readonly Message[]; name: string; schema: object; maxTokens: number };

/** The text of one answer that was to follow a JSON schema. Undefined where the model refused or ran out of tokens: it is paid for all the same. */
export async function completion(
  server: Server,
  { model, messages, name, schema, maxTokens }: Question,
  again: Again,
): Promise<Billed<string | undefined>> {
  const response_format = { type: "json_schema", json_schema: { name, schema, strict: true } };
  const asked = { model, messages, max_completion_tokens: maxTokens, response_format };
  const body = (await call(server, "chat/completions", asked, again)) as {
    choices?: { finish_reason?: string; message?: { content?: unknown; refusal?: unknown } }[];
    usage?: Usage;
  };
  const [choice] = Array.isArray(body.choices) ? body.choices : [];
  const content = choice?.finish_reason === "stop" && !choice.message?.refusal ? choice.message?.content : undefined;
  return { value: typeof content === "string" ? content : undefined, used: tokens(body.usage) };
}

async function call(server: Server, path: string, body: { model: string; [field: string]: unknown }, again: Again): Promise<object> {
  const { key, budget, breaker, timeoutMs } = server;
  try {
    const answer = await ask({
      source: SOURCE,
      url: `${config.OPENAI_BASE_URL.replace(/\/$/, "")}/${path}`,
      headers: key ? { authorization: `Bearer ${key}` } : {},
      budget,
      breaker,
      body,
      judge,
      again,
      timeoutMs,
    });
    return typeof answer.body === "object" && answer.body !== null ? answer.body : {};
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.kind === "auth") {
      await Rest.rest(credential(ofTheKey(error) ? undefined : body.model), error.why, new Date(Clock.now().getTime() + REFUSED_MS));
      throw new Refused("auth", error.why.params);
    }
    if (error.kind !== "rate_limited") throw error;
    const until = error.retryAt ?? new Date(Clock.now().getTime() + LIMITED_MS);
    const params = { source: SOURCE, until: until.toISOString() };
    await Rest.rest(credential(body.model), reason("rate_limited", params), until);
    throw new Later("rate_limited", params, until);
  }
}

/** A 403 is of the model (this key may not use it), a 401 and a spent quota are of the key (platform.openai.com/docs/guides/error-codes). */
const ofTheKey = ({ status, why }: SourceError): boolean => status !== 403 || String(why.params.problem).endsWith(SPENT);

/** The words of a refusal are left out, its code is kept: they may repeat what was sent. */
function judge({ status, headers, body }: Answer): SourceError | undefined {
  if (status < 400) return undefined;
  const { error } = (body ?? {}) as { error?: { code?: unknown; type?: unknown } | string };
  const code = typeof error === "object" ? (error?.code ?? error?.type) : undefined;
  const problem = `HTTP ${status}${typeof code === "string" ? `, ${code.slice(0, 80)}` : ""}`;
  const params = { source: SOURCE, problem };
  // A spent quota answers 429 as well, and no waiting helps.
  if (status === 401 || status === 403 || code === SPENT) return new SourceError("auth", status, params);
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  const now = Clock.now();
  const retryAt = ms > 0 ? new Date(now.getTime() + Math.min(ms, 86_400_000)) : retryAfter(headers.get("retry-after"), now);
  if (status === 429) return new SourceError("rate_limited", status, { source: SOURCE, until: retryAt?.toISOString() ?? "?" }, { retryAt });
  return new SourceError("upstream", status, params, { retryAt });
}

const invalid = (problem: string): SourceError => new SourceError("invalid_data", 200, { source: SOURCE, problem });
