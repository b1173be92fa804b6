import { type Actor, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { afterCommit, sql, transaction } from "#core/db.ts";
import { Refused, reason } from "#core/error.ts";
import { type Catalogue, grid, periodSeconds } from "#core/jobs/catalogue.ts";
import type { Next } from "#core/jobs/ledger.ts";
import { jobOf, sendAll } from "#core/jobs/run.ts";
import * as Settle from "#core/jobs/settle.ts";
import * as Audit from "#core/platform/audit.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** `actor`: the person or key behind it, for the audit. */
export type Asked = { trigger: "manual" | "cascade" | "retry" | "redrive" | "webhook"; by: string; actor?: Actor };

/**
 * Asks for a run of a job in a project and answers its id. A queued one is joined, and made due now by a person. While one runs, a person is refused
 * with `already_running`; any other trigger queues the run that starts when the lease frees, or, of a paid job in economy mode, at its next point of the grid. A run that is joined begins after this commits, so it finds
 * what was written with the asking.
 */
export async function ask(catalogue: Catalogue, scope: ProjectScope, name: string, asked: Asked): Promise<string> {
  const job = jobOf(catalogue, name);
  const projectId = only(scope);
  const now = Clock.now();
  return transaction(scope, async () => {
    const manual = asked.trigger === "manual";
    const { economyMode, nextRunAt: allowed } = await standing(projectId, name, job.needs.includes("source_binding"), manual);
    const held = economyMode && job.economy && !manual && allowed && allowed > now;
    const dueAt = held ? allowed : now;
    const why = (held ? reason("economy_mode") : null) as never;
    // Shared, so that a storm of askers does not stand in line; whoever would claim the run waits for them.
    const [queued] = await sql<Next[]>`
      select id from job_runs where project_id = ${projectId} and job = ${name} and status = 'queued' and not ${manual} for share`;
    if (queued) return queued.id;
    const nextRunAt = periodSeconds(job) === null ? null : now;
    const [run] = await sql<(Next & { dueAt: Date; made: boolean })[]>`
      insert into job_runs (project_id, job, trigger, asked_by, asked_at, due_at, max_attempts, sent_at, reason)
      values (${projectId}, ${name}, ${asked.trigger}, ${asked.by}, ${now}, ${dueAt}, ${job.budget.attempts}, ${held ? null : now}, ${why}::jsonb)
      on conflict (project_id, job) where status = 'queued' do update
        set due_at = case when ${manual} then excluded.due_at else job_runs.due_at end, sent_at = case when ${manual} then excluded.sent_at else job_runs.sent_at end,
          trigger = case when ${manual} then excluded.trigger else job_runs.trigger end, asked_by = case when ${manual} then excluded.asked_by else job_runs.asked_by end,
          reason = case when ${manual} then null else job_runs.reason end
      returning id, project_id, job, due_at, xmax = 0 as made`;
    if (!run) throw new Error("a run was neither made nor joined");
    await sql`
      insert into scheduled_jobs (project_id, job, status, next_run_at, updated_at) values (${projectId}, ${name}, 'queued', ${nextRunAt}, ${now})
      on conflict (project_id, job) do update set status = 'queued', reason = ${why}::jsonb, updated_at = ${now} where scheduled_jobs.status <> 'running'`;
    if (asked.actor)
      await Audit.record(asked.actor, { action: "run_requested", entityType: "run", entityId: run.id, projectId, payload: { job: name } });
    // Who joined leaves the message to who made it.
    if ((run.made || manual) && run.dueAt <= now) afterCommit(() => sendAll([run]));
    return run.id;
  });
}

type Standing = { economyMode: boolean; nextRunAt: Date | null };

/** Throws why a run may not be asked for. */
async function standing(projectId: string, job: string, needsBinding: boolean, manual: boolean): Promise<Standing> {
  const [row] = await sql<(Standing & { project: string; paused: boolean; bound: boolean; since: Date | null })[]>`
    select p.status as project, coalesce(s.paused, false) as paused, exists (select from project_sources b where b.project_id = p.id) as bound, r.started_at as since,
      p.economy_mode, s.next_run_at
    from projects p left join scheduled_jobs s on s.project_id = p.id and s.job = ${job}
    left join job_runs r on r.project_id = p.id and r.job = ${job} and r.status = 'running'
    where p.id = ${projectId}`;
  if (!row) throw new Refused("project_not_found");
  if (row.project === "paused") throw new Refused("project_paused");
  if (row.project === "archived") throw new Refused("project_archived");
  if (row.paused) throw new Refused("job_paused");
  if (needsBinding && !row.bound) throw new Refused("no_bindings");
  if (manual && row.since) throw new Refused("already_running", { since: row.since.toISOString() });
  return row;
}

/** Cancels a queued run at once; asks a running one to stop at its next checkpoint. An ended one is refused. */
export async function cancel(catalogue: Catalogue, scope: ProjectScope, runId: string, actor: Actor): Promise<void> {
  const now = Clock.now();
  const why = reason("cancelled", { by: label(actor) });
  await transaction(scope, async () => {
    const [run] = await sql<{ status: string; job: string }[]>`select status, job from job_runs where id = ${runId} for update`;
    if (!run) throw new Refused("not_found", { thing: "run" });
    if (run.status === "running") {
      await sql`update job_runs set cancel_requested = true, reason = ${why as never}::jsonb where id = ${runId}`;
    } else if (run.status === "queued") {
      await sql`update job_runs set status = 'cancelled', cancel_requested = true, finished_at = ${now}, reason = ${why as never}::jsonb where id = ${runId}`;
      await Settle.passOver({ projectId: only(scope), job: run.job }, jobOf(catalogue, run.job), why, now);
    } else {
      throw new Refused("already_finished", { status: run.status });
    }
    await Audit.record(actor, {
      action: "run_cancelled",
      entityType: "run",
      entityId: runId,
      projectId: only(scope),
      payload: { job: run.job },
    });
  });
}

/** Gives a dead-lettered run a new set of attempts, now. */
export async function redrive(catalogue: Catalogue, scope: ProjectScope, runId: string, actor: Actor): Promise<void> {
  const projectId = only(scope);
  const [run] = await transaction(
    scope,
    () => sql<{ job: string; status: string }[]>`select job, status from job_runs where id = ${runId}`,
  );
  if (!run) throw new Refused("not_found", { thing: "run" });
  if (run.status !== "dead_letter") throw new Refused("already_finished", { status: run.status });
  const revived = await Settle.revive(runId, jobOf(catalogue, run.job).budget.attempts, Clock.now(), () =>
    Audit.record(actor, { action: "run_redriven", entityType: "run", entityId: runId, projectId, payload: { job: run.job } }),
  );
  if (!revived) throw new Refused("superseded");
  await sendAll([{ id: runId, projectId, job: run.job }]);
}

/** Pauses or resumes a job for a project. A run in progress goes on; a queued one waits. */
export async function pause(catalogue: Catalogue, scope: ProjectScope, name: string, paused: boolean, actor: Actor): Promise<void> {
  const { everySeconds, atHour, atWeekday } = grid(jobOf(catalogue, name), false);
  const now = Clock.now();
  await transaction(scope, async () => {
    await sql`
      insert into scheduled_jobs (project_id, job, paused, next_run_at, updated_at)
      select p.id, ${name}, ${paused}, case when ${everySeconds}::int is null then null when ${atHour}::int is null then ${now}::timestamptz
        else next_grid_point(${everySeconds}::int, ${atHour}::int, ${atWeekday}::int, p.time_zone, ${now}) end, ${now}
      from projects p where p.id = ${only(scope)}
      on conflict (project_id, job) do update set paused = excluded.paused, updated_at = ${now}`;
    await Audit.record(actor, { action: paused ? "job_paused" : "job_resumed", entityType: "job", entityId: name, projectId: only(scope) });
  });
  if (!paused) await wake(scope, name);
}

/** Sends a resumed job's queued run again: its message may have been refused while the job was paused. */
async function wake(scope: ProjectScope, name: string): Promise<void> {
  const queued = await transaction(
    { system: true },
    () => sql<Next[]>`select id, project_id, job from job_runs where project_id = ${only(scope)} and job = ${name} and status = 'queued'`,
  );
  await sendAll(queued);
}
