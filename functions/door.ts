import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import type { Api } from "#core/api/api.ts";
import * as Clock from "#core/clock.ts";
import { Refused } from "#core/error.ts";
import { type Catalogue, type JobName, jobs } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import { Message } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { execute, type Verb } from "#core/jobs/run.ts";
import { log } from "#core/log.ts";

/** What Lambda hands a function whose source is a queue: the part of the event that is read here. */
export type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  eventSource: string;
  eventSourceARN: string;
};
export type SqsEvent = { Records: SqsRecord[] };
export type BatchResponse = { batchItemFailures: { itemIdentifier: string }[] };
export type Door = { name: string; app: Hono };

const MALFORMED = 422;
const DEAD = 410;
const COME_BACK = 503;

/**
 * A job's door: a Hono app whose POST / takes one message. A tick dispatches; a run message executes. 200: done, or refused with the reason.
 * 503 with `retry-after` (seconds): again later. 410: attempts spent. 422: not a message of this job.
 */
export function job<C extends Catalogue = typeof jobs>(
  name: string & (C extends typeof jobs ? JobName : keyof C),
  verb: Verb,
  list: Catalogue = jobs,
): Door {
  const app = new Hono();
  app.post("/", async (c) => {
    const parsed = Message.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return c.json({ problem: "not a tick and not a run" }, MALFORMED);
    const message = parsed.data;
    if (message.type !== name) return c.json({ problem: `a message of ${message.type} on the queue of ${name}` }, MALFORMED);
    if ("trigger" in message) return c.json(await dispatch(list, name));
    const receiveCount = Number(c.req.header("x-receive-count") ?? 1);
    const ending = await execute(list, message, verb, { messageId: c.req.header("x-message-id"), receiveCount });
    switch (ending.kind) {
      case "failed": {
        const seconds = Math.max(0, Math.ceil((ending.retryAt.getTime() - Clock.now().getTime()) / 1_000));
        return c.json({ why: ending.why }, COME_BACK, { "retry-after": String(seconds) });
      }
      case "dead":
        return c.json({ why: ending.why }, DEAD);
      default:
        return c.json(ending);
    }
  });
  return { name, app };
}

/**
 * The Lambda handler of a job: an SQS batch becomes requests to its door, failures are answered by message id. A message that cannot be read, and one
 * whose attempts are spent, is put into the dead letters here and acknowledged. On a FIFO queue the first failure holds back all that follow.
 */
export function onQueue({ name, app }: Door): (event: SqsEvent) => Promise<BatchResponse> {
  return async ({ Records }) => {
    if (!Records[0]?.eventSourceARN.endsWith(".fifo")) {
      const failed = await Promise.all(Records.map(async (record) => ((await deliver(name, app, record)) ? [] : [record.messageId])));
      return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
    }
    for (const [n, record] of Records.entries()) {
      if (await deliver(name, app, record)) continue;
      return { batchItemFailures: Records.slice(n).map((held) => ({ itemIdentifier: held.messageId })) };
    }
    return { batchItemFailures: [] };
  };
}

/** True when the message may be acknowledged. */
async function deliver(name: string, app: Hono, record: SqsRecord): Promise<boolean> {
  try {
    const headers = {
      "content-type": "application/json",
      "x-message-id": record.messageId,
      "x-receive-count": record.attributes.ApproximateReceiveCount ?? "1",
    };
    const answer = await app.request("/", { method: "POST", headers, body: record.body });
    if (answer.ok) return true;
    const told = await answer.text();
    if (answer.status === MALFORMED || answer.status === DEAD) {
      await (await Queue.queue()).bury(name, buried(record.body), told);
      return true;
    }
    if (answer.status !== COME_BACK) throw new Refused("bug", { problem: `the door answered ${answer.status}` });
    const held = { id: record.messageId, receipt: record.receiptHandle };
    await (await Queue.queue()).fail(name, held, Number(answer.headers.get("retry-after") ?? 30));
    return false;
  } catch (error) {
    log.error("a message could not be delivered", { job: name, messageId: record.messageId, error });
    return false;
  }
}

/** The body as the dead letters keep it: marked when it can be, as it came when it cannot be read. */
function buried(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "run_id" in parsed ? JSON.stringify({ ...parsed, dead: true }) : body;
  } catch {
    return body;
  }
}

/** The Lambda handler of an API door: the gateway's event as a request, the caller's address by the gateway's word. */
export function onHttp(app: Api) {
  const fetch = (request: Request, { event }: { event: { requestContext: { http: { sourceIp: string } } } }) =>
    app.fetch(request, { address: event.requestContext.http.sourceIp });
  return handle({ fetch } as unknown as Hono);
}
