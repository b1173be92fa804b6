import { setTimeout as sleep } from "node:timers/promises";
import { systemSql } from "#core/db.ts";
import type { DeadLetter, Queue, Received } from "#core/jobs/queue.ts";

export type Limits = { visibilitySeconds: number; maxReceives: number };
// Another process may have sent the message, and notifications do not cross the embedded database's socket: ask again this often.
const POLL_MS = 250;

/** The queue as a table of the same Postgres: for a laptop, or one small server. Never part of a Lambda's bundle. */
export function embeddedQueue(limitsOf: (queue: string) => Limits): Queue {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (queue: string) => {
    for (const woken of waiting.get(queue) ?? []) woken();
  };

  /** Resolves when this process sends to the queue, after `ms`, or when the receiver gives up. */
  async function news(queue: string, ms: number, signal?: AbortSignal): Promise<void> {
    const listeners = waiting.get(queue) ?? new Set();
    waiting.set(queue, listeners);
    const timer = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    listeners.add(resolve);
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: timer.signal });
    await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    listeners.delete(resolve);
  }

  /** What is visible, hidden from now on; a message received too often becomes a dead letter instead. */
  async function take(queue: string, max: number): Promise<Received[]> {
    const { visibilitySeconds, maxReceives } = limitsOf(queue);
    const rows = await systemSql<(Received & { dead: boolean })[]>`
      with next as materialized (
        select id from queue_messages
        where queue = ${queue} and not dead and visible_at <= clock_timestamp()
        order by visible_at, seq limit ${max} for update skip locked)
      update queue_messages m
      set receive_count = m.receive_count + 1, receipt = gen_random_uuid(),
        visible_at = clock_timestamp() + make_interval(secs => ${visibilitySeconds}),
        dead = m.receive_count >= ${maxReceives},
        dead_reason = case when m.receive_count >= ${maxReceives} then 'received too often' end
      from next where m.id = next.id
      returning m.id, m.body, m.receipt, m.receive_count, m.dead`;
    const buried = rows.filter((row) => row.dead).length;
    const live = rows.filter((row) => !row.dead).map(({ dead: _, ...message }) => message);
    return live.length === 0 && buried > 0 ? take(queue, max) : live;
  }

  return {
    async sendBatch(queue, messages) {
      if (messages.length === 0) return;
      await systemSql`
        insert into queue_messages (queue, body, visible_at)
        select ${queue}, body, clock_timestamp() + make_interval(secs => delay)
        from unnest(${messages.map((message) => message.body)}::text[], ${messages.map((message) => message.delaySeconds ?? 0)}::float8[]) as m (body, delay)`;
      wake(queue);
    },
    async receive(queue, { max, waitSeconds, signal }) {
      const until = Date.now() + waitSeconds * 1_000;
      for (;;) {
        const messages = await take(queue, Math.min(max, 10));
        const left = until - Date.now();
        if (messages.length > 0 || left <= 0 || signal?.aborted) return messages;
        await news(queue, Math.min(POLL_MS, left), signal);
      }
    },
    async ack(_queue, messages) {
      if (messages.length === 0) return;
      await systemSql`
        delete from queue_messages m using unnest(${messages.map((m) => m.id)}::uuid[], ${messages.map((m) => m.receipt)}::uuid[]) as done (id, receipt)
        where m.id = done.id and m.receipt = done.receipt and not m.dead`;
    },
    extend: hide,
    async fail(queue, message, delaySeconds) {
      const { maxReceives } = limitsOf(queue);
      await systemSql`
        update queue_messages
        set visible_at = clock_timestamp() + make_interval(secs => ${delaySeconds}), dead = receive_count >= ${maxReceives},
          dead_reason = case when receive_count >= ${maxReceives} then 'received too often' end
        where id = ${message.id} and receipt = ${message.receipt} and not dead`;
    },
    async bury(queue, body, reason) {
      await systemSql`insert into queue_messages (queue, body, dead, dead_reason) values (${queue}, ${body}, true, ${reason.slice(0, 1_000)})`;
    },
    async deadLetters(queue, limit) {
      const rows = await systemSql<{ id: string; body: string; deadReason: string | null }[]>`
        select id, body, dead_reason from queue_messages where queue = ${queue} and dead order by seq limit ${limit}`;
      return rows.map(({ id, body, deadReason }): DeadLetter => ({ id, body, reason: deadReason ?? undefined }));
    },
    async redrive(queue, limit) {
      const moved = await systemSql<{ id: string }[]>`
        update queue_messages set dead = false, dead_reason = null, receive_count = 0, receipt = null, visible_at = clock_timestamp()
        where id in (select id from queue_messages where queue = ${queue} and dead order by seq limit ${limit} for update skip locked)
        returning id`;
      wake(queue);
      return moved.length;
    },
    async depth(queue) {
      const [row] = await systemSql<{ waiting: number; inFlight: number; dead: number }[]>`
        select count(*) filter (where not dead and (receipt is null or visible_at <= clock_timestamp())) as waiting,
          count(*) filter (where not dead and receipt is not null and visible_at > clock_timestamp()) as in_flight,
          count(*) filter (where dead) as dead
        from queue_messages where queue = ${queue}`;
      return row ?? { waiting: 0, inFlight: 0, dead: 0 };
    },
  };
}

async function hide(_queue: string, message: Pick<Received, "id" | "receipt">, seconds: number): Promise<void> {
  await systemSql`
    update queue_messages set visible_at = clock_timestamp() + make_interval(secs => ${seconds})
    where id = ${message.id} and receipt = ${message.receipt} and not dead`;
}
