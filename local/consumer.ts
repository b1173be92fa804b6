import type { Queue, Received } from "#core/jobs/queue.ts";
import { log } from "#core/log.ts";
import type { BatchResponse, SqsEvent } from "#functions/door.ts";

export type Handler = (event: SqsEvent) => Promise<BatchResponse>;
const BATCH = 10;

/** Messages as Lambda's event source mapping would hand them over. */
export function toEvent(name: string, messages: readonly Received[]): SqsEvent {
  return {
    Records: messages.map((message) => ({
      messageId: message.id,
      receiptHandle: message.receipt,
      body: message.body,
      attributes: { ApproximateReceiveCount: String(message.receiveCount) },
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:local:000000000000:${name}`,
    })),
  };
}

/** One batch, from receive to acknowledge. Answers how many messages it took; those the handler names as failed stay for their next delivery. */
export async function pump(
  queue: Queue,
  name: string,
  handler: Handler,
  options: { waitSeconds: number; max?: number; signal?: AbortSignal },
): Promise<number> {
  const { waitSeconds, max = BATCH, signal } = options;
  const messages = await queue.receive(name, { max, waitSeconds, ...(signal ? { signal } : {}) });
  if (messages.length === 0) return 0;
  const { batchItemFailures } = await handler(toEvent(name, messages));
  const failed = new Set(batchItemFailures.map((failure) => failure.itemIdentifier));
  await queue.ack(
    name,
    messages.filter((message) => !failed.has(message.id)),
  );
  return messages.length;
}

/** Takes batches until `signal` is given; the one in hand is finished first. An error is logged and waited out: the messages come again. */
export async function consume(queue: Queue, name: string, handler: Handler, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pump(queue, name, handler, { waitSeconds: 10, signal }).catch(async (error: unknown) => {
      if (signal.aborted) return;
      log.error("a batch failed", { queue: name, error });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
  }
}

/** Works a set of queues until all are empty of what is visible now. For tests, and for a run somebody waits for. */
export async function drain(queue: Queue, handlers: Readonly<Record<string, Handler>>): Promise<number> {
  let total = 0;
  for (;;) {
    let round = 0;
    for (const [name, handler] of Object.entries(handlers)) round += await pump(queue, name, handler, { waitSeconds: 0 });
    if (round === 0) return total;
    total += round;
  }
}
