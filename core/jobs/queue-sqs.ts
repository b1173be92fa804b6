import type { SQSClient } from "@aws-sdk/client-sqs";
import { config } from "#core/config.ts";
import type { Queue } from "#core/jobs/queue.ts";

const BATCH = 10;
// SQS takes 1 MiB per call, envelope included, however few the messages.
const BATCH_BYTES = 1_000_000;
const MAX_VISIBILITY_SECONDS = 43_200;

/** SQS through the standard AWS variables, so that AWS and LocalStack are the same code. A queue is `{prefix}-{name}`, its dead letters `{prefix}-{name}-dlq`. */
export async function sqs(prefix = config.QUEUE_PREFIX): Promise<Queue> {
  const aws = await import("@aws-sdk/client-sqs");
  const client: SQSClient = new aws.SQSClient({});
  const urls = new Map<string, Promise<string>>();
  const url = (name: string): Promise<string> => {
    const known = urls.get(name);
    if (known !== undefined) return known;
    const asked = client.send(new aws.GetQueueUrlCommand({ QueueName: name })).then((answer) => answer.QueueUrl ?? "");
    asked.catch(() => urls.delete(name));
    urls.set(name, asked);
    return asked;
  };
  const live = (queue: string) => url(`${prefix}-${queue}`);
  const dead = (queue: string) => url(`${prefix}-${queue}-dlq`);
  const hide = async (queue: string, receipt: string, seconds: number) => {
    const VisibilityTimeout = Math.min(Math.max(0, Math.ceil(seconds)), MAX_VISIBILITY_SECONDS);
    const command = new aws.ChangeMessageVisibilityCommand({ QueueUrl: await live(queue), ReceiptHandle: receipt, VisibilityTimeout });
    await client.send(command).catch((error: Error) => {
      if (!isGone(error)) throw error;
    });
  };

  return {
    async sendBatch(queue, messages) {
      const QueueUrl = await live(queue);
      for (const batch of batches(messages)) {
        const entries = batch.map((message, n) => ({
          Id: String(n),
          MessageBody: message.body,
          ...(message.delaySeconds ? { DelaySeconds: message.delaySeconds } : {}),
        }));
        const answer = await client.send(new aws.SendMessageBatchCommand({ QueueUrl, Entries: entries }));
        refuseLost(queue, entries.length, answer.Failed ?? []);
      }
    },
    async receive(queue, { max, waitSeconds, signal }) {
      if (signal?.aborted) return [];
      const command = new aws.ReceiveMessageCommand({
        QueueUrl: await live(queue),
        MaxNumberOfMessages: Math.min(max, BATCH),
        WaitTimeSeconds: Math.min(waitSeconds, 20),
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      });
      const answer = await client.send(command, signal ? { abortSignal: signal } : {}).catch((error: unknown) => {
        if (signal?.aborted) return { Messages: [] };
        throw error;
      });
      return (answer.Messages ?? []).map((message) => ({
        id: message.MessageId ?? "",
        body: message.Body ?? "",
        receipt: message.ReceiptHandle ?? "",
        receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      }));
    },
    async ack(queue, messages) {
      const QueueUrl = await live(queue);
      for (let from = 0; from < messages.length; from += BATCH) {
        const Entries = messages.slice(from, from + BATCH).map(({ receipt }, n) => ({ Id: String(n), ReceiptHandle: receipt }));
        await client.send(new aws.DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    extend: (queue, { receipt }, seconds) => hide(queue, receipt, seconds),
    fail: (queue, { receipt }, delaySeconds) => hide(queue, receipt, delaySeconds),
    async bury(queue, body, reason) {
      await client.send(
        new aws.SendMessageCommand({
          QueueUrl: await dead(queue),
          MessageBody: body,
          MessageAttributes: { reason: { DataType: "String", StringValue: reason.slice(0, 1_000) || "?" } },
        }),
      );
    },
    async deadLetters(queue, limit) {
      // SQS has no peek: received with no visibility timeout they stay where they are.
      const answer = await client.send(
        new aws.ReceiveMessageCommand({
          QueueUrl: await dead(queue),
          MaxNumberOfMessages: Math.min(limit, BATCH),
          VisibilityTimeout: 0,
          MessageAttributeNames: ["All"],
        }),
      );
      return (answer.Messages ?? []).map((message) => ({
        id: message.MessageId ?? "",
        body: message.Body ?? "",
        reason: message.MessageAttributes?.reason?.StringValue,
      }));
    },
    async redrive(queue, limit) {
      // StartMessageMoveTask refuses a queue's own sends (they have no source), so the letters are moved by hand.
      const [from, to] = [await dead(queue), await live(queue)];
      let moved = 0;
      while (moved < limit) {
        const answer = await client.send(
          new aws.ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: Math.min(BATCH, limit - moved), VisibilityTimeout: 30 }),
        );
        const letters = answer.Messages ?? [];
        if (letters.length === 0) break;
        for (const batch of batches(letters.map((letter) => ({ body: letter.Body ?? "", receipt: letter.ReceiptHandle ?? "" })))) {
          const sent = await client.send(
            new aws.SendMessageBatchCommand({ QueueUrl: to, Entries: batch.map(({ body }, n) => ({ Id: String(n), MessageBody: body })) }),
          );
          // What was not taken stays a dead letter; what was, and could not be deleted, is refused when it comes again.
          const taken = (sent.Successful ?? []).flatMap(({ Id }) =>
            Id === undefined ? [] : [{ Id, ReceiptHandle: batch[Number(Id)]?.receipt ?? "" }],
          );
          if (taken.length > 0) await client.send(new aws.DeleteMessageBatchCommand({ QueueUrl: from, Entries: taken }));
          moved += taken.length;
          refuseLost(queue, batch.length, sent.Failed ?? []);
        }
      }
      return moved;
    },
    async depth(queue) {
      const read = async (queueUrl: string) => {
        const AttributeNames = [
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesNotVisible",
          "ApproximateNumberOfMessagesDelayed",
        ] as const;
        const answer = await client.send(new aws.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] }));
        return AttributeNames.map((name) => Number(answer.Attributes?.[name] ?? 0));
      };
      const [waiting = 0, inFlight = 0, delayed = 0] = await read(await live(queue));
      const [buried = 0] = await read(await dead(queue));
      return { waiting: waiting + delayed, inFlight, dead: buried };
    },
  };
}

/** As few calls as SQS's limits of count and bytes allow, in order. A body past the limit goes alone, for SQS to refuse it by name. */
function* batches<M extends { body: string }>(messages: readonly M[]): Generator<M[]> {
  let batch: M[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (batch.length === BATCH || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function refuseLost(queue: string, of: number, lost: readonly { Message?: string | undefined; Code?: string | undefined }[]): void {
  if (lost.length > 0) throw new Error(`${lost.length} of ${of} messages were not taken by ${queue}: ${lost[0]?.Message ?? lost[0]?.Code}`);
}

/** The message was acknowledged, or became visible again: there is nothing left to hide, and its next delivery counts anew. */
function isGone(error: Error): boolean {
  if (error.name === "MessageNotInflight" || error.name === "ReceiptHandleIsInvalid") return true;
  return error.name === "InvalidParameterValue" && error.message.includes("Message does not exist");
}
