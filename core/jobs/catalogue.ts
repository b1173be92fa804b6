/**
 * THE list of jobs. Plain data: from it come the EventBridge rules, queues, dead-letter queues and functions, the local timers, the rows of
 * `scheduled_jobs`, GET /jobs/scheduler and the README's job table. A job is here when its handler works.
 *
 * `every` is the fixed grid; with `at` (and `on`, Monday = 1) it is an hour of the project's own day. `then` names the jobs a success sets off.
 * `budget`: seconds of one run, upstream requests of one run, attempts before the dead letters. `needs`: what a project must have to be dispatched.
 */
export type Cadence =
  | { every: `${number} minutes` | "1 hour" }
  | { every: "1 day"; at: number }
  | { every: "1 week"; on: number; at: number };
export type Job = Cadence & {
  does: string;
  then: readonly string[];
  class: "ingestion" | "upkeep";
  budget: { seconds: number; requests: number; attempts: number };
  needs: readonly "source_binding"[];
};
export type Catalogue = Readonly<Record<string, Job>>;

/** Checks at compile time that every cascade leads to a job of the same list. */
export function catalogue<const C extends Catalogue>(list: C & { [K in keyof C]: { then: readonly (keyof C)[] } }): C {
  return list;
}

export const jobs = catalogue({
  connectors_sync_cycle: {
    does: "Pull what changed in every bound source.",
    every: "15 minutes",
    then: [],
    class: "ingestion",
    budget: { seconds: 240, requests: 2_000, attempts: 5 },
    needs: ["source_binding"],
  },
  connector_errors_retry: {
    does: "Try again what failed or was set aside, when it is due.",
    every: "5 minutes",
    then: [],
    class: "ingestion",
    budget: { seconds: 120, requests: 500, attempts: 3 },
    needs: ["source_binding"],
  },
  connectors_reconciliation_daily: {
    does: "Crawl every source by id, heal the mirror, find what was deleted, measure completeness.",
    every: "1 day",
    at: 3,
    then: [],
    class: "ingestion",
    budget: { seconds: 240, requests: 2_000, attempts: 5 },
    needs: ["source_binding"],
  },
  retention_cleanup: {
    does: "Delete log rows past their days.",
    every: "1 day",
    at: 4,
    then: [],
    class: "upkeep",
    budget: { seconds: 60, requests: 0, attempts: 3 },
    needs: [],
  },
});

export type JobName = keyof typeof jobs;

/** Seconds between two points of a job's grid. */
export function periodSeconds(job: Job): number {
  if (job.every === "1 day") return 86_400;
  if (job.every === "1 week") return 604_800;
  if (job.every === "1 hour") return 3_600;
  return Number.parseInt(job.every, 10) * 60;
}

/** How often the job's queue is ticked: jobs with an hour of the project's day are looked at hourly, because a schedule knows UTC only. */
export function tickSeconds(job: Job): number {
  return Math.min(periodSeconds(job), 3_600);
}

/** Seconds after which a function that runs the job is stopped: its budget and time to put things away. */
export function timeoutSeconds(job: Job): number {
  return job.budget.seconds + 60;
}

/** The job's grid as the database's `next_grid_point` wants it. */
export function grid(job: Job): { everySeconds: number; atHour: number | null; atWeekday: number | null } {
  return { everySeconds: periodSeconds(job), atHour: "at" in job ? job.at : null, atWeekday: "on" in job ? job.on : null };
}

// AWS's advice for a function behind a queue: a throttled batch must not become visible to a second worker while the first still holds it.
const VISIBILITY_PER_TIMEOUT = 6;

export type QueueLimits = { visibilitySeconds: number; maxReceives: number };

/** What both queue adapters hold a job's queue to. */
export function queueLimits(name: string, list: Catalogue = jobs): QueueLimits {
  const job = list[name];
  if (!job) throw new Error(`There is no job ${name}.`);
  return { visibilitySeconds: timeoutSeconds(job) * VISIBILITY_PER_TIMEOUT, maxReceives: job.budget.attempts };
}
