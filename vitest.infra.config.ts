import { join } from "node:path";
import { defineConfig } from "vitest/config";

// SST's components and the stacks must share one copy of Pulumi, or neither knows the other's outputs.
export default defineConfig({
  resolve: { alias: [{ find: /^@pulumi\/(pulumi|aws)/, replacement: join(import.meta.dirname, ".sst/platform/node_modules/@pulumi/$1") }] },
  test: {
    include: ["stacks/infra*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
