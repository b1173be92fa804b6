import { Cron } from "croner";
import { stopAll } from "#core/jobs/budget.ts";
import { jobs, tickSeconds } from "#core/jobs/catalogue.ts";
import { sweep } from "#core/jobs/dispatch.ts";
import { tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { log } from "#core/log.ts";
import { consume } from "#local/consumer.ts";
import { jobHandlers } from "#local/doors.ts";

// In the cloud each function scales on its own; here this many batches of a job are worked at once.
const CONSUMERS = 2;
const SWEEP_SECONDS = 15;

export type Working = { stop: () => Promise<void> };

/** Timers where EventBridge rules would be, consumers where event source mappings would be. Every job that has a grid is ticked once at the start. */
export async function work(): Promise<Working> {
  const handlers = await jobHandlers();
  const queue = await Queue.queue();
  const ending = new AbortController();
  const ticked = Object.entries(jobs).flatMap(([name, job]) => {
    const seconds = tickSeconds(job);
    return seconds === null ? [] : [{ name, seconds }];
  });
  const timers = ticked.map(({ name, seconds }) => {
    const pattern = seconds >= 3_600 ? "0 0 * * * *" : `0 */${seconds / 60} * * * *`;
    return new Cron(pattern, { timezone: "UTC", catch: (error) => log.error("a tick was not sent", { job: name, error }) }, () =>
      Queue.send(name, [tick(name)]),
    );
  });
  timers.push(
    new Cron(`*/${SWEEP_SECONDS} * * * * *`, { protect: true, catch: (error) => log.error("the sweep failed", { error }) }, () =>
      sweep(jobs),
    ),
  );
  await sweep(jobs);
  for (const { name } of ticked) await Queue.send(name, [tick(name)]);
  const loops = Object.entries(handlers).flatMap(([name, handler]) =>
    Array.from({ length: CONSUMERS }, () => consume(queue, name, handler, ending.signal)),
  );
  return {
    stop: async () => {
      for (const timer of timers) timer.stop();
      stopAll();
      ending.abort();
      await Promise.all(loops);
    },
  };
}
