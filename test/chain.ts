import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { catalogue } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import type { Verb } from "#core/jobs/run.ts";
import { job, onQueue } from "#functions/door.ts";
import { drain } from "#local/consumer.ts";
import { empty, freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

const budget = { seconds: 20, requests: 100, attempts: 3 };
/** Three jobs, each setting off the next, and one that needs a source. */
export const chain = catalogue({
  first: { does: "First.", every: "15 minutes", then: ["second"], class: "upkeep", budget, needs: [] },
  second: { does: "Second.", every: "1 hour", then: ["third"], class: "upkeep", budget, needs: [] },
  third: { does: "Third.", every: "1 day", at: 3, then: [], class: "upkeep", budget, needs: [] },
  bound: { does: "Needs a source.", every: "15 minutes", then: [], class: "upkeep", budget, needs: ["source_binding"] },
});
const names = Object.keys(chain) as (keyof typeof chain)[];

let database: TestDatabase;
/** Two projects, anew for each test. */
export let agency: Studio;
export let queue: Queue.Queue;
/** What a job does in place of nothing. */
export const verbs = new Map<string, Verb>();
/** The runs that began, as `job:project`. */
export const calls: string[] = [];
export const handlers = Object.fromEntries(
  names.map((name) => [
    name,
    onQueue(
      job<typeof chain>(
        name,
        async (run) => {
          calls.push(`${name}:${agency.projects.indexOf(run.projectId)}`);
          return (await verbs.get(name)?.(run)) ?? { processed: 1 };
        },
        chain,
      ),
    ),
  ]),
);
export const work = () => drain(queue, handlers);
export const runs = (n = 0) =>
  systemSql<{ job: string; status: string; trigger: string; attempts: number; reason: { code: string } | null }[]>`
    select job, status, trigger, attempts, reason from job_runs where project_id = ${agency.projects[n] ?? ""} order by asked_at, job`;
export const ann = () => ({ kind: "user", id: randomUUID(), username: "ann", role: "pm", accountScopeId: agency.accountScopeId }) as const;
export const at = (iso: string) => Clock.set(new Date(iso), 0);

/** For a test file about runs: a database of its own, and each test begins at seven past ten with two projects and empty queues. */
export function chains(): void {
  beforeAll(async () => {
    database = await freshDatabase();
  });
  beforeEach(async () => {
    await empty();
    agency = await studio(2);
    verbs.clear();
    calls.length = 0;
    queue = embeddedQueue(() => ({ visibilitySeconds: 60, maxReceives: 3 }));
    Queue.use(queue);
    at("2026-03-02T10:07:00Z");
  });
  afterEach(() => Clock.reset());
  afterAll(() => database.close());
}
