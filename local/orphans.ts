import { hostname } from "node:os";
import { systemSql } from "#core/db.ts";
import { alive } from "#local/database.ts";

/**
 * Frees what processes of this machine held when they were killed, so that a restart need not wait for their leases to run out. A process of another
 * machine is left to its lease. Being killed is no failed attempt.
 * `alone`: nobody else can have the database open.
 */
export async function freeOrphans(alone: boolean): Promise<void> {
  const held = await systemSql<{ id: string; worker: string | null }[]>`
    select r.id, w.worker from job_runs r join worker_runs w on w.lease_token = r.lease_token where r.status = 'running'`;
  const orphans = held.filter(({ worker }) => {
    const [host, pid] = worker?.split(":") ?? [];
    return alone || (host === hostname() && Number(pid) !== process.pid && !alive(Number(pid)));
  });
  await systemSql`
    update job_runs set lease_until = clock_timestamp() - interval '1 second', attempts = greatest(0, attempts - 1)
    where id = any (${orphans.map((run) => run.id)}::uuid[]) and status = 'running'`;
  // A message may have been in their hands, not yet a run's: every waiting run is sent again, and the claim refuses what comes twice.
  await systemSql`update job_runs set sent_at = null where status = 'queued'`;
}
