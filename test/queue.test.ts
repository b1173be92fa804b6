import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Received } from "#core/jobs/queue.ts";
import { becomes, numbered, onEach } from "#test/queues.ts";

onEach(({ queue, fresh, send, receive, one, takeAll }) => {
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
});
