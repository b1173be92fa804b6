import { systemSql } from "#core/db.ts";
import type { Params, Reason } from "#core/error.ts";
import { grid, type Job } from "#core/jobs/catalogue.ts";
import { together } from "#core/jobs/together.ts";

/** How long a claimed run is its worker's without a sign of life; the worker renews it at every checkpoint and while it waits. */
export const LEASE_SECONDS = 45;

export type Claimed = {
  id: string;
  job: string;
  projectId: string;
  accountScopeId: string;
  trigger: "schedule" | "manual" | "cascade" | "retry" | "redrive" | "webhook";
  askedBy: string;
  dueAt: Date;
  attempt: number;
  leaseToken: string;
  /** Whether the project is in it; what that means for a job its catalogue says. */
  economyMode: boolean;
};
export type Delivery = { messageId: string | undefined; receiveCount: number; worker: string };
export type Next = { id: string; projectId: string; job: string };
export type Result = { processed: number; counters: Record<string, number>; costUsd: number; reason: Reason | undefined };

type Claim = { runId: string; job: string; delivery: Delivery; now: Date };

/**
 * Takes a queued run's lease and writes its attempt, in one statement for all that are asked for at once. Undefined when it may not start; `refusal`
 * then says why. The unique index on running runs decides between two workers that get here at the same time.
 */
export const claim = together<Claim, Claimed | undefined>(async (asked) => {
  const now = asked[0]?.now as Date;
  const first = new Map(asked.toReversed().map((one) => [one.runId, one]));
  const wanted = [...first.values()];
  const rows = await systemSql<Claimed[]>`
    with asked as (
      select * from unnest(${wanted.map((one) => one.runId)}::uuid[], ${wanted.map((one) => one.job)}::text[], ${wanted.map((one) => one.delivery.messageId ?? null)}::text[],
        ${wanted.map((one) => one.delivery.receiveCount)}::int[], ${wanted.map((one) => one.delivery.worker)}::text[]) as a (run_id, job, message_id, receive_count, worker)),
    run as (
      update job_runs r
      set status = 'running', attempts = r.attempts + 1, lease_token = gen_random_uuid(),
        lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}), started_at = coalesce(r.started_at, ${now}), finished_at = null
      from asked a, projects p
      where r.id = a.run_id and r.job = a.job and r.status = 'queued' and r.due_at <= ${now}::timestamptz + interval '2 seconds'
        and p.id = r.project_id and p.status = 'active'
        and not exists (select from scheduled_jobs s where s.project_id = r.project_id and s.job = r.job and s.paused)
        and not exists (select from job_runs o where o.project_id = r.project_id and o.job = r.job and o.status = 'running')
      returning r.*, a.message_id, a.receive_count, a.worker, p.economy_mode),
    attempt as (
      insert into worker_runs (project_id, account_scope_id, run_id, job, attempt, message_id, receive_count, worker, lease_token, started_at)
      select project_id, account_scope_id, id, job, attempts, message_id, receive_count, worker, lease_token, ${now} from run),
    schedule as (
      update scheduled_jobs s set status = 'running', last_run_id = run.id, last_run_at = ${now}, reason = null, updated_at = ${now}
      from run where s.project_id = run.project_id and s.job = run.job),
    started as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'process_started', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
        jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'trigger', trigger), 'process:' || id || ':' || lease_token || ':started'
      from run)
    select id, job, project_id, account_scope_id, trigger, asked_by, due_at, attempts as attempt, lease_token, economy_mode from run`.catch(
    (error: { code?: string; constraint_name?: string }) => {
      if (asked.length === 1 && error.code === "23505" && error.constraint_name === "job_runs_one_running") return [];
      throw error;
    },
  );
  const claimed = new Map(rows.map((row) => [row.id, row]));
  // The same run twice in one batch: the first delivery has it.
  return asked.map((one) => (first.get(one.runId) === one ? claimed.get(one.runId) : undefined));
});

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

/** `held`: it waits for the next point of its own grid. */
type Follow = { job: string; attempts: number; held: Reason | undefined };
type Finish = { run: Claimed; job: Job; result: Result; follow: readonly Follow[]; now: Date };

/**
 * Ends a run well, in one statement for all that end at once: its row, its attempt, the schedule moved to the next point of its grid, the event, and a
 * queued row for each downstream job (and for itself, when more is to do), due at once unless it is held. Answers what to send; undefined when the lease was lost or the run
 * cancelled, and nothing was written.
 */
export const finish = together<Finish, Next[] | undefined>(async (ending) => {
  const now = ending[0]?.now as Date;
  const grids = ending.map((one) => grid(one.job, one.run.economyMode));
  const follow = ending.flatMap((one) => one.follow.map((next) => ({ ...next, runId: one.run.id })));
  const rows = await systemSql<{ runId: string; id: string | null; projectId: string; job: string }[]>`
    with ending as (
      select * from unnest(${ending.map((one) => one.run.id)}::uuid[], ${ending.map((one) => one.run.leaseToken)}::uuid[], ${ending.map((one) => one.result.processed)}::bigint[],
        ${ending.map((one) => JSON.stringify(one.result.counters))}::text[], ${ending.map((one) => one.result.costUsd)}::float8[],
        ${ending.map((one) => (one.result.reason ? JSON.stringify(one.result.reason) : null))}::text[],
        ${ending.map((one) => String(one.follow.some((next) => next.job === one.run.job)))}::text[], ${grids.map((g) => g.everySeconds)}::int[],
        ${grids.map((g) => g.atHour)}::int[], ${grids.map((g) => g.atWeekday)}::int[])
        as e (run_id, token, processed, counters, cost, reason, more, every_seconds, at_hour, at_weekday)),
    run as (
      update job_runs r set status = 'ok', finished_at = ${now}, lease_token = null, lease_until = null, processed = e.processed,
        counters = e.counters::jsonb, cost_usd = e.cost, reason = e.reason::jsonb
      from ending e
      where r.id = e.run_id and r.lease_token = e.token and r.status = 'running' and r.lease_until > clock_timestamp() and not r.cancel_requested
      returning r.*, e.token, e.more::boolean, e.every_seconds, e.at_hour, e.at_weekday),
    attempt as (
      update worker_runs w set status = 'ok', finished_at = ${now} from run where w.lease_token = run.token),
    schedule as (
      update scheduled_jobs s
      set status = case when run.more then 'queued' else 'ok' end, last_success_at = ${now}, processed = run.processed, failure_count = 0, reason = run.reason,
        updated_at = ${now}, next_run_at = next_grid_point(run.every_seconds, run.at_hour, run.at_weekday, p.time_zone, ${now})
      from run join projects p on p.id = run.project_id where s.project_id = run.project_id and s.job = run.job),
    finished as (
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'process_finished', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
        jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'counters', counters, 'reason', reason,
          'duration_ms', round(extract(epoch from ${now}::timestamptz - started_at) * 1000)),
        'process:' || id || ':' || token || ':finished'
      from run),
    following as (
      select f.*, case when f.held is null then ${now}::timestamptz else greatest(${now}, s.next_run_at) end as due_at
      from unnest(${follow.map((next) => next.runId)}::uuid[], ${follow.map((next) => next.job)}::text[], ${follow.map((next) => next.attempts)}::int[],
        ${follow.map((next) => (next.held ? JSON.stringify(next.held) : null))}::text[]) as f (run_id, job, attempts, held)
      join run on run.id = f.run_id left join scheduled_jobs s on s.project_id = run.project_id and s.job = f.job),
    downstream as (
      insert into job_runs (project_id, account_scope_id, job, trigger, asked_by, asked_at, due_at, cause_run_id, max_attempts, sent_at, reason)
      select run.project_id, run.account_scope_id, f.job, case when f.job = run.job then run.trigger else 'cascade' end, 'job:' || run.job, ${now}, f.due_at, run.id,
        f.attempts, case when f.due_at <= ${now} then ${now}::timestamptz end, case when f.due_at > ${now} then f.held::jsonb end
      from following f join run on run.id = f.run_id
      on conflict (project_id, job) where status = 'queued' do nothing
      returning cause_run_id, id, project_id, job, due_at),
    waiting as (
      update job_runs w set sent_at = ${now} from run
      where w.project_id = run.project_id and w.job = run.job and w.status = 'queued' and w.due_at <= ${now}
      returning run.id as run_id, w.id, w.project_id, w.job)
    select id as run_id, null::uuid as id, project_id, job from run
    union all select cause_run_id, id, project_id, job from downstream where due_at <= ${now}
    union all select run_id, id, project_id, job from waiting`;
  const byRun = Map.groupBy(rows, (row) => row.runId);
  return ending.map(({ run }) => byRun.get(run.id)?.filter((row): row is Next & { runId: string } => row.id !== null));
});
