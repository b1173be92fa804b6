import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The vendors' own descriptions lie beside the checkout, not in it. A file that changed must be looked at before it is believed again. */
const PINNED = {
  chatwoot: {
    file: "chatwoot-application_swagger.json",
    sha256: "67afcaec8107185dc1694ac6a40f5d16215904847375f777641e504aca20f5dd",
  },
} as const;

export type JsonSchema = { [key: string]: unknown };
export type OpenApi = {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, JsonSchema>; parameters: Record<string, JsonSchema> };
};
export type Specs = { chatwoot: OpenApi };

const loaded = new Map<string, Specs>();
const BESIDE = path.resolve(import.meta.dirname, "../..", "../shared/upstream-specs");

/** Undefined where the descriptions are absent; under CI their absence is an error, for the checks must not be skipped there. */
export function specs(root = BESIDE): Specs | undefined {
  const known = loaded.get(root);
  if (known) return known;
  if (!existsSync(root)) {
    if (process.env.CI === "true")
      throw new Error(`CI must check the simulators against the vendors' descriptions, and ${root} is absent.`);
    return undefined;
  }
  const found = { chatwoot: JSON.parse(pinned(root, PINNED.chatwoot)) as OpenApi };
  loaded.set(root, found);
  return found;
}

function pinned(root: string, { file, sha256 }: { file: string; sha256: string }): string {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = createHash("sha256").update(text).digest("hex");
  if (found !== sha256) throw new Error(`${file} is not the description these simulators were held against: ${found}.`);
  return text;
}
