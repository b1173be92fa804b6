import { expect, test } from "vitest";
import type { Received } from "#core/jobs/queue.ts";
import { pump } from "#local/consumer.ts";
import { becomes, numbered, onEach } from "#test/queues.ts";

onEach(({ queue, fresh, send, receive, one }) => {
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
