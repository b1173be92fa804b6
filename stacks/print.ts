import { type Plan, plan } from "#stacks/plan.ts";

/** The plan as tables for a terminal: what `npm run plan` prints. */
export function print({ jobs, resources }: Plan): string {
  const jobRows = jobs.map((job) => [
    job.name,
    job.rule?.schedule ?? "-",
    `${job.function.timeoutSeconds} s`,
    `${job.function.memoryMb} MB`,
    `${job.queue.visibilitySeconds} s`,
    String(job.queue.maxReceives),
    job.queue.deadLetters,
    job.function.sendsTo.filter((queue) => queue !== job.name && queue !== job.queue.deadLetters).join(", ") || "-",
  ]);
  const routeRows = resources.flatMap((resource) =>
    resource.routes.map((route, n) => [
      n === 0 ? resource.function.name : "",
      route,
      n > 0 ? "" : resource.function.sendsTo.length === jobs.length ? "all jobs" : resource.function.sendsTo.join(", ") || "-",
    ]),
  );
  const routes = resources.reduce((sum, resource) => sum + resource.routes.length, 0);
  return [
    table(["job, queue and function", "rule", "timeout", "memory", "visibility", "receives", "dead letters", "also sends to"], jobRows),
    table(["function", "route", "sends to"], routeRows),
    `${jobs.filter((job) => job.rule).length} rules, ${jobs.length * 2} queues, ${jobs.length + resources.length} functions, ${routes} routes`,
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

if (import.meta.main) process.stdout.write(`${print(plan())}\n`);
