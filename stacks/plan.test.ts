import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { catalogue, jobs, queueLimits } from "#core/jobs/catalogue.ts";
import { tick } from "#core/jobs/message.ts";
import { plan, problems } from "#stacks/plan.ts";
import { print } from "#stacks/print.ts";

const budget = { seconds: 20, requests: 100, attempts: 3 };
const one = { does: "One.", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] } as const;
const doorsIn = (folder: string) =>
  readdirSync(new URL(`../functions/${folder}/`, import.meta.url))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -3));

test("every job and every resource has its door, and every door its place in the plan", () => {
  expect(problems(plan(), { jobs: doorsIn("jobs"), api: doorsIn("api") })).toEqual([]);
});

test("a door is the door of the job its file is named after", async () => {
  for (const name of doorsIn("jobs")) {
    const door: { app?: { name: string }; handler?: unknown } = await import(`../functions/jobs/${name}.ts`);
    expect([door.app?.name, typeof door.handler]).toEqual([name, "function"]);
  }
  for (const name of doorsIn("api")) {
    const door: { handler?: unknown } = await import(`../functions/api/${name}.ts`);
    expect([name, typeof door.handler]).toEqual([name, "function"]);
  }
});

test("a job without a door, a door without a job, a resource without a door are each named", () => {
  const small = plan({ one }, { read: { method: "GET", path: "/a", resource: "a", does: "A.", who: "viewer", reach: "self" } });
  expect(problems(small, { jobs: ["two"], api: [] })).toEqual([
    "The job one has no door: functions/jobs/one.ts is missing.",
    "functions/jobs/two.ts is the door of no job.",
    "The resource a has no door: functions/api/a.ts is missing.",
  ]);
});

test("a cascade in a circle is refused, and so is a run longer than a function may live", () => {
  const circle = catalogue({
    entry: { ...one, then: ["left"] },
    left: { ...one, then: ["right"] },
    right: { ...one, then: ["left"] },
  });
  expect(() => plan(circle)).toThrow("left -> right -> left");
  expect(() => plan({ one: { ...one, then: ["one"] } })).toThrow("one -> one");
  expect(() => plan({ one: { ...one, budget: { ...budget, seconds: 841 } } })).toThrow("may run 901 s");
  expect(() => plan({ one: { ...one, every: "0.5 minutes" } })).toThrow("cannot fire every");
});

test("a diamond is no circle, and a job may send to what it sets off and to nothing else", () => {
  const diamond = catalogue({
    top: { ...one, then: ["left", "right"] },
    left: { ...one, then: ["end"] },
    right: { ...one, then: ["end"] },
    end: one,
  });
  expect(plan(diamond).jobs.map((job) => job.function.sendsTo)).toEqual([
    ["top", "top-dlq", "left", "right"],
    ["left", "left-dlq", "end"],
    ["right", "right-dlq", "end"],
    ["end", "end-dlq"],
  ]);
});

test("a rule's message is the tick that a door reads, in the rate that EventBridge reads", () => {
  for (const { name, rule } of plan().jobs.filter((job) => job.rule)) expect(rule?.input).toBe(tick(name));
  const rates = { m: { ...one, every: "1 minutes" }, h: { ...one, every: "1 hour" }, d: { ...one, every: "1 day", at: 3 } } as const;
  expect(plan(rates).jobs.map((job) => job.rule?.schedule)).toEqual(["rate(1 minute)", "rate(1 hour)", "rate(1 hour)"]);
});

test("a job on demand has a queue, dead letters and a function, and nothing that ticks it; who asks for it may send to it and to its dead letters", () => {
  const [asking, asked] = plan(catalogue({ asking: { ...one, asks: ["asked"] }, asked: { ...one, every: "on demand" } })).jobs;
  expect(asking?.function.sendsTo).toEqual(["asking", "asking-dlq", "asked", "asked-dlq"]);
  expect(asked).toMatchObject({
    rule: undefined,
    queue: { deadLetters: "asked-dlq" },
    function: { handler: "functions/jobs/asked.handler" },
  });
});

test("a queue hides a message for six times the function's timeout, and gives up after the job's attempts", () => {
  for (const job of plan().jobs) {
    expect(job.queue.visibilitySeconds).toBeGreaterThanOrEqual(6 * job.function.timeoutSeconds);
    expect(job.queue.maxReceives).toBe(jobs[job.name as keyof typeof jobs].budget.attempts);
    expect(queueLimits(job.name)).toEqual({ visibilitySeconds: job.queue.visibilitySeconds, maxReceives: job.queue.maxReceives });
  }
});

test("no route twice; every function is given only variables that the configuration reads", async () => {
  const { jobs: planned, resources } = plan();
  const routes = resources.flatMap((resource) => resource.routes.map((route) => route.replaceAll(/\{\w+\}/g, "{}")));
  expect(new Set(routes).size).toBe(routes.length);
  const read = await readFile(new URL("../core/config.ts", import.meta.url), "utf8");
  for (const { function: fn } of [...planned, ...resources])
    for (const key of fn.environment) expect(read).toMatch(new RegExp(`^  ${key}:`, "m"));
});

test("the plan", () => {
  expect(`\n${print(plan())}\n`).toMatchInlineSnapshot(`
    "
    job, queue and function          rule              timeout  memory   visibility  receives  dead letters                         also sends to
    -------------------------------  ----------------  -------  -------  ----------  --------  -----------------------------------  -------------------------------------------------------------------------------------------------------
    connectors_sync_cycle            rate(15 minutes)  300 s    1024 MB  1800 s      5         connectors_sync_cycle-dlq            crm_mirror, identity_suggestions, memory_index, connectors_narrow_sync, connectors_reconciliation_daily
    connector_errors_retry           rate(5 minutes)   90 s     512 MB   540 s       3         connector_errors_retry-dlq           connectors_narrow_sync, connectors_narrow_sync-dlq
    connectors_narrow_sync           -                 180 s    1024 MB  1080 s      5         connectors_narrow_sync-dlq           crm_mirror, identity_suggestions, memory_index, connectors_sync_cycle, connectors_reconciliation_daily
    connectors_reconciliation_daily  rate(1 hour)      300 s    1024 MB  1800 s      5         connectors_reconciliation_daily-dlq  connectors_sync_cycle, connectors_narrow_sync
    crm_mirror                       rate(1 hour)      120 s    512 MB   720 s       3         crm_mirror-dlq                       -
    identity_suggestions             rate(1 hour)      180 s    512 MB   1080 s      3         identity_suggestions-dlq             -
    memory_index                     rate(15 minutes)  300 s    512 MB   1800 s      3         memory_index-dlq                     embeddings_run, memory_extract
    loops_contacts_sync              rate(1 hour)      180 s    512 MB   1080 s      3         loops_contacts_sync-dlq              -
    embeddings_run                   rate(20 minutes)  180 s    512 MB   1080 s      3         embeddings_run-dlq                   -
    memory_extract                   rate(1 hour)      300 s    512 MB   1800 s      3         memory_extract-dlq                   -
    retention_cleanup                rate(1 hour)      120 s    512 MB   720 s       3         retention_cleanup-dlq                -

    function         route                                           sends to
    ---------------  ----------------------------------------------  ----------------------------
    api-health       GET /health                                     -
                     GET /metrics
    api-docs         GET /openapi.json                               -
                     GET /docs
    api-auth         POST /auth/login                                -
                     POST /auth/logout
                     GET /auth/me
    api-users        GET /users                                      -
                     POST /users
                     PATCH /users/{id}
                     DELETE /users/{id}
    api-projects     GET /projects/{id}/assignments                  all jobs
                     PUT /projects/{id}/assignments/{user_id}
                     DELETE /projects/{id}/assignments/{user_id}
                     GET /projects
                     POST /projects
                     PATCH /projects/{id}
                     POST /projects/{id}/select
                     GET /projects/{id}/sources
                     PUT /projects/{id}/sources
                     DELETE /projects/{id}/sources
    api-api_keys     GET /api-keys                                   -
                     POST /api-keys
                     DELETE /api-keys/{id}
    api-connections  GET /connections                                -
                     POST /connections
                     DELETE /connections/{id}
    api-audit        GET /audit                                      -
    api-jobs         GET /jobs/scheduler                             all jobs
                     POST /jobs/scheduler/tick
                     GET /jobs/status
                     GET /jobs/runs
                     GET /jobs/runs/{id}
                     POST /jobs/runs/{id}/cancel
                     POST /jobs/runs/{id}/redrive
                     POST /jobs/embeddings/run
                     POST /jobs/{name}/run
                     POST /jobs/{name}/pause
                     POST /jobs/{name}/resume
                     POST /jobs/chatwoot/sync
                     POST /jobs/linear/sync
                     POST /jobs/attio/sync
    api-connectors   GET /connectors/state                           all jobs
                     GET /connectors/errors
                     GET /connectors/errors/dead-letter
                     POST /connectors/errors/retry
                     POST /connectors/errors/dead-letter/{id}/retry
                     GET /connectors/reconciliation
                     GET /connectors/reconciliation/diff
                     POST /connectors/reconciliation/run
                     POST /connectors/deletions/approve
                     POST /connectors/sync
                     POST /connectors/{name}/sync
    api-webhooks     POST /webhooks/chatwoot/{connection}            connectors_narrow_sync
                     POST /webhooks/linear/{connection}
                     POST /webhooks/attio/{connection}
                     POST /webhooks/loops/{account}
    api-loops        GET /loops/preview                              loops_contacts_sync
                     PUT /loops/settings
                     POST /loops/sync
    api-kag          GET /kag/events                                 -
                     GET /kag/nodes
                     GET /kag/nodes/{id}
    api-chats        GET /contacts                                   -
                     GET /conversations
                     GET /messages
    api-crm          GET /crm/accounts                               -
                     POST /crm/accounts
                     PATCH /crm/accounts/{id}
                     POST /crm/accounts/{id}/follow
                     GET /crm/opportunities
                     POST /crm/opportunities
                     PATCH /crm/opportunities/{id}
                     POST /crm/opportunities/{id}/stage
                     POST /crm/opportunities/{id}/follow
                     GET /crm/opportunities/{id}/stage-events
                     GET /crm/overview
                     GET /crm/coverage
    api-identity     GET /identity/suggestions                       connectors_sync_cycle
                     POST /identity/suggestions/preview
                     POST /identity/suggestions/{id}/apply
                     POST /identity/suggestions/{id}/dismiss
                     GET /identity/links
                     DELETE /identity/links/{id}
                     POST /identity/bindings/propose
                     GET /identity/bindings
                     POST /identity/bindings/{id}/accept
                     POST /identity/bindings/{id}/dismiss
    api-costs        GET /costs                                      -
                     GET /costs/studio
                     PUT /projects/{id}/budget
                     PUT /costs/budget
    api-lightrag     POST /lightrag/query                            memory_index, embeddings_run
                     POST /search
                     POST /lightrag/feedback
                     GET /lightrag/status
                     POST /lightrag/refresh
    api-mcp          POST /mcp                                       -
                     GET /mcp

    10 rules, 22 queues, 30 functions, 99 routes
    "
  `);
});
