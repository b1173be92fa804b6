import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,functions,local,migrations,stacks,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.sst/**", "stacks/infra.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
