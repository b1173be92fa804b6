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
const ROUNDS = 7;
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
  const path = join(folder, `${name.replaceAll("/", ".")}.mjs`);
  const { metafile } = await build({ ...options, ...input, outfile: path });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { name, path, bytes, meta: metafile };
}

/** Milliseconds of an import in a process of its own: what a cold start pays for the code. */
async function importMs({ path }: Bundle): Promise<number> {
  const script = `const from = performance.now(); await import(${JSON.stringify(path)}); process.stdout.write(String(performance.now() - from)); process.exit(0);`;
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

test("each door's import takes at most twice that of hono, postgres and zod", { retry: 1, timeout: 180_000 }, async () => {
  const times = new Map([reference, ...doors].map((measured) => [measured, [] as number[]]));
  // In turns, so that what else the machine does weighs on all alike.
  for (let round = 0; round < ROUNDS; round++) for (const [measured, taken] of times) taken.push(await importMs(measured));
  const base = median(times.get(reference) ?? []);
  const rows = doors.map((door) => ({ name: door.name, bytes: door.bytes, ratio: median(times.get(door) ?? []) / base }));
  const kB = (bytes: number) => Math.round(bytes / 1_000);
  const lines = rows.map((row) => `  ${row.name.padEnd(40)} ${String(kB(row.bytes)).padStart(4)} kB  ${row.ratio.toFixed(2)} x`);
  process.stdout.write(`bundles (reference ${kB(reference.bytes)} kB, ${base.toFixed(1)} ms)\n${lines.join("\n")}\n`);
  expect(rows.filter((row) => row.ratio > MAX_RATIO)).toEqual([]);
});
