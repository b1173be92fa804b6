import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Metafile } from "esbuild";

const root = join(import.meta.dirname, "..");

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

export type Bundle = { name: string; path: string; bytes: number; meta: Metafile };

/** Bundles an entry into a folder of its own, as it is deployed. */
export async function bundle(folder: string, name: string, input: Pick<BuildOptions, "stdin" | "entryPoints">): Promise<Bundle> {
  const outdir = join(folder, name);
  const { metafile } = await build({ ...options, ...input, outdir, entryNames: "door", outExtension: { ".js": ".mjs" } });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { name, path: join(outdir, "door.mjs"), bytes, meta: metafile };
}

/** Every function that is deployed. */
export async function bundleDoors(folder: string): Promise<Bundle[]> {
  const names = ["jobs", "api"].flatMap((kind) =>
    readdirSync(join(root, "functions", kind))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => `${kind}/${file.slice(0, -3)}`),
  );
  return Promise.all(names.map((name) => bundle(folder, name, { entryPoints: [`functions/${name}.ts`] })));
}
