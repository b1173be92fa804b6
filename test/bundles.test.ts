import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAX_BYTES = 600_000;
const MAX_RATIO = 2;
const ROUNDS = 5;
const AGAIN = 21;
const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

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
// As stacks/function.ts has SST do it.
const options = {
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  external: ["@aws-sdk/*"],
  absWorkingDir: root,
  metafile: true,
  logLevel: "silent",
} satisfies BuildOptions;

type Bundle = { name: string; path: string; bytes: number; meta: Metafile };
let folder = "";
let reference: Bundle;
let doors: Bundle[] = [];

async function bundle(name: string, input: Pick<BuildOptions, "stdin" | "entryPoints">): Promise<Bundle> {
  const outdir = join(folder, name);
  const { metafile } = await build({ ...options, ...input, outdir, entryNames: "door", outExtension: { ".js": ".mjs" } });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { name, path: join(outdir, "door.mjs"), bytes, meta: metafile };
}

/** Milliseconds of processor time of an import in a process of its own: what a cold start pays for the code, whatever else the machine does. */
async function importMs({ path }: Bundle): Promise<number> {
  const script = `const from = process.cpuUsage(); await import(${JSON.stringify(path)}); const { user, system } = process.cpuUsage(from); process.stdout.write(String((user + system) / 1_000)); process.exit(0);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { env: { LOG_LEVEL: "silent" } });
  return Number(stdout);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellwether-bundles-"));
  reference = await bundle("reference", { stdin: { contents: REFERENCE, resolveDir: root } });
  const names = ["jobs", "api"].flatMap((kind) => {
    const place = join(root, "functions", kind);
    const files = existsSync(place) ? readdirSync(place) : [];
    return files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")).map((file) => `${kind}/${file.slice(0, -3)}`);
  });
  doors = await Promise.all(names.map((name) => bundle(name, { entryPoints: [`functions/${name}.ts`] })));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("there are doors to bundle, and each is small", () => {
  expect(doors.length).toBeGreaterThan(0);
  expect(doors.filter((door) => door.bytes > MAX_BYTES).map((door) => `${door.name}: ${door.bytes}`)).toEqual([]);
});

test("no door carries the embedded database, the embedded queue, the local runtime or a simulator", () => {
  const stray = doors.flatMap((door) =>
    Object.keys(door.meta.inputs)
      .filter((input) => /pglite|queue-embedded|^local\/|^test\/|^bench\//.test(input))
      .map((input) => `${door.name}: ${input}`),
  );
  expect(stray).toEqual([]);
});

test("no door loads an AWS client before it needs one", () => {
  const eager = doors.flatMap((door) =>
    Object.values(door.meta.outputs)
      .flatMap((output) => output.imports)
      .filter((imported) => imported.path.startsWith("@aws-sdk/") && imported.kind !== "dynamic-import")
      .map((imported) => `${door.name}: ${imported.path}`),
  );
  expect(eager).toEqual([]);
});

/** How many times the reference's import each door's takes: the median of so many pairs, one after the other, so that what else the machine does weighs on both. */
async function ratios(measured: readonly Bundle[], pairs: number): Promise<number[]> {
  const taken = measured.map(() => [] as number[]);
  for (let pair = 0; pair < pairs; pair++) {
    for (const [n, door] of measured.entries()) {
      const base = await importMs(reference);
      taken[n]?.push((await importMs(door)) / base);
    }
  }
  return taken.map(median);
}

// No database is in it: once is enough.
test.skipIf(process.env.TEST_DATABASE_URL)(
  "each door's import takes at most twice that of hono, postgres and zod",
  { timeout: 180_000 },
  async () => {
    const rows = (await ratios(doors, ROUNDS)).map((ratio, n) => ({ door: doors[n] as Bundle, ratio }));
    const kB = (bytes: number) => String(Math.round(bytes / 1_000)).padStart(4);
    const lines = rows.map(({ door, ratio }) => `  ${door.name.padEnd(40)} ${kB(door.bytes)} kB  ${ratio.toFixed(2)} x`);
    process.stdout.write(`bundles, and their import against ${kB(reference.bytes)} kB of hono, postgres and zod\n${lines.join("\n")}\n`);
    // On a busy machine a few pairs mislead: what looks slow is looked at once more, longer.
    const slow = rows.filter(({ ratio }) => ratio > MAX_RATIO).map(({ door }) => door);
    const again = await ratios(slow, AGAIN);
    expect(again.flatMap((ratio, n) => (ratio > MAX_RATIO ? [`${slow[n]?.name}: ${ratio.toFixed(2)} x`] : []))).toEqual([]);
  },
);
