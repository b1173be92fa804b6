import { readdir } from "node:fs/promises";

export type Row = { case: string; value: number; unit: string; ratio?: number; against?: string };

const [name = "", ...flags] = process.argv.slice(2);
const files = await readdir(import.meta.dirname);
const names = files.map((file) => file.replace(/\.ts$/, "")).filter((file) => file !== "main" && !file.includes("."));
if (!names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- ${names.join("|")} [--json] [options of the benchmark]\n`);
  process.exit(2);
}
type Bench = { run: (say: (line: string) => void, flags: readonly string[]) => Promise<Row[]> };
const { run } = (await import(`./${name}.ts`)) as Bench;
const rows = await run((line) => process.stderr.write(`${line}\n`), flags);

const cells = rows.map((row) => [
  row.case,
  row.value.toFixed(row.value < 100 ? 2 : 0),
  row.unit,
  row.ratio?.toFixed(3) ?? "",
  row.against ?? "",
]);
const table = [["case", "value", "unit", "ratio", "against"], ...cells];
const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
for (const line of table)
  process.stdout.write(
    `${line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()}\n`,
  );
if (flags.includes("--json")) process.stdout.write(`${JSON.stringify({ name, rows })}\n`);
process.exit(0);
