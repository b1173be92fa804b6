import type { vocabulary } from "#core/events/vocabulary.ts";
import type { Catalogue } from "#core/jobs/catalogue.ts";

/** The job table as the README shows it. */
export function jobTable(jobs: Catalogue): string {
  const rows = Object.entries(jobs).map(([name, job]) => {
    const when =
      "on" in job
        ? `weekly, day ${job.on}, ${job.at}:00 in the project's time zone`
        : "at" in job
          ? `daily, ${job.at}:00 in the project's time zone`
          : job.economy
            ? `${job.every} (${job.economy.every} in economy mode)`
            : job.every;
    const { seconds, requests, attempts } = job.budget;
    return `| \`${name}\` | ${job.does} | ${when} | ${job.then.join(", ") || "–"} | ${seconds} s, ${requests} requests, ${attempts} attempts |`;
  });
  return ["| job | does | every | then | budget of a run |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** The event table as docs/events.md shows it. */
export function eventTable(events: typeof vocabulary): string {
  const rows = Object.entries(events).map(
    ([name, event]) => `| \`${name}\` | ${event.source} | ${event.when} | ${event.payload.map((key) => `\`${key}\``).join(", ")} |`,
  );
  return ["| event | producer | when | payload |", "|---|---|---|---|", ...rows].join("\n");
}
