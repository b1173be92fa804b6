import type { Row } from "./main.ts";
import type { Measured, Source } from "./support/backfill.ts";
import { benchDatabase, median } from "./support/database.ts";
import { raw } from "./support/raw.ts";
import { backfill, simulator } from "./support/simulator.ts";

const ROUNDS = 3;
const SLOW_MS = 50;
/** In the order in which their rows depend on each other. */
const TABLES: Record<Source["source"], string[]> = {
  chatwoot: ["cw_inboxes_raw", "cw_contacts", "cw_conversations", "cw_messages", "cw_attachments_raw"],
  linear: ["teams", "users", "states", "cycles", "projects", "issues", "comments", "documents"].map((name) => `linear_${name}_raw`),
  attio: ["members", "accounts", "people", "opportunities", "entries", "activities"].map((name) => `attio_${name}_raw`),
};
const NAMES = Object.keys(TABLES) as Source["source"][];
type Sim = Awaited<ReturnType<typeof simulator>>;

/** Each source's large account backfilled alone, beside the same rows put back bare; then all three as one project, and once more with a slow upstream. */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of NAMES) rows.push(...(await alone(name, say)));
  return [...rows, ...(await together(0, say)), ...(await together(SLOW_MS, say))];
}

/** Runs `work` against simulators of its own: an upstream's hourly budget is spent by one backfill of this size. */
async function against<T>(names: readonly Source["source"][], latencyMs: number, work: (sims: readonly Sim[]) => Promise<T>): Promise<T> {
  const sims = await Promise.all(names.map((name) => simulator(name, ["--size", "large", "--latency-ms", String(latencyMs)])));
  try {
    return await work(sims);
  } finally {
    for (const sim of sims) sim.stop();
  }
}

async function alone(source: Source["source"], say: (line: string) => void): Promise<Row[]> {
  const rounds: { rate: number; ratio: number; bare: number; rssMb: number; requests: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { url, owner, drop } = await benchDatabase(source, 2);
    const measured = await against([source], 0, (sims) => backfill(url, sims));
    const { rows, seconds } = await raw(owner, TABLES[source]);
    await drop();
    rounds.push({
      rate: rows / measured.seconds,
      ratio: seconds / measured.seconds,
      bare: rows / seconds,
      rssMb: measured.rssMb,
      requests: measured.backfillRequests,
    });
    say(
      `${source} ${round + 1}: ${rows} rows, ${(rows / measured.seconds).toFixed(0)} rows/s, ratio ${(seconds / measured.seconds).toFixed(3)}`,
    );
  }
  const of = (value: (round: (typeof rounds)[number]) => number) => median(rounds.map(value));
  const name = `backfill_${source}`;
  return [
    { case: name, value: of((r) => r.rate), unit: "rows/s", ratio: of((r) => r.ratio), against: `bare ${of((r) => r.bare).toFixed(0)}` },
    { case: `${name}_rss_mb`, value: of((r) => r.rssMb), unit: "MB" },
    { case: `${name}_requests`, value: of((r) => r.requests), unit: "requests" },
  ];
}

async function together(latencyMs: number, say: (line: string) => void): Promise<Row[]> {
  const suffix = latencyMs ? `_${latencyMs}ms` : "";
  const rounds: Measured[] = [];
  for (let round = 0; round < (latencyMs ? 1 : ROUNDS); round++) {
    const { url, drop } = await benchDatabase("sources", 2);
    rounds.push(await against(NAMES, latencyMs, (sims) => backfill(url, sims)));
    await drop();
    say(`all three${suffix} ${round + 1}: ${JSON.stringify(rounds.at(-1))}`);
  }
  const of = (value: (round: Measured) => number) => median(rounds.map(value));
  return [
    { case: `backfill_all_seconds${suffix}`, value: of((r) => r.seconds), unit: "s" },
    { case: `quiet_cycle_requests${suffix}`, value: of((r) => r.requests - r.sweep), unit: "requests" },
    { case: `quiet_cycle_sweep_requests${suffix}`, value: of((r) => r.sweep), unit: "requests" },
    { case: `quiet_cycle_statements${suffix}`, value: of((r) => r.quietStatements), unit: "statements" },
    { case: `quiet_cycle_ms${suffix}`, value: of((r) => r.quietMs), unit: "ms" },
  ];
}
