import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { type Reason, Refused, reason } from "#core/error.ts";
import type { Catalogue } from "#core/jobs/catalogue.ts";
import { ReasonInfo, saying, told } from "#core/jobs/reason.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** A run, as a person sees it: who asked, how it stands, and why. */
export const Info = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  job: z.string(),
  trigger: z.enum(["schedule", "manual", "cascade", "retry", "redrive", "webhook"]),
  askedBy: z.string(),
  askedAt: z.date(),
  dueAt: z.date(),
  causeRunId: z.uuid().nullable(),
  status: z.enum(["queued", "running", "ok", "failed", "cancelled", "dead_letter"]),
  attempts: z.number(),
  maxAttempts: z.number(),
  cancelRequested: z.boolean(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  processed: z.number(),
  counters: z.record(z.string(), z.number()),
  costUsd: z.number(),
  reason: ReasonInfo,
});
export type Info = z.infer<typeof Info>;
type Row = Omit<Info, "reason"> & { reason: Reason | null };

export const Attempt = z.object({
  attempt: z.number(),
  status: z.enum(["running", "ok", "failed", "lost", "deferred", "cancelled"]),
  messageId: z.string().nullable(),
  receiveCount: z.number().nullable(),
  worker: z.string().nullable(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  error: ReasonInfo,
});
export type Attempt = z.infer<typeof Attempt>;

/** One job of a project: the row of the scheduler, with what its catalogue says of it. */
export const Scheduled = z.object({
  job: z.string(),
  does: z.string(),
  every: z.string(),
  status: z.enum(["idle", "queued", "running", "ok", "failed", "paused", "cancelled", "dead_letter"]),
  paused: z.boolean(),
  nextRunAt: z.date().nullable(),
  lastRunId: z.uuid().nullable(),
  lastRunAt: z.date().nullable(),
  lastSuccessAt: z.date().nullable(),
  processed: z.number(),
  failureCount: z.number(),
  reason: ReasonInfo,
});
export type Scheduled = z.infer<typeof Scheduled>;

const columns = () => sql`
  id, project_id, job, trigger, asked_by, asked_at, due_at, cause_run_id, status, attempts, max_attempts, cancel_requested, started_at, finished_at, processed,
  counters, cost_usd::float8 as cost_usd, reason`;

export async function get(scope: ProjectScope, id: string): Promise<Info & { tries: Attempt[] }> {
  return transaction(scope, async () => {
    const [run] = await sql<Row[]>`select ${columns()} from job_runs where id = ${id}`;
    if (!run) throw new Refused("not_found", { thing: "run" });
    const tries = await sql<(Omit<Attempt, "error"> & { error: Reason | null })[]>`
      select attempt, status, message_id, receive_count, worker, started_at, finished_at, error from worker_runs where run_id = ${id} order by id`;
    return { ...saying(run), tries: tries.map((attempt) => ({ ...attempt, error: told(attempt.error) })) };
  });
}

export type Filter = { job: string | undefined; status: string | undefined; before: { at: Date; id: string } | undefined; limit: number };

/** Newest first. `before` is the last row of the page before. */
export async function list(scope: ProjectScope, { job, status, before, limit }: Filter): Promise<Info[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<Row[]>`
      select ${columns()} from job_runs
      where project_id = ${only(scope)} and (${job ?? null}::text is null or job = ${job ?? null})
        and (${status ?? null}::text is null or status = ${status ?? null})
        and (${before?.at ?? null}::timestamptz is null or (asked_at, id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
      order by asked_at desc, id desc limit ${limit}`,
  );
  return rows.map(saying);
}

/** The latest run of each job. Reads one row of each, however many there are. */
export async function latest(scope: ProjectScope): Promise<Info[]> {
  const rows = await transaction(
    scope,
    () =>
      sql<Row[]>`
      with recursive jobs as (
        select min(job) as job from job_runs where project_id = ${only(scope)}
        union all
        select (select min(r.job) from job_runs r where r.project_id = ${only(scope)} and r.job > j.job) from jobs j where j.job is not null)
      select r.* from jobs j cross join lateral (
        select ${columns()} from job_runs where project_id = ${only(scope)} and job = j.job order by asked_at desc, id desc limit 1) r`,
  );
  return rows.map(saying);
}

/** Every job of the catalogue for one project, those that never ran included. A paused or archived project says so on each. */
export async function scheduler(catalogue: Catalogue, scope: ProjectScope): Promise<Scheduled[]> {
  const [project, rows] = await transaction(scope, async () => [
    await sql<{ status: string; economyMode: boolean; bound: boolean }[]>`
      select status, economy_mode, exists (select from project_sources s where s.project_id = p.id) as bound from projects p
      where id = any (${scope.projects as string[]}::uuid[])`,
    await sql<(Omit<Scheduled, "reason"> & { reason: Reason | null })[]>`
      select s.job, s.status, s.paused, coalesce(q.due_at, s.next_run_at) as next_run_at, s.last_run_id, s.last_run_at, s.last_success_at, s.processed,
        s.failure_count, coalesce(q.reason, s.reason) as reason
      from scheduled_jobs s left join job_runs q on q.project_id = s.project_id and q.job = s.job and q.status = 'queued'
      where s.project_id = any (${scope.projects as string[]}::uuid[])`,
  ]);
  const halted =
    project[0]?.status === "paused" ? reason("project_paused") : project[0]?.status === "archived" ? reason("project_archived") : undefined;
  return Object.entries(catalogue).map(([name, job]) => {
    const every =
      "on" in job
        ? `weekly, day ${job.on} at ${job.at}:00`
        : "at" in job
          ? `daily at ${job.at}:00`
          : project[0]?.economyMode && job.economy
            ? job.economy.every
            : job.every;
    const unbound = job.needs.includes("source_binding") && !project[0]?.bound ? reason("no_bindings") : undefined;
    const row = rows.find((candidate) => candidate.job === name) ?? NEVER;
    return {
      ...row,
      job: name,
      does: job.does,
      every,
      status: row.paused && row.status !== "running" ? "paused" : row.status,
      reason: told(halted ?? unbound ?? row.reason),
    };
  });
}

const NEVER = {
  status: "idle",
  paused: false,
  nextRunAt: null,
  lastRunId: null,
  lastRunAt: null,
  lastSuccessAt: null,
  processed: 0,
  failureCount: 0,
  reason: null,
} as const;
