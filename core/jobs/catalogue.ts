/**
 * THE list of jobs. Plain data: from it come the EventBridge rules, queues, dead-letter queues and functions, the local timers, the rows of
 * `scheduled_jobs`, GET /jobs/scheduler and the README's job table. A job is here when its handler works.
 *
 * `every` is the fixed grid; with `at` (and `on`, Monday = 1) it is an hour of the project's own day; "on demand" has no grid, no rule and no tick.
 * `then` names the jobs a success sets off, `asks` those on demand that its work may ask for: their lost runs are its dispatch's to find.
 * `economy`: the job costs money; in a project in economy mode this is its grid, and a cascade onto it waits for the grid's next point.
 * `budget`: seconds of one run, upstream requests of one run, attempts before the dead letters. `needs`: what a project must have to be dispatched.
 */
export type Cadence =
  | { every: `${number} minutes` | "1 hour" | "on demand" }
  | { every: "1 day"; at: number }
  | { every: "1 week"; on: number; at: number };
export type Job = Cadence & {
  does: string;
  then: readonly string[];
  asks?: readonly string[];
  class: "ingestion" | "outbound" | "memory" | "upkeep";
  budget: { seconds: number; requests: number; attempts: number };
  needs: readonly "source_binding"[];
  economy?: { every: "1 hour" | `${number} hours` };
};
export type Catalogue = Readonly<Record<string, Job>>;

/** Checks at compile time that every cascade leads to a job of the same list. */
export function catalogue<const C extends Catalogue>(
  list: C & { [K in keyof C]: { then: readonly (keyof C)[]; asks?: readonly (keyof C)[] } },
): C {
  return list;
}

/** What new rows of a source set off, however they were read. */
const AFTER_READING = ["crm_mirror", "identity_suggestions", "memory_index"] as const;

export const jobs = catalogue({
  connectors_sync_cycle: {
    does: "Pull what changed in every bound source.",
    every: "15 minutes",
    then: AFTER_READING,
    class: "ingestion",
    budget: { seconds: 240, requests: 2_000, attempts: 5 },
    needs: ["source_binding"],
  },
  connector_errors_retry: {
    does: "Ask for what failed or was set aside to be read again, when it is due.",
    every: "5 minutes",
    then: [],
    asks: ["connectors_narrow_sync"],
    class: "upkeep",
    budget: { seconds: 30, requests: 0, attempts: 3 },
    needs: ["source_binding"],
  },
  connectors_narrow_sync: {
    does: "Read again one stream that failed, or one record that was set aside or that a webhook named.",
    every: "on demand",
    then: AFTER_READING,
    class: "ingestion",
    budget: { seconds: 120, requests: 1_000, attempts: 5 },
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
  crm_mirror: {
    does: "Bring companies, deals and their stages into the CRM, past what people have set by hand.",
    every: "1 day",
    at: 5,
    then: [],
    class: "upkeep",
    budget: { seconds: 60, requests: 0, attempts: 3 },
    needs: ["source_binding"],
  },
  identity_suggestions: {
    does: "Propose who is who across chats, tasks and deals.",
    every: "1 day",
    at: 5,
    then: [],
    class: "upkeep",
    budget: { seconds: 120, requests: 0, attempts: 3 },
    needs: ["source_binding"],
  },
  memory_index: {
    does: "Make what was read findable by its words, and tie it to whom and what it names.",
    every: "15 minutes",
    then: ["embeddings_run", "memory_extract"],
    class: "upkeep",
    budget: { seconds: 240, requests: 0, attempts: 3 },
    needs: ["source_binding"],
  },
  loops_contacts_sync: {
    does: "Tell Loops of a project's clients, and learn who wants no mail.",
    every: "1 hour",
    then: [],
    class: "outbound",
    budget: { seconds: 120, requests: 600, attempts: 3 },
    needs: ["source_binding"],
  },
  embeddings_run: {
    does: "Give new texts their vectors, where a model is configured.",
    every: "20 minutes",
    economy: { every: "1 hour" },
    then: [],
    class: "memory",
    budget: { seconds: 120, requests: 600, attempts: 3 },
    needs: ["source_binding"],
  },
  memory_extract: {
    does: "Have a model note agreements, promises and deadlines in changed threads, where one is configured.",
    every: "1 hour",
    economy: { every: "12 hours" },
    then: [],
    class: "memory",
    budget: { seconds: 240, requests: 400, attempts: 3 },
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

/** Seconds between two points of a job's grid; null without one. */
export function periodSeconds(job: Job): number | null {
  if (job.every === "on demand") return null;
  if (job.every === "1 day") return 86_400;
  if (job.every === "1 week") return 604_800;
  if (job.every === "1 hour") return 3_600;
  return Number.parseInt(job.every, 10) * 60;
}

/** How often the job's queue is ticked, null: never. Jobs with an hour of the project's day are looked at hourly: a schedule knows UTC only. */
export function tickSeconds(job: Job): number | null {
  const period = periodSeconds(job);
  return period && Math.min(period, 3_600);
}

/** Seconds after which a function that runs the job is stopped: its budget and time to put things away. */
export function timeoutSeconds(job: Job): number {
  return job.budget.seconds + 60;
}

/** Seconds between two points of a paid job's grid in economy mode; null: the mode changes nothing. */
export function economySeconds({ economy }: Job): number | null {
  return economy ? Number.parseInt(economy.every, 10) * 3_600 : null;
}

/** The job's grid as the database's `next_grid_point` wants it, in a project with or without economy mode. */
export function grid(job: Job, economyMode: boolean): { everySeconds: number | null; atHour: number | null; atWeekday: number | null } {
  const everySeconds = (economyMode ? economySeconds(job) : null) ?? periodSeconds(job);
  return { everySeconds, atHour: "at" in job ? job.at : null, atWeekday: "on" in job ? job.on : null };
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
