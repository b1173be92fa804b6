import { hostname } from "node:os";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Failed, Later, type Reason, Refused, reason, reasonOf } from "#core/error.ts";
import { type Budget, budget } from "#core/jobs/budget.ts";
import type { Catalogue, Job } from "#core/jobs/catalogue.ts";
import * as Ledger from "#core/jobs/ledger.ts";
import { forRun, type RunMessage } from "#core/jobs/message.ts";
import * as Queue from "#core/jobs/queue.ts";
import * as Settle from "#core/jobs/settle.ts";
import { log } from "#core/log.ts";
import type { ProjectScope, Scope } from "#core/scope.ts";

const HEARTBEAT_MS = 15_000;
const WORKER = `${hostname()}:${process.pid}`;

/** A run in its worker's hands: what a job's verb gets. */
export type Run = Ledger.Claimed & {
  scope: ProjectScope;
  budget: Budget;
  /** The job is paid, its project is in economy mode, and nobody asked for the run by hand: it is to do half of what it would. */
  economy: boolean;
  /** Commits work and renews the lease in one transaction; throws when the lease was lost or the run cancelled, and then nothing of it stays. */
  checkpoint<T>(scope: Scope, work: () => Promise<T>): Promise<T>;
};
/** What a verb answers. `more`: it stopped inside its budget, and a fresh run carries on. `changed: false`: nothing for the downstream jobs to do. */
export type Outcome = {
  processed?: number;
  counters?: Record<string, number>;
  costUsd?: number;
  reason?: Reason;
  more?: boolean;
  changed?: boolean;
};
export type Verb = (run: Run) => Promise<Outcome>;

/** How a delivered run message ended. `done` and `refused` are acknowledged; `failed` comes back after `retryAt`; `dead` goes to the dead letters. */
export type Ending =
  | { kind: "done" }
  | { kind: "refused"; why: Reason }
  | { kind: "failed"; why: Reason; retryAt: Date }
  | { kind: "dead"; why: Reason };

const ECONOMY = reason("economy_mode");
/** Who asks by hand is not held back. */
const thrifty = ({ economyMode, trigger }: Ledger.Claimed, job: Job): boolean =>
  economyMode && job.economy !== undefined && trigger !== "manual" && trigger !== "redrive";

class LeaseLost extends Error {}
class Cancelled extends Error {}

/** One delivery of one run, from claim to record. The catalogue is an argument, so that tests bring their own chains. */
export async function execute(
  catalogue: Catalogue,
  message: RunMessage,
  verb: Verb,
  delivery: { messageId?: string | undefined; receiveCount: number },
): Promise<Ending> {
  const job = jobOf(catalogue, message.type);
  if (message.dead) await Settle.revive(message.run_id, job.budget.attempts, Clock.now());
  const handed = { messageId: delivery.messageId, receiveCount: delivery.receiveCount, worker: WORKER };
  const claimed = await Ledger.claim({ runId: message.run_id, job: message.type, delivery: handed, now: Clock.now() });
  if (!claimed) return { kind: "refused", why: await Ledger.refusal(message.run_id, Clock.now()) };

  const run = begin(claimed, job);
  const heartbeat = setInterval(() => renew(claimed), HEARTBEAT_MS);
  try {
    const outcome = await verb(run);
    return await conclude(catalogue, claimed, job, outcome);
  } catch (error) {
    return await give(claimed, job, error);
  } finally {
    clearInterval(heartbeat);
  }
}

function begin(claimed: Ledger.Claimed, job: Job): Run {
  return {
    ...claimed,
    scope: { projects: [claimed.projectId], accountScopeId: claimed.accountScopeId },
    budget: budget(job.budget),
    economy: thrifty(claimed, job),
    checkpoint: (scope, work) =>
      transaction(scope, async () => {
        const result = await work();
        const [lease] = await sql<
          { state: string }[]
        >`select hold_lease(${claimed.id}, ${claimed.leaseToken}, ${Ledger.LEASE_SECONDS}) as state`;
        if (lease?.state === "cancelled") throw new Cancelled();
        if (lease?.state !== "held") throw new LeaseLost();
        return result;
      }),
  };
}

/** Keeps the lease while a run waits for an upstream. A lost one is found at the next checkpoint. */
function renew(claimed: Ledger.Claimed): void {
  systemSql`select hold_lease(${claimed.id}, ${claimed.leaseToken}, ${Ledger.LEASE_SECONDS})`.catch((error: unknown) =>
    log.warn("the lease could not be renewed", { run: claimed.id, error }),
  );
}

async function conclude(catalogue: Catalogue, claimed: Ledger.Claimed, job: Job, outcome: Outcome): Promise<Ending> {
  const downstream = outcome.more || outcome.changed === false ? [] : job.then;
  const follow = [...downstream, ...(outcome.more ? [claimed.job] : [])].map((name) => {
    const next = jobOf(catalogue, name);
    const held = name !== claimed.job && claimed.economyMode && next.economy ? ECONOMY : undefined;
    return { job: name, attempts: next.budget.attempts, held };
  });
  const { processed = 0, counters = {}, costUsd = 0, reason: told = thrifty(claimed, job) ? ECONOMY : undefined } = outcome;
  const next = await Ledger.finish({ run: claimed, job, result: { processed, counters, costUsd, reason: told }, follow, now: Clock.now() });
  if (!next) return halted(claimed, job);
  await sendAll(next);
  return { kind: "done" };
}

/** The answer for a run that could not go on: somebody cancelled it, or its lease was lost. */
async function halted(claimed: Ledger.Claimed, job: Job): Promise<Ending> {
  const { status } = await Settle.stop(claimed, job, Clock.now());
  return { kind: "refused", why: status === "cancelled" ? reason("cancelled", { by: "?" }) : reason("lease_lost") };
}

async function give(claimed: Ledger.Claimed, job: Job, error: unknown): Promise<Ending> {
  const now = Clock.now();
  const why = reasonOf(error);
  if (error instanceof LeaseLost) return { kind: "refused", why: reason("lease_lost") };
  if (error instanceof Cancelled) return halted(claimed, job);
  if (error instanceof Later) {
    await Settle.defer(claimed, job, why, error.retryAt, now);
    return { kind: "refused", why };
  }
  // A refusal is an answer, not a failure: the run ends well and says why it did nothing.
  if (error instanceof Refused) {
    const next = await Ledger.finish({
      run: claimed,
      job,
      result: { processed: 0, counters: {}, costUsd: 0, reason: why },
      follow: [],
      now,
    });
    if (!next) return halted(claimed, job);
    await sendAll(next);
    return { kind: "refused", why };
  }
  if (why.code === "bug") log.error("a job failed", { job: claimed.job, run: claimed.id, error });
  const settled = await Settle.fail(claimed, job, why, error instanceof Failed ? error.retryAt : undefined, now);
  if (settled.status === "dead_letter") return { kind: "dead", why };
  if (settled.status === "queued" && settled.retryAt) return { kind: "failed", why, retryAt: settled.retryAt };
  return { kind: "refused", why: settled.status === "cancelled" ? reason("cancelled", { by: "?" }) : reason("lease_lost") };
}

/** Sends what a commit left queued. When it fails the rows stay, and dispatch sends them. */
export async function sendAll(runs: readonly Ledger.Next[]): Promise<void> {
  const byJob = Map.groupBy(runs, (run) => run.job);
  for (const [job, queued] of byJob) {
    await Queue.send(
      job,
      queued.map((run) => forRun(job, run)),
    ).catch((error: unknown) => log.error("queued runs were not sent", { job, runs: queued.length, error }));
  }
}

export function jobOf(catalogue: Catalogue, name: string): Job {
  const job = catalogue[name];
  if (!job) throw new Refused("not_found", { thing: `job ${name}` });
  return job;
}
