import { operations } from "#core/api/catalogue.ts";
import type { Operation } from "#core/api/operation.ts";
import { type Catalogue, type Job, jobs, type QueueLimits, queueLimits, tickSeconds, timeoutSeconds } from "#core/jobs/catalogue.ts";

/**
 * What exists in the cloud, as plain data derived from the two catalogues. No SST in here: the stacks map it one to one, tests and
 * `npm run plan` read all of it. Names are without the stage's prefix.
 */
export type FunctionPlan = {
  name: string;
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** The keys of its environment; each is one that core/config.ts reads. */
  environment: readonly EnvironmentKey[];
  /** The queues it may send to (with GetQueueUrl, to find them), and may do nothing else with. */
  sendsTo: readonly string[];
};
export type JobPlan = {
  name: string;
  /** None for a job on demand: nothing ticks it. */
  rule: { schedule: string; input: string } | undefined;
  queue: QueueLimits & { name: string; deadLetters: string; retentionDays: number };
  /** Batches in work at once, at most: what bounds the connections to the database. */
  concurrency: number;
  function: FunctionPlan;
};
export type ResourcePlan = { name: string; routes: readonly string[]; function: FunctionPlan };
export type Plan = { jobs: readonly JobPlan[]; resources: readonly ResourcePlan[] };

const LAMBDA_MAX_SECONDS = 900;
const DEAD_LETTER_DAYS = 14;
// The gateway gives up after 30 seconds; the function ends first, so that its own answer is the one seen.
const API_TIMEOUT_SECONDS = 29;
const CONCURRENCY = 5;

const everywhere = ["DATABASE_URL", "DATABASE_POOL_MAX", "QUEUE_BACKEND", "QUEUE_PREFIX", "LOG_LEVEL"] as const;
/** What calling a model takes. */
const MODELS = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "EMBEDDING_MODEL",
  "EMBEDDING_QUERY_MODEL",
  "EMBEDDING_DIMENSIONS",
  "COMPLETION_MODEL",
  "BUDGET_USD_PROJECT_DAY",
  "BUDGET_USD_RUN",
  "BUDGET_USD_STUDIO_DAY",
] as const;
const extra = {
  // Opens the credentials of the connections.
  ingestion: ["BELLWETHER_SECRET_KEY"],
  outbound: ["LOOPS_SECRET_KEY", "LOOPS_BASE_URL"],
  memory: MODELS,
  upkeep: [],
} as const;
// What a resource needs beyond the common keys; the rest is never handed to it.
const resourceExtra: Readonly<Record<string, readonly EnvironmentKey[]>> = {
  auth: ["AUTH_USERNAME", "AUTH_PASSWORD"],
  // Seals credentials; what opens them is the jobs.
  connections: ["BELLWETHER_SECRET_KEY"],
  health: ["METRICS_TOKEN"],
  // Opens the secrets that webhooks are signed with.
  webhooks: ["BELLWETHER_SECRET_KEY", "LOOPS_WEBHOOK_SECRET"],
  // Says what is configured where nothing else is set.
  costs: ["BUDGET_USD_PROJECT_DAY", "BUDGET_USD_RUN", "BUDGET_USD_STUDIO_DAY"],
  // Ask for the vector of a question, and for an answer in words.
  lightrag: MODELS,
  mcp: MODELS,
  // Says whether there is one.
  loops: ["LOOPS_SECRET_KEY"],
};
// The resources that ask for runs of whatever job: a person's run, tick, resume and redrive; a source's sync and retry; a project whose sources were set.
const ASK_FOR_RUNS: readonly string[] = ["jobs", "connectors", "projects"];
// Those that ask for runs of these jobs only.
const ASK_FOR: Readonly<Record<string, readonly string[]>> = {
  webhooks: ["connectors_narrow_sync"],
  loops: ["loops_contacts_sync"],
  identity: ["connectors_sync_cycle"],
  lightrag: ["memory_index", "embeddings_run"],
};

export type EnvironmentKey =
  | (typeof everywhere)[number]
  | (typeof MODELS)[number]
  | "BELLWETHER_SECRET_KEY"
  | "AUTH_USERNAME"
  | "AUTH_PASSWORD"
  | "METRICS_TOKEN"
  | "LOOPS_SECRET_KEY"
  | "LOOPS_BASE_URL"
  | "LOOPS_WEBHOOK_SECRET"
  | "CORS_ORIGIN";

/** The plan of a catalogue of jobs and a catalogue of operations. Throws when the cloud could not carry it: a run too long, a cascade in a circle. */
export function plan(list: Catalogue = jobs, api: Readonly<Record<string, Operation>> = operations): Plan {
  const circle = cycle(list);
  if (circle) throw new Error(`The cascade goes in a circle: ${circle.join(" -> ")}.`);
  const names = Object.keys(list);
  const resources = Map.groupBy(Object.values(api), (operation) => operation.resource);
  return {
    jobs: Object.entries(list).map(([name, job]) => planJob(name, job, list)),
    resources: [...resources].map(([name, served]) =>
      planResource(name, served, ASK_FOR_RUNS.includes(name) ? names : (ASK_FOR[name] ?? [])),
    ),
  };
}

/** The jobs of a circle of cascades, its first one again at the end; undefined without one. */
export function cycle(list: Catalogue): string[] | undefined {
  const clear = new Set<string>();
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (clear.has(name)) return undefined;
    for (const next of list[name]?.then ?? []) {
      const found = walk(next, [...path, name]);
      if (found) return found;
    }
    clear.add(name);
    return undefined;
  };
  for (const name of Object.keys(list)) {
    const found = walk(name, []);
    if (found) return found;
  }
  return undefined;
}

/** What keeps a plan from being deployed with these door files (names without ending): each thing in words; empty when all is there. */
export function problems({ jobs: planned, resources }: Plan, doors: { jobs: readonly string[]; api: readonly string[] }): string[] {
  const compare = (kind: string, names: readonly string[], files: readonly string[], folder: string) => [
    ...names
      .filter((name) => !files.includes(name))
      .map((name) => `The ${kind} ${name} has no door: functions/${folder}/${name}.ts is missing.`),
    ...files.filter((file) => !names.includes(file)).map((file) => `functions/${folder}/${file}.ts is the door of no ${kind}.`),
  ];
  return [
    ...compare(
      "job",
      planned.map((job) => job.name),
      doors.jobs,
      "jobs",
    ),
    ...compare(
      "resource",
      resources.map((resource) => resource.name),
      doors.api,
      "api",
    ),
  ];
}

function planJob(name: string, job: Job, list: Catalogue): JobPlan {
  const timeout = timeoutSeconds(job);
  if (timeout > LAMBDA_MAX_SECONDS) throw new Error(`${name} may run ${timeout} s; a function is stopped after ${LAMBDA_MAX_SECONDS} s.`);
  const deadLetters = `${name}-dlq`;
  const seconds = tickSeconds(job);
  // A run that gives a connection back wakes the runs that wait for it, and those may be of any job that reads sources.
  const reads = (one: Job | undefined) => one?.class === "ingestion" && one.needs.includes("source_binding");
  const wakes = reads(job) ? Object.keys(list).filter((other) => reads(list[other])) : [];
  return {
    name,
    rule: seconds === null ? undefined : { schedule: rate(seconds), input: JSON.stringify({ type: name, trigger: "schedule" }) },
    queue: { name, ...queueLimits(name, list), deadLetters, retentionDays: DEAD_LETTER_DAYS },
    concurrency: CONCURRENCY,
    function: {
      name,
      handler: `functions/jobs/${name}.handler`,
      timeoutSeconds: timeout,
      memoryMb: job.class === "ingestion" ? 1024 : 512,
      environment: [...everywhere, ...extra[job.class]],
      sendsTo: [...new Set([name, deadLetters, ...job.then, ...(job.asks ?? []).flatMap((asked) => [asked, `${asked}-dlq`]), ...wakes])],
    },
  };
}

function planResource(name: string, served: readonly Operation[], sendsTo: readonly string[]): ResourcePlan {
  return {
    name,
    routes: served.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
    function: {
      name: `api-${name}`,
      handler: `functions/api/${name}.handler`,
      timeoutSeconds: API_TIMEOUT_SECONDS,
      memoryMb: 512,
      environment: [...everywhere, "CORS_ORIGIN", ...(resourceExtra[name] ?? [])],
      sendsTo,
    },
  };
}

/** An EventBridge rate of so many seconds, in its largest whole unit; a rule knows nothing below a minute. */
function rate(seconds: number): string {
  const minutes = seconds / 60;
  if (!Number.isInteger(minutes) || minutes < 1) throw new Error(`A rule cannot fire every ${seconds} s.`);
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return `rate(${count} ${unit}${count === 1 ? "" : "s"})`;
}
