/** The queue port. Two adapters obey one conformance suite: SQS (AWS and LocalStack alike) and the embedded queue in Postgres. */
export type Received = { id: string; body: string; receipt: string; receiveCount: number };
export type Outgoing = { body: string; delaySeconds?: number };
export type DeadLetter = { id: string; body: string; reason: string | undefined };

export type Queue = {
  /** Sends any number of messages, in the adapter's own batches. */
  sendBatch(queue: string, messages: readonly Outgoing[]): Promise<void>;
  /** Up to `max` (≤ 10) messages, hidden from others for the queue's visibility; waits up to `waitSeconds` for the first. */
  receive(queue: string, options: { max: number; waitSeconds: number; signal?: AbortSignal }): Promise<Received[]>;
  ack(queue: string, messages: readonly Pick<Received, "id" | "receipt">[]): Promise<void>;
  /** Hides a received message for so many seconds from now. */
  extend(queue: string, message: Pick<Received, "id" | "receipt">, seconds: number): Promise<void>;
  /** Gives a message back, to be delivered again after a delay; past the queue's receive limit it becomes a dead letter. */
  fail(queue: string, message: Pick<Received, "id" | "receipt">, delaySeconds: number): Promise<void>;
  /** Puts a body straight into the dead letters; the caller acknowledges the message it came from. */
  bury(queue: string, body: string, reason: string): Promise<void>;
  deadLetters(queue: string, limit: number): Promise<DeadLetter[]>;
  /** Moves up to `limit` dead letters back to their queue; answers how many. */
  redrive(queue: string, limit: number): Promise<number>;
  /** Waiting, in flight and dead. */
  depth(queue: string): Promise<{ waiting: number; inFlight: number; dead: number }>;
};

let chosen: Queue | undefined;

/** Puts an adapter in place: the local runtime and tests use the embedded one. Without, it is SQS, loaded on first use. */
export function use(queue: Queue | undefined): void {
  chosen = queue;
}

export async function queue(): Promise<Queue> {
  if (!chosen) {
    const { sqs } = await import("#core/jobs/queue-sqs.ts");
    chosen = await sqs();
  }
  return chosen;
}

export async function send(name: string, bodies: readonly string[]): Promise<void> {
  if (bodies.length === 0) return;
  await (await queue()).sendBatch(
    name,
    bodies.map((body) => ({ body })),
  );
}
