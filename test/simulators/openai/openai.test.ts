import { afterEach, expect, test } from "vitest";
import { faulty } from "#test/simulators/log.ts";
import { type Options, simulated } from "#test/simulators/openai/server.ts";

const open: ReturnType<typeof simulated>[] = [];
afterEach(() => {
  for (const sim of open.splice(0)) expect(faulty(sim.world.gate.log)).toEqual([]);
});

function service(options: Options = {}) {
  const sim = simulated(options);
  open.push(sim);
  const send = async (path: string, body: unknown, key = sim.world.key) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await sim.app.request(`/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  /** A refusal that is meant: it must not fail the test as a wrong request. */
  const refused = async (path: string, body: unknown) => {
    const { status, body: said } = await send(path, body);
    sim.world.gate.log.entries.length = 0;
    expect(said.error).toMatchObject({ message: expect.any(String), type: "invalid_request_error" });
    return status;
  };
  return { ...sim, send, refused };
}
const likeness = (a: number[], b: number[]) => a.reduce((sum, value, n) => sum + value * (b[n] ?? 0), 0);

test("texts with the same words are alike, as numbers and in base64, in the dimensions that were asked for", async () => {
  const { send, world } = service();
  const input = ["the deadline is Friday", "Friday is the deadline", "quite another matter"];
  const { body } = await send("embeddings", { model: "text-embedding-3-small", input, dimensions: 256 });
  const [a, b, c] = body.data.map((row: { embedding: number[] }) => row.embedding);
  expect(a).toHaveLength(256);
  expect(likeness(a, b)).toBeCloseTo(1);
  expect(likeness(a, c)).toBeLessThan(0.5);
  const packed = await send("embeddings", { model: "text-embedding-3-small", input, dimensions: 256, encoding_format: "base64" });
  const bytes = Buffer.from(packed.body.data[0].embedding, "base64");
  expect(bytes.length).toBe(256 * 4);
  expect(bytes.readFloatLE(0)).toBeCloseTo(a[0]);
  expect(body.usage.prompt_tokens).toBe(world.used.input / 2);
});

test("the vendor's caps and its description are kept", async () => {
  const { refused, send, world } = service();
  const model = "text-embedding-3-small";
  expect(await refused("embeddings", { model, input: ["a", ""] })).toBe(400);
  expect(await refused("embeddings", { model, input: "word ".repeat(8_200) })).toBe(400);
  expect(await refused("embeddings", { model, input: Array(60).fill("word ".repeat(5_000)) })).toBe(400);
  expect(await refused("embeddings", { model, input: Array(2_049).fill("a") })).toBe(400);
  expect(await refused("embeddings", { model: "e5", input: "a", dimensions: 10 })).toBe(400);
  expect((await send("embeddings", { model, input: "a" }, "sk-other")).status).toBe(401);
  world.revoked = true;
  expect((await send("embeddings", { model, input: "a" })).status).toBe(401);
});

test("a scripted model answers, refuses, and is cut short", async () => {
  const said = ['{"a":1}', { refusal: "No." }, { cut: '{"a"' }];
  const { send } = service({ answer: () => said.shift() ?? "" });
  const ask = async () => (await send("chat/completions", { model: "m", messages: [{ role: "user", content: "Say a." }] })).body.choices[0];
  expect(await ask()).toMatchObject({ finish_reason: "stop", message: { content: '{"a":1}', refusal: null } });
  expect(await ask()).toMatchObject({ message: { content: null, refusal: "No." } });
  expect(await ask()).toMatchObject({ finish_reason: "length" });
});
