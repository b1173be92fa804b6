import { systemSql } from "#core/db.ts";
import type { Params, Reason } from "#core/error.ts";
import { grid, type Job } from "#core/jobs/catalogue.ts";

/** How long a claimed run is its worker's without a sign of life; the worker renews it at every checkpoint and while it waits. */
export const LEASE_SECONDS = 45;

export type Claimed = {
  id: string;
  job: string;
  projectId: string;
  accountScopeId: string;
  trigger: "schedule" | "manual" | "cascade" | "retry" | "redrive";
  askedBy: string;
  dueAt: Date;
  attempt: number;
  leaseToken: string;
};
export type Delivery = { messageId: string | undefined; receiveCount: number; worker: string };
export type Next = { id: string; projectId: string; job: string };
export type Result = { processed: number; counters: Record<string, number>; costUsd: number; reason: Reason | undefined };

/**
 * Takes a queued run's lease and writes its attempt, in one statement. Undefined when it may not start; `refusal` then says why. The unique index on
 * running runs decides between two workers that get here at once.
 */
export async function claim(runId: string, job: string, delivery: Delivery, now: Date): Promise<Claimed | undefined> {
  const rows = await systemSql<Claimed[]>`
    with run as (
      update job_runs r
      set status = 'running', attempts = r.attempts + 1, lease_token = gen_random_uuid(),
        lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}), started_at = coalesce(r.started_at, ${now}), finished_at = null
      from projects p
      where r.id = ${runId} and r.job = ${job} and r.status = 'queued' and r.due_at <= ${now}::timestamptz + interval '2 seconds'
        and p.id = r.project_id and p.status = 'active'
        and not exists (select from scheduled_jobs s where s.project_id = r.project_id and s.job = r.job and s.paused)
        and not exists (select from job_runs o where o.project_id = r.project_id and o.job = r.job and o.status = 'running')
      returning r.*),
    attempt as (
      insert into worker_runs (project_id, account_scope_id, run_id, job, attempt, message_id, receive_count, worker, lease_token, started_at)
      select project_id, account_scope_id, id, job, attempts, ${delivery.messageId ?? null}, ${delivery.receiveCount}::int, ${delivery.worker}, lease_token, ${now}
      from run),
    schedule as (
      update scheduled_jobs s set status = 'running', last_run_id = run.id, last_run_at = ${now}, reason = null, updated_at = ${now}
      from run where s.project_id = run.project_id and s.job = run.job),
    started as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'process_started', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
        jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'trigger', trigger), 'process:' || id || ':' || lease_token || ':started'
      from run)
    select id, job, project_id, account_scope_id, trigger, asked_by, due_at, attempts as attempt, lease_token from run`.catch(
    (error: { code?: string; constraint_name?: string }) => {
      if (error.code === "23505" && error.constraint_name === "job_runs_one_running") return [];
      throw error;
    },
  );
  return rows[0];
}

/** Why a run could not be claimed, as a reason; the caller acknowledges the message and leaves the row to dispatch. */
export async function refusal(
  runId: string,
  now: Date,
): Promise<{
  code: "not_found" | "project_paused" | "project_archived" | "job_paused" | "already_running" | "not_due" | "already_finished";
  params: Params;
}> {
  const [row] = await systemSql<{ status: string; project: string; paused: boolean; since: Date | null; dueAt: Date }[]>`
    select r.status, p.status as project, coalesce(s.paused, false) as paused, o.started_at as since, r.due_at
    from job_runs r join projects p on p.id = r.project_id
    left join scheduled_jobs s on s.project_id = r.project_id and s.job = r.job
    left join job_runs o on o.project_id = r.project_id and o.job = r.job and o.status = 'running'
    where r.id = ${runId}`;
  if (!row) return { code: "not_found", params: { thing: "run" } };
  if (row.since) return { code: "already_running", params: { since: row.since.toISOString() } };
  if (row.status !== "queued") return { code: "already_finished", params: { status: row.status } };
  if (row.project === "paused") return { code: "project_paused", params: {} };
  if (row.project === "archived") return { code: "project_archived", params: {} };
  if (row.paused) return { code: "job_paused", params: {} };
  if (row.dueAt > now) return { code: "not_due", params: { until: row.dueAt.toISOString() } };
  return { code: "already_running", params: { since: now.toISOString() } };
}

/**
 * Ends a run well, in one statement: its row, its attempt, the schedule moved to the next point of its grid, the event, and a queued row for each
 * downstream job (and for itself, when more is to do). Answers what to send; undefined when the lease was lost and nothing was written.
 */
export async function finish(
  run: Claimed,
  name: string,
  job: Job,
  result: Result,
  follow: readonly { job: string; attempts: number }[],
  now: Date,
): Promise<Next[] | undefined> {
  const { everySeconds, atHour, atWeekday } = grid(job);
  const more = follow.some((next) => next.job === name);
  const rows = await systemSql<{ id: string | null; projectId: string; job: string }[]>`
    with run as (
      update job_runs set status = 'ok', finished_at = ${now}, lease_token = null, lease_until = null, processed = ${result.processed},
        counters = ${result.counters as never}::jsonb, cost_usd = ${result.costUsd}, reason = ${(result.reason ?? null) as never}::jsonb
      where id = ${run.id} and lease_token = ${run.leaseToken} and status = 'running' and lease_until > clock_timestamp()
      returning *),
    attempt as (
      update worker_runs w set status = 'ok', finished_at = ${now} from run where w.run_id = run.id and w.lease_token = ${run.leaseToken}),
    schedule as (
      update scheduled_jobs s
      set status = ${more ? "queued" : "ok"}, last_success_at = ${now}, processed = ${result.processed}, failure_count = 0, reason = run.reason, updated_at = ${now},
        next_run_at = next_grid_point(${everySeconds}, ${atHour}::int, ${atWeekday}::int, p.time_zone, ${now})
      from run join projects p on p.id = run.project_id where s.project_id = run.project_id and s.job = run.job),
    finished as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'process_finished', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
        jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'counters', counters, 'reason', reason,
          'duration_ms', round(extract(epoch from ${now}::timestamptz - started_at) * 1000)),
        'process:' || id || ':' || ${run.leaseToken} || ':finished'
      from run),
    downstream as (
      insert into job_runs (project_id, account_scope_id, job, trigger, asked_by, asked_at, due_at, cause_run_id, max_attempts, sent_at)
      select run.project_id, run.account_scope_id, f.job, case when f.job = run.job then run.trigger else 'cascade' end, ${`job:${name}`}, ${now}, ${now}, run.id, f.attempts, ${now}
      from run, unnest(${follow.map((next) => next.job)}::text[], ${follow.map((next) => next.attempts)}::int[]) as f (job, attempts)
      on conflict (project_id, job) where status = 'queued' do nothing
      returning id, project_id, job),
    waiting as (
      update job_runs w set sent_at = ${now} from run
      where w.project_id = run.project_id and w.job = run.job and w.status = 'queued' and w.due_at <= ${now}
      returning w.id, w.project_id, w.job)
    select null::uuid as id, project_id, job from run
    union all select id, project_id, job from downstream
    union all select id, project_id, job from waiting`;
  if (rows.length === 0) return undefined;
  return rows.filter((row): row is Next => row.id !== null);
}
