import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Secret from "#core/connectors/secret.ts";
import * as Db from "#core/db.ts";
import { jobs, queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { ask } from "#core/jobs/request.ts";
import { drain } from "#local/consumer.ts";
import { jobHandlers } from "#local/doors.ts";

export type Source = { source: "chatwoot" | "linear" | "attio"; baseUrl: string; externalAccount: string; apiToken: string };
/** What one backfill and the quiet cycle after it took. */
export type Measured = {
  seconds: number;
  rssMb: number;
  backfillRequests: number;
  quietStatements: number;
  quietMs: number;
  requests: number;
  /** Of those, the sweep's. */
  sweep: number;
};

// A process of its own, so that its peak memory is that of the product and of nothing else.
const [url = "", given = "[]"] = process.argv.slice(2);
const sources = JSON.parse(given) as Source[];
let statements = 0;
Db.adopt(Db.serverPool(url, { max: 12, role: "bellwether_system", debug: () => statements++ }));
Secret.useKey("bench");
const queue = embeddedQueue(queueLimits);
Queue.use(queue);
// What reading sets off is another matter: memory alone takes longer than all of it.
const { connectors_sync_cycle } = await jobHandlers();
const handlers = { ...(connectors_sync_cycle ? { connectors_sync_cycle } : {}) };

const accountScopeId = "00000000-0000-4000-8000-000000000001";
const project = "00000000-0000-4000-8000-000000000002";
const scope = { projects: [project], accountScopeId };
await Db.systemSql`insert into account_scopes (id, scope_key, name) values (${accountScopeId}, 'bench', 'Bench')`;
await Db.systemSql`insert into projects (id, account_scope_id, name) values (${project}, ${accountScopeId}, 'Bench')`;
await Db.transaction(scope, async () => {
  const bindings: Binding.Draft[] = [];
  for (const one of sources)
    bindings.push(Binding.whole((await Connection.create(scope, Connection.Draft.parse({ ...one, name: one.source }), "bench")).id));
  await Binding.replace(scope, bindings, "bench");
});

await ask(jobs, scope, "connectors_sync_cycle", { trigger: "cascade", by: "bench" });
await drain(queue, handlers);
const seconds = await reading();
const rssMb = process.resourceUsage().maxRSS / 1_024;

statements = 0;
const quiet = performance.now();
const id = await ask(jobs, scope, "connectors_sync_cycle", { trigger: "cascade", by: "bench" });
await drain(queue, handlers);
const measured: Measured = {
  seconds,
  rssMb,
  backfillRequests: await backfillRequests(id),
  quietStatements: statements,
  quietMs: performance.now() - quiet,
  ...(await requests(id)),
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
await Db.disconnect();

/** From the asking to the end of the last run that read. */
async function reading(): Promise<number> {
  const [row] = await Db.systemSql<{ seconds: number }[]>`
    select extract(epoch from max(finished_at) - min(asked_at))::float8 as seconds from job_runs where job = 'connectors_sync_cycle'`;
  return row?.seconds ?? Number.NaN;
}

/** Of every run before the quiet one: a large backfill takes several. */
async function backfillRequests(quiet: string): Promise<number> {
  const [row] = await Db.systemSql<{ requests: number }[]>`
    select sum((counters ->> 'requests')::int) as requests from job_runs where job = 'connectors_sync_cycle' and id <> ${quiet}`;
  return row?.requests ?? 0;
}

async function requests(run: string): Promise<{ requests: number; sweep: number }> {
  const [row] = await Db.systemSql<{ requests: number; sweep: number; rows: number; status: string }[]>`
    select (counters ->> 'requests')::int as requests, (counters ->> 'sweep_requests')::int as sweep, (counters ->> 'rows')::int as rows, status
    from job_runs where id = ${run}`;
  if (row?.status !== "ok" || row.rows !== 0) throw new Error(`the quiet cycle was not quiet: ${JSON.stringify(row)}`);
  return { requests: row.requests, sweep: row.sweep };
}
