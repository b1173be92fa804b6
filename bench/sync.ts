import type { Row } from "./main.ts";
import type { Measured } from "./support/backfill.ts";
import { benchDatabase, median } from "./support/database.ts";
import { raw } from "./support/raw.ts";
import { backfill, simulator } from "./support/simulator.ts";

const ROUNDS = 5;
const TABLES = ["cw_inboxes_raw", "cw_contacts", "cw_conversations", "cw_messages", "cw_attachments_raw"];

/** Backfill of the large account over HTTP with all records and events, beside the same rows from memory into the same tables. */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const chatwoot = await simulator("chatwoot", ["--size", "large"]);
  const rounds: (Measured & { rows: number; rawSeconds: number; ratio: number })[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { url, owner, drop } = await benchDatabase("sync", 2);
      const measured = await backfill(url, [chatwoot]);
      const { rows, seconds: rawSeconds } = await raw(owner, TABLES);
      await drop();
      const ratio = rawSeconds / measured.seconds;
      rounds.push({ ...measured, rows, rawSeconds, ratio });
      say(
        `round ${round + 1}: ${rows} rows, backfill ${(rows / measured.seconds).toFixed(0)} rows/s, raw ${(rows / rawSeconds).toFixed(0)} rows/s, ratio ${ratio.toFixed(3)}, peak ${measured.rssMb.toFixed(0)} MB`,
      );
    }
  } finally {
    chatwoot.stop();
  }
  const of = (value: (round: (typeof rounds)[number]) => number) => median(rounds.map(value));
  return [
    {
      case: "backfill",
      value: of((r) => r.rows / r.seconds),
      unit: "rows/s",
      ratio: of((r) => r.ratio),
      against: `raw ${of((r) => r.rows / r.rawSeconds).toFixed(0)}`,
    },
    { case: "backfill_rss_mb", value: of((r) => r.rssMb), unit: "MB" },
    { case: "quiet_cycle_statements", value: of((r) => r.quietStatements), unit: "statements" },
    { case: "quiet_cycle_ms", value: of((r) => r.quietMs), unit: "ms" },
    { case: "quiet_cycle_requests", value: of((r) => r.requests), unit: "requests" },
  ];
}
