import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Bundle, bundle, bundleDoors } from "#test/bundling.ts";
import type { Row } from "./main.ts";
import { median } from "./support/database.ts";

const ROUNDS = 11;
const root = join(import.meta.dirname, "..");
const node = promisify(execFile);

// What a door cannot do without; its import is the measure, because milliseconds differ from machine to machine.
const REFERENCE = `
  import { Hono } from "hono";
  import postgres from "postgres";
  import * as z from "zod";
  const Body = z.object({ id: z.uuid(), many: z.array(z.string()).optional() });
  export const connect = (url) => postgres(url);
  export const app = new Hono();
  app.post("/", async (c) => c.json(Body.parse(await c.req.json())));
`;
/**
 * Milliseconds of processor time that the import of each deployed function takes in a process of its own, which a cold start pays for the code, beside that
 * of hono, postgres and zod: the median of so many pairs, one after the other, so that what else the machine does weighs on both.
 */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bellwether-imports-"));
  try {
    const reference = await bundle(folder, "reference", { stdin: { contents: REFERENCE, resolveDir: root } });
    const rows: Row[] = [];
    for (const door of await bundleDoors(folder)) {
      rows.push(await against(reference, door));
      say(`${door.name}: ${Math.round(door.bytes / 1_000)} kB`);
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function against(reference: Bundle, door: Bundle): Promise<Row> {
  const pairs: { own: number; base: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) pairs.push({ base: await importMs(reference), own: await importMs(door) });
  const base = median(pairs.map((pair) => pair.base));
  return {
    case: door.name,
    value: median(pairs.map(({ own }) => own)),
    unit: "ms",
    ratio: median(pairs.map((pair) => pair.own / pair.base)),
    against: `hono, postgres and zod: ${base.toFixed(1)} ms`,
  };
}

async function importMs({ path }: Bundle): Promise<number> {
  const script = `const from = process.cpuUsage(); await import(${JSON.stringify(path)}); const { user, system } = process.cpuUsage(from); process.stdout.write(String((user + system) / 1_000)); process.exit(0);`;
  const { stdout } = await node(process.execPath, ["--input-type=module", "-e", script], { env: { LOG_LEVEL: "silent" } });
  return Number(stdout);
}
