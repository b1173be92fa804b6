import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,functions,local,migrations,stacks,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.sst/**", "stacks/infra*.test.ts"],
    globalSetup: ["test/template.ts"],
    pool: "forks",
    // Many tests wait for what they are about: pauses, timers, another process.
    maxWorkers: 3,
    env: { LOG_LEVEL: process.env.LOG_LEVEL ?? "silent", CONNECTOR_REQUEST_PAUSE_MS: "20" },
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
