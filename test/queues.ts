import { randomUUID } from "node:crypto";
import * as Aws from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import type { Queue, Received } from "#core/jobs/queue.ts";
import { embeddedQueue, type Limits } from "#core/jobs/queue-embedded.ts";
import { sqs } from "#core/jobs/queue-sqs.ts";
import { freshDatabase } from "#test/database.ts";

export type Adapter = { queue: Queue; create: (name: string, limits: Limits) => Promise<unknown>; close: () => Promise<void> };
/** `create` answers the queue's ARN. */
export type Cloud = Omit<Adapter, "create"> & { prefix: string; create: (name: string, limits: Limits) => Promise<string> };

export const embedded = async (): Promise<Adapter> => {
  const database = await freshDatabase();
  const limits = new Map<string, Limits>();
  const limitsOf = (name: string) => limits.get(name) ?? { visibilitySeconds: 30, maxReceives: 3 };
  return {
    queue: embeddedQueue(limitsOf),
    create: async (name, given) => void limits.set(name, given),
    close: database.close,
  };
};

/** The same code on AWS and on LocalStack: whatever AWS_ENDPOINT_URL and the other AWS variables say. */
export const onSqs = async (): Promise<Cloud> => {
  const prefix = `conformance-${randomUUID().slice(0, 8)}`;
  const client = new Aws.SQSClient({});
  const urls: string[] = [];
  const make = async (name: string, attributes: Record<string, string>) => {
    const { QueueUrl = "" } = await client.send(new Aws.CreateQueueCommand({ QueueName: `${prefix}-${name}`, Attributes: attributes }));
    urls.push(QueueUrl);
    const { Attributes } = await client.send(new Aws.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    return Attributes?.QueueArn ?? "";
  };
  return {
    prefix,
    queue: await sqs(prefix),
    async create(name, { visibilitySeconds, maxReceives }) {
      const deadLetterTargetArn = await make(`${name}-dlq`, {});
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives });
      return make(name, { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy });
    },
    async close() {
      for (const QueueUrl of urls) await client.send(new Aws.DeleteQueueCommand({ QueueUrl }));
      client.destroy();
    },
  };
};

const adapters: [string, () => Promise<Adapter>][] = [["embedded", embedded]];
if (process.env.AWS_ENDPOINT_URL) adapters.push(["sqs", onSqs]);

export const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `message ${n}`);
/** SQS answers from many hosts and moves dead letters in its own time: what must become true is asked for again. */
export const becomes = (ask: () => Promise<unknown>, expected: unknown): Promise<void> =>
  vi.waitFor(async () => expect(await ask()).toEqual(expected), { timeout: 15_000, interval: 100 });

/** What a test does with the queues of one adapter. */
export type Hands = ReturnType<typeof handsOf>;

/** The same tests for each adapter. Each test has queues of its own and mostly waits: they wait together. */
export function onEach(tests: (hands: Hands) => void): void {
  describe.each(adapters)("the %s queue", { concurrent: true }, (_, open) => {
    let adapter: Adapter;
    beforeAll(async () => {
      adapter = await open();
    });
    afterAll(() => adapter.close());
    tests(handsOf(() => adapter));
  });
}

function handsOf(adapter: () => Adapter) {
  let made = 0;
  const queue = new Proxy({} as Queue, { get: (_, key) => Reflect.get(adapter().queue, key) });
  const receive = (name: string, waitSeconds = 0, max = 10) => queue.receive(name, { max, waitSeconds });
  return {
    queue,
    receive,
    /** A queue of the test's own. */
    fresh: async (limits: Partial<Limits> = {}): Promise<string> => {
      const name = `queue_${++made}`;
      await adapter().create(name, { visibilitySeconds: 30, maxReceives: 5, ...limits });
      return name;
    },
    send: (name: string, ...bodies: string[]) =>
      queue.sendBatch(
        name,
        bodies.map((body) => ({ body })),
      ),
    one: async (name: string, waitSeconds = 5): Promise<Received> => {
      const messages = await receive(name, waitSeconds, 1);
      if (!messages[0]) throw new Error("nothing came");
      return messages[0];
    },
    /** Receives and acknowledges until nothing has come for a second. */
    takeAll: async (name: string): Promise<Received[]> => {
      const all: Received[] = [];
      for (;;) {
        const messages = await receive(name, 1);
        if (messages.length === 0) return all;
        all.push(...messages);
        await queue.ack(name, messages);
      }
    },
  };
}
