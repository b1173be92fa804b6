import { Hono } from "hono";
import { type Gate, json, pass, unrouted } from "#test/simulators/gate.ts";
import { BEHAVIOUR, refusal } from "#test/simulators/openai/behaviour.ts";
import { base64, tokens, vector } from "#test/simulators/openai/vectors.ts";

export type Message = { role: string; content: string };
/** What a scripted model is asked, and what it says: the words of its answer, or how it does not give one. */
export type Asked = { model: string; messages: readonly Message[]; schema: unknown };
export type Said = string | { refusal: string } | { cut: string };
export type World = {
  gate: Gate;
  key: string;
  revoked: boolean;
  /** Texts that the model will not take: 400. */
  poison: (text: string) => boolean;
  /** Texts over which the server falls: 500. */
  breaks: (text: string) => boolean;
  /** In place of what was asked for. */
  dimensions: number | undefined;
  answer: (asked: Asked) => Said;
  /** Every text that was given a vector, in order, and what was counted. */
  embedded: string[];
  used: { input: number; output: number };
};
type EmbeddingRequest = { input: string | string[]; model: string; dimensions?: number; encoding_format?: string };
type ChatRequest = { model: string; messages: Message[]; response_format?: { json_schema?: { schema?: unknown } } };

export function openaiApp(world: World): Hono {
  const { gate } = world;
  const app = new Hono();
  app.post("/v1/embeddings", (c) => pass(gate, "POST embeddings", c, ({ body }) => embeddings(world, body as EmbeddingRequest)));
  app.post("/v1/chat/completions", (c) => pass(gate, "POST chat/completions", c, ({ body }) => chat(world, body as ChatRequest)));
  app.notFound((c) => unrouted(gate, c, json(refusal(`Invalid URL (${c.req.method} ${c.req.path})`, "invalid_request_error", null), 404)));
  return app;
}

function embeddings(world: World, { input, model, dimensions, encoding_format = "float" }: EmbeddingRequest): Response {
  const texts = [input].flat();
  const counts = texts.map(tokens);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bad = (message: string) => json(refusal(message, "invalid_request_error", null), 400);
  if (texts.some((text) => text === "")) return bad("input cannot be an empty string");
  if (counts.some((count) => count > BEHAVIOUR.tokensPerText)) return bad("maximum context length is 8192 tokens");
  if (total > BEHAVIOUR.tokensPerRequest) return bad("maximum request size is 300000 tokens");
  if (dimensions !== undefined && !model.startsWith("text-embedding-3")) return bad("This model does not support specifying dimensions.");
  if (texts.some(world.poison)) return bad("The text cannot be embedded.");
  if (texts.some(world.breaks)) return json(BEHAVIOUR.broken, 500);
  const size = world.dimensions ?? dimensions ?? BEHAVIOUR.dimensions[model] ?? 384;
  world.embedded.push(...texts);
  world.used.input += total;
  const data = texts.map((text, index) => {
    const made = vector(text, size);
    return { object: "embedding", index, embedding: encoding_format === "base64" ? base64(made) : made };
  });
  return json({ object: "list", data, model, usage: { prompt_tokens: total, total_tokens: total } });
}

function chat(world: World, { model, messages, response_format }: ChatRequest): Response {
  const said = world.answer({ model, messages, schema: response_format?.json_schema?.schema });
  const [content, refused] = typeof said === "string" ? [said, null] : "cut" in said ? [said.cut, null] : [null, said.refusal];
  const input = messages.reduce((sum, message) => sum + tokens(message.content), 0);
  const output = tokens(content ?? refused ?? "");
  world.used.input += input;
  world.used.output += output;
  const finish_reason = typeof said === "object" && "cut" in said ? "length" : "stop";
  return json({
    id: `chatcmpl-${world.gate.log.total}`,
    object: "chat.completion",
    created: Math.floor(world.gate.now()),
    model,
    choices: [{ index: 0, message: { role: "assistant", content, refusal: refused }, logprobs: null, finish_reason }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  });
}
