import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { reason } from "#core/error.ts";
import { type Catalogue, grid, type Job, periodSeconds } from "#core/jobs/catalogue.ts";
import type { Next } from "#core/jobs/ledger.ts";
import { forRun, tick } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { jobOf } from "#core/jobs/run.ts";
import * as Settle from "#core/jobs/settle.ts";
import type { ProjectScope } from "#core/scope.ts";

const BATCH = 1_000;
// A queued row whose message is older than this is taken to have lost it. A duplicate is refused by the claim.
const RESEND_SECONDS = 300;

export type Dispatched = { queued: number; resent: number; recovered: number; more: boolean };

/**
 * One tick of a job: which projects are due, active and bound gets a queued run and a message each. Bounded: past a batch it carries on with a
 * message to itself. `projectId` narrows it to one project (a person's tick). A job on demand is never due, but what was asked of it and got lost is
 * found here, at the ticks of the jobs that ask for it.
 */
export async function dispatch(catalogue: Catalogue, name: string, projectId?: string): Promise<Dispatched> {
  const job = jobOf(catalogue, name);
  const now = Clock.now();
  const { recovered, resent } = await find(catalogue, name, now);
  for (const asked of job.asks ?? []) await find(catalogue, asked, now);
  if (periodSeconds(job) === null) return { queued: 0, resent, recovered, more: false };
  await seed(name, job, now);
  const queued = await queueDue(name, job, projectId ?? null, now);
  await send(name, queued);
  const more = queued.length === BATCH;
  if (more) await Queue.send(name, [tick(name, true)]);
  return { queued: queued.length, resent, recovered, more };
}

/** Frees the runs of a job whose worker died, and sends those that wait without a message. */
async function find(catalogue: Catalogue, name: string, now: Date): Promise<{ recovered: number; resent: number }> {
  const recovered = await Settle.recover(catalogue, name, now);
  const lost = await stranded(name, now);
  await send(name, lost);
  return { recovered, resent: lost.length };
}

async function send(name: string, runs: readonly Next[]): Promise<void> {
  await Queue.send(
    name,
    runs.map((run) => forRun(name, run)),
  );
}

/** A person's tick: queues what is due in one project, of every job. Answers how many. */
export async function dispatchProject(catalogue: Catalogue, scope: ProjectScope): Promise<number> {
  let queued = 0;
  for (const name of Object.keys(catalogue)) queued += (await dispatch(catalogue, name, scope.projects[0])).queued;
  return queued;
}

/** What a tick does beside asking for new runs, for every job: frees runs whose worker died, and sends what waits without a message. */
export async function sweep(catalogue: Catalogue): Promise<void> {
  const now = Clock.now();
  await Settle.recover(catalogue, undefined, now);
  for (const name of Object.keys(catalogue)) await send(name, await stranded(name, now));
}

/** A row for each active project that has none yet. A new project's interval jobs are due at once, its daily ones at their hour. */
async function seed(name: string, job: Job, now: Date): Promise<void> {
  const { everySeconds, atHour, atWeekday } = grid(job, false);
  await systemSql`
    insert into scheduled_jobs (project_id, account_scope_id, job, next_run_at, updated_at)
    select p.id, p.account_scope_id, ${name},
      case when ${atHour}::int is null then ${now}::timestamptz else next_grid_point(${everySeconds}, ${atHour}::int, ${atWeekday}::int, p.time_zone, ${now}) end, ${now}
    from projects p
    where p.status = 'active' and not exists (select from scheduled_jobs s where s.project_id = p.id and s.job = ${name})
    on conflict do nothing`;
}

/**
 * Queued runs for what is due: new projects first, then those whose last run found something, then the longest waiting. Every batch carries on until
 * none is due, so none starves. A run that was asked for at this grid point already (queued, or running since) is not asked for again.
 */
async function queueDue(name: string, job: Job, projectId: string | null, now: Date): Promise<Next[]> {
  const needsBinding = job.needs.includes("source_binding");
  const unbound = reason("no_bindings") as never;
  return systemSql<Next[]>`
    with due as materialized (
      select s.project_id, s.account_scope_id
      from scheduled_jobs s join projects p on p.id = s.project_id
      where s.job = ${name} and not s.paused and p.status = 'active' and s.next_run_at <= ${now} and (${projectId}::uuid is null or s.project_id = ${projectId})
        and (not ${needsBinding} or exists (select from project_sources b where b.project_id = s.project_id))
        and not exists (
          select from job_runs r where r.project_id = s.project_id and r.job = s.job
            and (r.status = 'queued' or (r.status = 'running' and r.asked_at >= s.next_run_at)))
      order by s.last_success_at is not null, s.processed = 0, s.next_run_at
      limit ${BATCH}),
    made as (
      insert into job_runs (project_id, account_scope_id, job, trigger, asked_by, asked_at, due_at, max_attempts, sent_at)
      select project_id, account_scope_id, ${name}, 'schedule', 'schedule', ${now}, ${now}, ${job.budget.attempts}, ${now} from due
      on conflict (project_id, job) where status = 'queued' do nothing
      returning id, project_id, job),
    marked as (
      update scheduled_jobs s set status = 'queued', reason = null, updated_at = ${now}
      from made where s.project_id = made.project_id and s.job = ${name} and s.status <> 'running'),
    unbound as (
      update scheduled_jobs s set status = 'idle', reason = ${unbound}::jsonb, updated_at = ${now}
      where ${needsBinding} and s.job = ${name} and s.next_run_at <= ${now} and s.reason is distinct from ${unbound}::jsonb
        and not exists (select from project_sources b where b.project_id = s.project_id))
    select id, project_id, job from made`;
}

/** Queued rows whose message never came, or was acknowledged by a refusal. */
async function stranded(name: string, now: Date): Promise<Next[]> {
  return systemSql<Next[]>`
    update job_runs set sent_at = ${now}
    where id in (
      select r.id from job_runs r join projects p on p.id = r.project_id
      where r.status = 'queued' and r.job = ${name} and r.due_at <= ${now} and p.status = 'active'
        and (r.sent_at is null or r.sent_at < ${now}::timestamptz - make_interval(secs => ${RESEND_SECONDS})
          -- It may have gone back to the queue just as the connection it waits for was given back.
          or (r.reason ->> 'code' = 'waiting_for_connection' and r.sent_at < ${now}::timestamptz - interval '20 seconds' and not exists (
            select from connections c join job_runs h on h.id = c.lease_run_id and h.lease_token = c.lease_token
            where c.id::text = r.reason -> 'params' ->> 'connection' and h.status = 'running' and h.lease_until > clock_timestamp())))
      order by r.due_at limit ${BATCH})
    returning id, project_id, job`;
}
