import { isIPv4 } from "node:net";
import * as z from "zod";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { systemSql } from "#core/db.ts";
import { Failed } from "#core/error.ts";

export const Info = z.object({ service: z.literal("bellwether"), database: z.literal("ok") });
export type Info = z.infer<typeof Info>;

/** Throws `database_unavailable`. */
export async function check(): Promise<Info> {
  await systemSql`select 1`.catch((cause: unknown) => {
    throw new Failed("database_unavailable", {}, { cause });
  });
  return { service: "bellwether", database: "ok" };
}

type Sample = { metric: keyof typeof METRICS; labels: Record<string, string> | null; value: number };
const METRICS = {
  bellwether_runs: "Runs by job and status.",
  bellwether_queue_messages: "Messages of the embedded queue, waiting or dead.",
  bellwether_dead_letters: "Runs whose attempts are spent, by job.",
  bellwether_connector_errors: "Connector errors by kind and status.",
  bellwether_webhook_deliveries: "Webhooks taken in the last 30 days, by source and outcome.",
  bellwether_sessions: "Living sessions.",
} as const;

/** Prometheus's text format. Counts over all studios, without a name of any. */
export async function metrics(): Promise<string> {
  const samples = await systemSql<Sample[]>`
    select 'bellwether_runs' as metric, jsonb_build_object('job', job, 'status', status) as labels, count(*) as value from job_runs group by job, status
    union all
    select 'bellwether_queue_messages', jsonb_build_object('queue', queue, 'state', case when dead then 'dead' else 'waiting' end), count(*)
    from queue_messages group by queue, dead
    union all
    select 'bellwether_dead_letters', jsonb_build_object('job', job), count(*) from job_runs where status = 'dead_letter' group by job
    union all
    select 'bellwether_connector_errors', jsonb_build_object('kind', kind, 'status', status), count(*) from connector_errors group by kind, status
    union all
    select 'bellwether_webhook_deliveries', jsonb_build_object('source', source, 'outcome', outcome), count(*) from webhook_deliveries group by source, outcome
    union all
    select 'bellwether_sessions', null, count(*) from sessions where expires_at > ${Clock.now()}
    order by 1, 2`;
  const families = Object.entries(METRICS).map(([metric, help]) => {
    const mine = samples.filter((sample) => sample.metric === metric);
    return [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, ...mine.map(line)].join("\n");
  });
  return `${families.join("\n")}\n`;
}

/** By the configured token, or from this very machine; a request that a proxy passed on is not from this machine, whoever the proxy is. */
export function mayReadMetrics(
  token: string | undefined,
  address: string,
  headers: Headers,
  same: (a: string, b: string) => boolean,
): boolean {
  if (config.METRICS_TOKEN && token !== undefined && same(token, config.METRICS_TOKEN)) return true;
  const proxied = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => headers.has(name));
  return isLoopback(address) && !proxied;
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
}

function line({ metric, labels, value }: Sample): string {
  const pairs = Object.entries(labels ?? {}).map(([name, text]) => `${name}="${text.replaceAll(/["\\\n]/g, "_")}"`);
  return `${metric}${pairs.length ? `{${pairs.join(",")}}` : ""} ${value}`;
}
