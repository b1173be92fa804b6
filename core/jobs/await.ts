import * as Clock from "#core/clock.ts";
import * as Runs from "#core/jobs/runs.ts";
import type { ProjectScope } from "#core/scope.ts";

const EVERY_MS = 200;
const AT_MOST_MS = 25_000;

/** The run once it has ended or failed and waits for its next attempt, or as it stands after 25 seconds: the gateway gives up at 30. */
export async function ended(scope: ProjectScope, id: string): Promise<Runs.Info> {
  const until = performance.now() + AT_MOST_MS;
  for (;;) {
    const run = await Runs.get(scope, id);
    const over = run.status === "queued" ? run.attempts > 0 && run.dueAt > Clock.now() : run.status !== "running";
    if (over || performance.now() > until) return run;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
