import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { specs } from "#test/simulators/spec.ts";

const ci = process.env.CI;
afterEach(() => {
  if (ci === undefined) delete process.env.CI;
  else process.env.CI = ci;
});

test("without the vendors' descriptions a laptop goes on and CI stops", () => {
  delete process.env.CI;
  expect(specs("/nowhere/at/all")).toBeUndefined();
  process.env.CI = "true";
  expect(() => specs("/nowhere/at/all")).toThrow("CI must check");
});

test("a description that is not the pinned one is refused", () => {
  const root = mkdtempSync(path.join(tmpdir(), "specs-"));
  writeFileSync(path.join(root, "chatwoot-application_swagger.json"), "{}");
  expect(() => specs(root)).toThrow("is not the description");
});
