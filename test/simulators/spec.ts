import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** The vendors' own descriptions lie beside the checkout, not in it. A file that changed must be looked at before it is believed again. */
const PINNED = {
  chatwoot: {
    file: "chatwoot-application_swagger.json",
    sha256: "67afcaec8107185dc1694ac6a40f5d16215904847375f777641e504aca20f5dd",
  },
  attio: { file: "attio-openapi-2026-03.yaml", sha256: "499cab79065901f482ec49d9d0758086cfbe6e794ba4f9b3fb88d225d8a9e884" },
  loops: { file: "loops-openapi.yaml", sha256: "96c4b50b8b951eac450dc993a1bb77b911f6aaa451945a6b2308c3d85c4d236c" },
  openai: { file: "openai-subset-openapi.json", sha256: "c13db2c127a0f2f1b81749af20b20fd4422bd49269076f71686d2ae1b2f1866e" },
  linear: { file: "linear-schema.graphql", sha256: "b00d24d8d252a306f5e2088267b1a17dd6e4442f8b793928410b8d4673a7081d" },
} as const;

export type JsonSchema = { [key: string]: unknown };
export type OpenApi = {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, JsonSchema>; parameters: Record<string, JsonSchema> };
};
export type Specs = { chatwoot: OpenApi };

const loaded = new Map<string, Specs>();
const read = new Map<string, OpenApi>();
const sdls = new Map<string, string>();
const BESIDE = path.resolve(import.meta.dirname, "../..", "../shared/upstream-specs");

/** Undefined where the descriptions are absent; under CI their absence is an error, for the checks must not be skipped there. */
export function specs(root = BESIDE): Specs | undefined {
  const known = loaded.get(root);
  if (known) return known;
  if (absent(root)) return undefined;
  const found = { chatwoot: JSON.parse(pinned(root, PINNED.chatwoot)) as OpenApi };
  loaded.set(root, found);
  return found;
}

/** One that is written in YAML, or in JSON, which is some; read when it is first asked for: that takes most of a second. Undefined where it is absent, as above. */
export function described(vendor: "attio" | "loops" | "openai", root = BESIDE): OpenApi | undefined {
  const key = path.join(root, vendor);
  const known = read.get(key);
  if (known) return known;
  if (absent(root)) return undefined;
  const found = parse(pinned(root, PINNED[vendor])) as OpenApi;
  read.set(key, found);
  return found;
}

/** Linear's schema as text. Undefined where it is absent, as above. */
export function linearSdl(root = BESIDE): string | undefined {
  const known = sdls.get(root);
  if (known !== undefined || absent(root)) return known;
  const found = pinned(root, PINNED.linear);
  sdls.set(root, found);
  return found;
}

function absent(root: string): boolean {
  if (existsSync(root)) return false;
  if (process.env.CI === "true") throw new Error(`CI must check the simulators against the vendors' descriptions, and ${root} is absent.`);
  return true;
}

function pinned(root: string, { file, sha256 }: { file: string; sha256: string }): string {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = createHash("sha256").update(text).digest("hex");
  if (found !== sha256) throw new Error(`${file} is not the description these simulators were held against: ${found}.`);
  return text;
}
