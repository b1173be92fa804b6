import { randomUUID } from "node:crypto";
import * as Aws from "@aws-sdk/client-sqs";
import type { Queue } from "#core/jobs/queue.ts";
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
