import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Sql } from "#core/db.ts";
import type { Row } from "./main.ts";
import type { Measured } from "./support/backfill.ts";
import { benchDatabase, median } from "./support/database.ts";

const ROUNDS = 5;
const ROWS_PER_STATEMENT = 5_000;
const TABLES = ["cw_inboxes_raw", "cw_contacts", "cw_conversations", "cw_messages", "cw_attachments_raw"];
const NODE = process.execPath;
/** The heap's limits under which `npm start` runs. */
const HEAP = ["--max-semi-space-size=8", "--max-old-space-size=512"];

/** Backfill of the large account over HTTP with all records and events, beside the same rows from memory into the same tables. */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const sim = spawn(NODE, ["test/simulators/chatwoot/main.ts", "--size", "large"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(sim.stdout), "line")) as [string];
  const { baseUrl, accountId, tokens } = JSON.parse(line) as { baseUrl: string; accountId: number; tokens: { admin: string } };
  const rounds: (Measured & { rows: number; rawSeconds: number; ratio: number })[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { url, owner, drop } = await benchDatabase("sync", 2);
      const { stdout } = await promisify(execFile)(
        NODE,
        [...HEAP, "bench/support/backfill.ts", url, baseUrl, String(accountId), tokens.admin],
        {
          maxBuffer: 1 << 20,
        },
      );
      const measured = JSON.parse(stdout) as Measured;
      const { rows, seconds: rawSeconds } = await raw(owner);
      await drop();
      const ratio = rawSeconds / measured.seconds;
      rounds.push({ ...measured, rows, rawSeconds, ratio });
      say(
        `round ${round + 1}: ${rows} rows, backfill ${(rows / measured.seconds).toFixed(0)} rows/s, raw ${(rows / rawSeconds).toFixed(0)} rows/s, ratio ${ratio.toFixed(3)}, peak ${measured.rssMb.toFixed(0)} MB`,
      );
    }
  } finally {
    sim.kill();
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

/** The limit: the rows the backfill wrote, taken into memory, put back by unnest into the same tables with triggers, keys, indexes and policies. */
async function raw(owner: Sql): Promise<{ rows: number; seconds: number }> {
  const kept: { table: string; columns: string[]; types: string[]; texts: string[][][] }[] = [];
  let rows = 0;
  for (const table of TABLES) {
    const shape = await owner<{ name: string; type: string }[]>`
      select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`;
    const columns = shape.map((column) => column.name);
    const all = await owner.unsafe(`select ${columns.map((column) => `${column}::text`).join(", ")} from ${table}`).values();
    const texts: string[][][] = [];
    for (let from = 0; from < all.length; from += ROWS_PER_STATEMENT) {
      const slice = all.slice(from, from + ROWS_PER_STATEMENT) as unknown as string[][];
      texts.push(columns.map((_, column) => slice.map((row) => row[column] as string)));
    }
    rows += all.length;
    kept.push({ table, columns, types: shape.map((column) => column.type), texts });
  }
  await owner.unsafe(`truncate ${TABLES.join(", ")}, kag_event_log`);
  const began = performance.now();
  for (const { table, columns, types, texts } of kept) {
    const arrays = columns.map((_, n) => `$${n + 1}::text[]`).join(", ");
    const casts = columns.map((column, n) => `${column}::${types[n]}`).join(", ");
    const insert = `insert into ${table} (${columns.join(", ")}) select ${casts} from unnest(${arrays}) as r (${columns.join(", ")})`;
    for (const slice of texts) {
      await owner.begin(async (tx) => {
        await tx`select set_config('role', 'bellwether_app', true), set_config('app.project_ids', (select '{' || string_agg(id::text, ',') || '}' from projects), true)`;
        await tx.unsafe(insert, slice as never[]);
      });
    }
  }
  return { rows, seconds: (performance.now() - began) / 1_000 };
}
