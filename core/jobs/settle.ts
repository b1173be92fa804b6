import { sql, transaction } from "#core/db.ts";
import { type Reason, reason, say } from "#core/error.ts";
import { type Catalogue, grid, type Job } from "#core/jobs/catalogue.ts";
import type { Claimed, Next } from "#core/jobs/ledger.ts";
import { dead } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import { log } from "#core/log.ts";
import { system } from "#core/scope.ts";

const BASE_SECONDS = 30;
const CAP_SECONDS = 3_600;
const JITTER = 0.15;

/** 30 s · 2^(n-1), ±15 %, at most an hour. `chance` in [0, 1). */
export function backoffSeconds(failures: number, chance: number): number {
  const plain = Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** Math.max(0, failures - 1));
  return Math.min(CAP_SECONDS, plain * (1 - JITTER + 2 * JITTER * chance));
}

export type Settled = { status: "queued" | "dead_letter" | "cancelled" | "lost"; retryAt: Date | undefined };

/**
 * Ends an attempt that failed: the run waits for its next attempt, or, with its attempts spent, becomes a dead letter and leaves the grid's next
 * point to a fresh run. `retryAt` is what the upstream asked for; without it the backoff counts the job's failures in a row.
 */
export async function fail(run: Claimed, job: Job, why: Reason, retryAt: Date | undefined, now: Date): Promise<Settled> {
  return transaction(system, async () => {
    const held = await holds(run);
    if (held !== "held") return held === "lost" ? LOST_ALREADY : halt(run, job, now);
    const [schedule] = await sql<{ failureCount: number }[]>`
      select failure_count from scheduled_jobs where project_id = ${run.projectId} and job = ${run.job}`;
    const [row] = await sql<{ attempts: number; maxAttempts: number }[]>`select attempts, max_attempts from job_runs where id = ${run.id}`;
    const spent = !row || row.attempts >= row.maxAttempts;
    const next = retryAt ?? new Date(now.getTime() + backoffSeconds((schedule?.failureCount ?? 0) + 1, Math.random()) * 1_000);
    const told = spent
      ? reason("attempts_spent", { attempts: row?.attempts ?? 0 }, why)
      : reason("retry_at", { until: next.toISOString() }, why);
    if (!spent) await foldQueued(run, now);
    const { everySeconds, atHour, atWeekday } = grid(job, run.economyMode);
    await sql`
      update job_runs set status = ${spent ? "dead_letter" : "queued"}, due_at = ${spent ? now : next}, lease_token = null, lease_until = null,
        finished_at = ${spent ? now : null}, sent_at = ${now}, reason = ${told as never}::jsonb
      where id = ${run.id}`;
    await closeAttempt(run, "failed", why, now);
    await sql`
      update scheduled_jobs s set status = ${spent ? "dead_letter" : "failed"}, failure_count = failure_count + 1, reason = ${told as never}::jsonb, updated_at = ${now},
        next_run_at = case when ${spent} then next_grid_point(${everySeconds}, ${atHour}::int, ${atWeekday}::int, p.time_zone, ${now}) else s.next_run_at end
      from projects p where p.id = s.project_id and s.project_id = ${run.projectId} and s.job = ${run.job}`;
    await sql`
      insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
      select project_id, account_scope_id, 'process_failed', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
        jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'reason', ${why as never}::jsonb, 'retry_at', ${spent ? null : next}::timestamptz),
        'process:' || id || ':' || ${run.leaseToken} || ':failed'
      from job_runs where id = ${run.id}`;
    return { status: spent ? "dead_letter" : "queued", retryAt: spent ? undefined : next };
  });
}

/**
 * Gives a run back to the queue through nobody's fault: the attempt does not count, and dispatch or whoever it waits for sends it again, not before
 * `retryAt`.
 */
export async function defer(run: Claimed, job: Job, why: Reason, retryAt: Date | undefined, now: Date): Promise<Settled> {
  return transaction(system, async () => {
    const held = await holds(run);
    if (held !== "held") return held === "lost" ? LOST_ALREADY : halt(run, job, now);
    await foldQueued(run, now);
    await sql`
      update job_runs set status = 'queued', attempts = attempts - 1, due_at = coalesce(${retryAt ?? null}::timestamptz, due_at), lease_token = null, lease_until = null, sent_at = ${now}, reason = ${why as never}::jsonb
      where id = ${run.id}`;
    await closeAttempt(run, "deferred", why, now);
    await sql`
      update scheduled_jobs set status = 'queued', reason = ${why as never}::jsonb, updated_at = ${now} where project_id = ${run.projectId} and job = ${run.job}`;
    return { status: "queued", retryAt: undefined };
  });
}

/** Ends a run that somebody cancelled while it ran, and leaves the next point of the grid to a fresh one. What it committed stays. */
export async function stop(run: Claimed, job: Job, now: Date): Promise<Settled> {
  return transaction(system, async () => ((await holds(run)) === "cancelled" ? halt(run, job, now) : LOST_ALREADY));
}

async function halt(run: Claimed, job: Job, now: Date): Promise<Settled> {
  const [row] = await sql<{ reason: Reason | null }[]>`
    update job_runs set status = 'cancelled', finished_at = ${now}, lease_token = null, lease_until = null where id = ${run.id} returning reason`;
  const why = row?.reason ?? reason("cancelled", { by: "?" });
  await closeAttempt(run, "cancelled", why, now);
  await passOver(run, job, why, now);
  return { status: "cancelled", retryAt: undefined };
}

/** Marks a job's schedule as cancelled, its next run at the next point of the grid. Inside the caller's transaction. */
export async function passOver(run: Pick<Next, "projectId" | "job">, job: Job, why: Reason, now: Date): Promise<void> {
  const { everySeconds, atHour, atWeekday } = grid(job, false);
  const economy = grid(job, true).everySeconds;
  await sql`
    update scheduled_jobs s set status = 'cancelled', reason = ${why as never}::jsonb, updated_at = ${now},
      next_run_at = next_grid_point(case when p.economy_mode then ${economy}::int else ${everySeconds}::int end, ${atHour}::int, ${atWeekday}::int, p.time_zone, ${now})
    from projects p where p.id = s.project_id and s.project_id = ${run.projectId} and s.job = ${run.job} and not exists (
      select from job_runs r where r.project_id = s.project_id and r.job = s.job and r.status = 'running')`;
}

type Orphan = Next & { attempts: number; maxAttempts: number; cancelRequested: boolean; leaseToken: string; economyMode: boolean };

/**
 * Finds runs whose worker died, frees them for their next attempt and answers how many. One with its attempts spent becomes a dead letter as if it had
 * failed: in its row, its event, the grid and the queue. One that was cancelled ends. `name` narrows it to one job: a function may send to its own queue only.
 */
export async function recover(catalogue: Catalogue, name: string | undefined, now: Date): Promise<number> {
  const orphans = await transaction(system, async () => {
    const rows = await sql<Orphan[]>`
      select r.id, r.project_id, r.job, r.attempts, r.max_attempts, r.cancel_requested, r.lease_token, p.economy_mode
      from job_runs r join projects p on p.id = r.project_id
      where r.status = 'running' and r.lease_until < clock_timestamp() and (${name ?? null}::text is null or r.job = ${name ?? null})
      for update of r skip locked`;
    const over = rows.filter((row) => row.cancelRequested || isSpent(row));
    if (rows.length > over.length)
      await requeue(
        rows.filter((row) => !over.includes(row)).map((row) => row.id),
        now,
      );
    if (over.length > 0) await end(catalogue, over, now);
    return rows;
  });
  for (const run of orphans.filter(isSpent)) await bury(run);
  return orphans.length;
}

const LOST = reason("lease_lost");
const isSpent = (run: Orphan): boolean => !run.cancelRequested && run.attempts >= run.maxAttempts;
const spentBy = (run: Orphan): Reason => reason("attempts_spent", { attempts: run.attempts }, LOST);

async function requeue(ids: string[], now: Date): Promise<void> {
  await closeLost(ids, now);
  await sql`
    update job_runs q set status = 'failed', finished_at = ${now}, reason = ${reason("superseded") as never}::jsonb
    from job_runs r where r.id = any (${ids}::uuid[]) and q.project_id = r.project_id and q.job = r.job and q.status = 'queued'`;
  await sql`
    update job_runs set status = 'queued', due_at = ${now}, sent_at = null, lease_token = null, lease_until = null, finished_at = null, reason = ${LOST as never}::jsonb
    where id = any (${ids}::uuid[])`;
  await sql`
    update scheduled_jobs s set status = 'queued', failure_count = failure_count + 1, reason = ${LOST as never}::jsonb, updated_at = ${now}
    from job_runs r where r.id = any (${ids}::uuid[]) and s.project_id = r.project_id and s.job = r.job`;
}

async function end(catalogue: Catalogue, runs: readonly Orphan[], now: Date): Promise<void> {
  await closeLost(
    runs.map((run) => run.id),
    now,
  );
  const grids = runs.map((run) => (catalogue[run.job] ? grid(catalogue[run.job] as Job, run.economyMode) : NO_GRID));
  await sql`
    with spent as (
      select * from unnest(${runs.map((run) => run.id)}::uuid[], ${runs.map((run) => run.leaseToken)}::uuid[], ${runs.map((run) => (run.cancelRequested ? null : JSON.stringify(spentBy(run))))}::text[],
        ${grids.map((g) => g.everySeconds)}::int[], ${grids.map((g) => g.atHour)}::int[], ${grids.map((g) => g.atWeekday)}::int[])
        as s (run_id, token, reason, every_seconds, at_hour, at_weekday)),
    run as (
      update job_runs r set status = case when r.cancel_requested then 'cancelled' else 'dead_letter' end, due_at = ${now}, sent_at = ${now}, lease_token = null, lease_until = null, finished_at = ${now}, reason = coalesce(spent.reason::jsonb, r.reason)
      from spent where r.id = spent.run_id
      returning r.*, spent.token, spent.every_seconds, spent.at_hour, spent.at_weekday),
    schedule as (
      update scheduled_jobs s set status = run.status, failure_count = failure_count + (run.status = 'dead_letter')::int, reason = run.reason, updated_at = ${now},
        next_run_at = next_grid_point(run.every_seconds, run.at_hour, run.at_weekday, p.time_zone, ${now})
      from run join projects p on p.id = run.project_id where s.project_id = run.project_id and s.job = run.job)
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project_id, account_scope_id, 'process_failed', 'system', 'system', 'process:' || job || ':' || id, ${now}, ${now},
      jsonb_build_object('job', job, 'run_id', id, 'attempt', attempts, 'reason', ${LOST as never}::jsonb, 'retry_at', null),
      'process:' || id || ':' || token || ':failed'
    from run where status = 'dead_letter'`;
}

const NO_GRID = { everySeconds: null, atHour: null, atWeekday: null };

async function closeLost(ids: string[], now: Date): Promise<void> {
  await sql`
    update worker_runs set status = 'lost', finished_at = ${now}, error = ${LOST as never}::jsonb where run_id = any (${ids}::uuid[]) and status = 'running'`;
}

/** The row is the record: a queue that cannot be reached, or may not be written to from here, leaves it redrivable by its id. */
async function bury(run: Orphan): Promise<void> {
  const told = say(spentBy(run));
  await Queue.queue()
    .then((queue) => queue.bury(run.job, dead(run.job, run), told))
    .catch((error: unknown) => log.error("a dead letter has no message", { job: run.job, run: run.id, error }));
}

/**
 * Gives a dead-lettered run a new set of attempts; `also` is done in the same transaction. False when it is not a dead letter, or another run of the
 * job is queued already.
 */
export async function revive(
  runId: string,
  attempts: number,
  now: Date,
  also: () => Promise<void> = async () => undefined,
): Promise<boolean> {
  return transaction(system, async () => {
    const rows = await sql<{ id: string }[]>`
      update job_runs r set status = 'queued', trigger = 'redrive', due_at = ${now}, sent_at = ${now}, finished_at = null, cancel_requested = false,
        max_attempts = r.attempts + ${attempts}
      where r.id = ${runId} and r.status = 'dead_letter'
        and not exists (select from job_runs q where q.project_id = r.project_id and q.job = r.job and q.status = 'queued')
      returning r.id`;
    if (rows.length > 0) await also();
    return rows.length > 0;
  });
}

const LOST_ALREADY: Settled = { status: "lost", retryAt: undefined };

/** Whether the run is still this attempt's, and whether somebody cancelled it; locks the row until the commit. */
async function holds(run: Claimed): Promise<"held" | "cancelled" | "lost"> {
  const [row] = await sql<{ cancelRequested: boolean }[]>`
    select cancel_requested from job_runs where id = ${run.id} and lease_token = ${run.leaseToken} and status = 'running' and lease_until > clock_timestamp() for update`;
  if (!row) return "lost";
  return row.cancelRequested ? "cancelled" : "held";
}

/** One queued run per project and job: what joined while this one ran is covered by its next attempt, which begins later. */
async function foldQueued(run: Claimed, now: Date): Promise<void> {
  await sql`
    update job_runs set status = 'failed', finished_at = ${now}, reason = ${reason("superseded") as never}::jsonb
    where project_id = ${run.projectId} and job = ${run.job} and status = 'queued'`;
}

async function closeAttempt(run: Claimed, status: string, why: Reason, now: Date): Promise<void> {
  await sql`update worker_runs set status = ${status}, finished_at = ${now}, error = ${why as never}::jsonb where lease_token = ${run.leaseToken}`;
}
