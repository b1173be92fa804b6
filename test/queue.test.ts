import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Queue, Received } from "#core/jobs/queue.ts";
import type { Limits } from "#core/jobs/queue-embedded.ts";
import { pump } from "#local/consumer.ts";
import { type Adapter, embedded, onSqs } from "#test/queues.ts";

const adapters: [string, () => Promise<Adapter>][] = [["embedded", embedded]];
if (process.env.AWS_ENDPOINT_URL) adapters.push(["sqs", onSqs]);

// Each test has queues of its own and mostly waits: they wait together.
describe.each(adapters)("the %s queue", { concurrent: true }, (_, open) => {
  let adapter: Adapter;
  let queue: Queue;
  let made = 0;
  beforeAll(async () => {
    adapter = await open();
    queue = adapter.queue;
  });
  afterAll(() => adapter.close());

  /** A queue of the test's own. */
  const fresh = async (limits: Partial<Limits> = {}): Promise<string> => {
    const name = `queue_${++made}`;
    await adapter.create(name, { visibilitySeconds: 30, maxReceives: 5, ...limits });
    return name;
  };
  const send = (name: string, ...bodies: string[]) =>
    queue.sendBatch(
      name,
      bodies.map((body) => ({ body })),
    );
  const receive = (name: string, waitSeconds = 0, max = 10) => queue.receive(name, { max, waitSeconds });
  const one = async (name: string, waitSeconds = 5): Promise<Received> => {
    const messages = await receive(name, waitSeconds, 1);
    if (!messages[0]) throw new Error("nothing came");
    return messages[0];
  };
  /** SQS answers from many hosts and moves dead letters in its own time: what must become true is asked for again. */
  const becomes = (ask: () => Promise<unknown>, expected: unknown) =>
    vi.waitFor(async () => expect(await ask()).toEqual(expected), { timeout: 15_000, interval: 100 });
  /** Receives and acknowledges until nothing has come for a second. */
  const takeAll = async (name: string): Promise<Received[]> => {
    const all: Received[] = [];
    for (;;) {
      const messages = await receive(name, 1);
      if (messages.length === 0) return all;
      all.push(...messages);
      await queue.ack(name, messages);
    }
  };
  const numbered = (count: number) => Array.from({ length: count }, (_, n) => `message ${n}`);

  test("carries any number of messages, each once, with its own id", async () => {
    const name = await fresh();
    const bodies = numbered(25);
    await send(name, ...bodies);
    await queue.sendBatch(name, []);
    const all = await takeAll(name);
    expect(all.map((message) => message.body).toSorted()).toEqual(bodies.toSorted());
    expect(new Set(all.map((message) => message.id)).size).toBe(25);
    expect(all.every((message) => message.receiveCount === 1 && message.receipt !== "")).toBe(true);
  });

  test("never hands over more than was asked for, and at most ten", async () => {
    const name = await fresh();
    await send(name, ...numbered(12));
    expect((await receive(name, 1, 3)).length).toBeLessThanOrEqual(3);
    expect((await receive(name, 1, 50)).length).toBeLessThanOrEqual(10);
  });

  test("a waiting receiver wakes when a message comes, gives up when none does, and when it is told to", async () => {
    const name = await fresh();
    const started = performance.now();
    const waiting = receive(name, 10);
    await sleep(300);
    await send(name, "news");
    expect((await waiting).map((message) => message.body)).toEqual(["news"]);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(await receive(name, 1)).toEqual([]);
    const ending = new AbortController();
    const stopped = queue.receive(name, { max: 10, waitSeconds: 20, signal: ending.signal });
    await sleep(200);
    const told = performance.now();
    ending.abort();
    expect(await stopped).toEqual([]);
    expect(performance.now() - told).toBeLessThan(2_000);
    expect(await queue.receive(name, { max: 10, waitSeconds: 20, signal: AbortSignal.abort() })).toEqual([]);
  });

  test("an acknowledged message is gone, whatever is done with its receipt later", async () => {
    const name = await fresh({ visibilitySeconds: 1 });
    await send(name, "done");
    const message = await one(name);
    await queue.ack(name, [message]);
    await queue.ack(name, [message]);
    await queue.extend(name, message, 5);
    await queue.fail(name, message, 0);
    await queue.ack(name, []);
    await sleep(1_200);
    expect(await receive(name, 1)).toEqual([]);
    await becomes(() => queue.depth(name), { waiting: 0, inFlight: 0, dead: 0 });
  });

  test("more than ten are acknowledged at once", async () => {
    const name = await fresh();
    await send(name, ...numbered(14));
    const held: Received[] = [];
    while (held.length < 14) held.push(...(await receive(name, 2)));
    await queue.ack(name, held);
    await becomes(() => queue.depth(name), { waiting: 0, inFlight: 0, dead: 0 });
  });

  test("a message nobody acknowledged comes again, counted, under the same id", async () => {
    const name = await fresh({ visibilitySeconds: 1 });
    await send(name, "again");
    const first = await one(name);
    expect(await receive(name)).toEqual([]);
    const second = await one(name);
    expect(second).toMatchObject({ id: first.id, body: "again", receiveCount: 2 });
    await queue.ack(name, [second]);
  });

  test("an extended message stays hidden past the queue's visibility; extended by nothing it comes at once", async () => {
    const name = await fresh({ visibilitySeconds: 1 });
    await send(name, "long");
    const message = await one(name);
    await queue.extend(name, message, 20);
    expect(await receive(name, 3)).toEqual([]);
    await queue.extend(name, message, 0);
    expect(await one(name)).toMatchObject({ receiveCount: 2 });
  });

  test("a failed message comes back after its delay, not before", async () => {
    const name = await fresh();
    await send(name, "retry");
    await queue.fail(name, await one(name), 0);
    const second = await one(name);
    expect(second.receiveCount).toBe(2);
    const failedAt = performance.now();
    await queue.fail(name, second, 2);
    expect(await receive(name)).toEqual([]);
    expect(await one(name, 10)).toMatchObject({ receiveCount: 3 });
    expect(performance.now() - failedAt).toBeGreaterThan(1_500);
  });

  test("a message that failed as often as its queue allows is a dead letter", async () => {
    const name = await fresh({ maxReceives: 2 });
    await send(name, "poison");
    for (const count of [1, 2]) {
      const message = await one(name);
      expect(message.receiveCount).toBe(count);
      await queue.fail(name, message, 0);
    }
    await becomes(async () => [await receive(name), await queue.depth(name)], [[], { waiting: 0, inFlight: 0, dead: 1 }]);
    await becomes(async () => (await queue.deadLetters(name, 10)).map((letter) => letter.body), ["poison"]);
  });

  test("a message whose workers die each time is a dead letter too", async () => {
    const name = await fresh({ visibilitySeconds: 1, maxReceives: 1 });
    await send(name, "fatal");
    await one(name);
    await becomes(async () => [await receive(name), (await queue.depth(name)).dead], [[], 1]);
  });

  test("a buried body lies in the dead letters with its reason, and is never delivered", async () => {
    const name = await fresh();
    await queue.bury(name, "{ broken", `malformed ${"é".repeat(2_000)}`);
    await becomes(
      async () => (await queue.deadLetters(name, 10)).map(({ body, reason }) => [body, reason?.slice(0, 9)]),
      [["{ broken", "malformed"]],
    );
    expect(await receive(name, 1)).toEqual([]);
    expect(await queue.deadLetters(name, 10)).toHaveLength(1);
  });

  test("redriven letters are delivered afresh, as many as were asked for", async () => {
    const name = await fresh({ maxReceives: 1 });
    for (const body of numbered(3)) await queue.bury(name, body, "test");
    await becomes(async () => (await queue.depth(name)).dead, 3);
    await becomes(async () => {
      const moved = await queue.redrive(name, 2);
      return moved > 0 ? moved : undefined;
    }, 2);
    const back: Received[] = [];
    while (back.length < 2) back.push(...(await receive(name, 5)));
    expect(back.map((message) => message.receiveCount)).toEqual([1, 1]);
    await becomes(() => queue.depth(name), { waiting: 0, inFlight: 2, dead: 1 });
    expect(await queue.redrive(await fresh(), 5)).toBe(0);
  });

  test("more than ten are redriven at once", async () => {
    const name = await fresh({ maxReceives: 1 });
    for (const body of numbered(23)) await queue.bury(name, body, "test");
    await becomes(async () => (await queue.depth(name)).dead, 23);
    let moved = 0;
    await becomes(async () => {
      moved += await queue.redrive(name, 100);
      return moved;
    }, 23);
    await becomes(() => queue.depth(name), { waiting: 23, inFlight: 0, dead: 0 });
  });

  test("the depth tells waiting, held and dead apart", async () => {
    const name = await fresh();
    await send(name, ...numbered(5));
    await queue.sendBatch(name, [{ body: "later", delaySeconds: 60 }]);
    await queue.bury(name, "dead", "test");
    const held: Received[] = [];
    while (held.length < 2) held.push(...(await receive(name, 2, 2 - held.length)));
    await becomes(() => queue.depth(name), { waiting: 4, inFlight: 2, dead: 1 });
  });

  test("a delayed message is not seen early, and overtakes nobody", async () => {
    const name = await fresh();
    const sentAt = performance.now();
    await queue.sendBatch(name, [{ body: "late", delaySeconds: 2 }, { body: "now" }]);
    expect((await one(name)).body).toBe("now");
    expect(await receive(name)).toEqual([]);
    expect((await one(name, 10)).body).toBe("late");
    expect(performance.now() - sentAt).toBeGreaterThan(1_500);
  });

  test("four consumers share the work and never the same message", async () => {
    const name = await fresh();
    const bodies = numbered(60);
    await send(name, ...bodies);
    const shares = await Promise.all([0, 1, 2, 3].map(() => takeAll(name)));
    expect(shares.flatMap((share) => share.map((message) => message.body)).toSorted()).toEqual(bodies.toSorted());
  });

  test("bodies arrive as they were sent: any script, quotes, line ends", async () => {
    const name = await fresh();
    const bodies = [
      "Привет, мир",
      "👩‍👩‍👧 zażółć 日本語",
      '{"text":"a \\"b\\" \\u0000"}',
      "line\nline\ttab\r\n",
      " <b>&amp;</b> ' ; -- $1 \u2028",
    ];
    await send(name, ...bodies);
    expect((await takeAll(name)).map((message) => message.body).toSorted()).toEqual(bodies.toSorted());
  });

  test("bodies of 200 kB arrive whole, six in one call", async () => {
    const name = await fresh();
    const bodies = Array.from({ length: 6 }, (_, n) => `${n}${"я".repeat(100_000)}`);
    await send(name, ...bodies);
    const all = await takeAll(name);
    expect(all.map((message) => message.body).toSorted()).toEqual(bodies);
  });

  test("of a batch, what the handler names as failed comes again and ends in the dead letters; the rest is done once", async () => {
    const name = await fresh({ visibilitySeconds: 1, maxReceives: 2 });
    await send(name, ...numbered(8), "bad 1", "bad 2");
    const seen: string[] = [];
    const handler = async ({ Records }: { Records: { messageId: string; body: string }[] }) => {
      seen.push(...Records.map((record) => record.body));
      const bad = Records.filter((record) => record.body.startsWith("bad"));
      return { batchItemFailures: bad.map((record) => ({ itemIdentifier: record.messageId })) };
    };
    await becomes(
      async () => [await pump(queue, name, handler, { waitSeconds: 1 }), await queue.depth(name)],
      [0, { waiting: 0, inFlight: 0, dead: 2 }],
    );
    expect(seen.toSorted()).toEqual([...numbered(8), "bad 1", "bad 1", "bad 2", "bad 2"].toSorted());
  });
});
