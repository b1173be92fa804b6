import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { described, linearSdl, specs } from "#test/simulators/spec.ts";

const ci = process.env.CI;
afterEach(() => {
  if (ci === undefined) delete process.env.CI;
  else process.env.CI = ci;
});

test("without the vendors' descriptions a laptop goes on and CI stops", () => {
  delete process.env.CI;
  expect(specs("/nowhere/at/all")).toBeUndefined();
  expect(described("attio", "/nowhere/at/all")).toBeUndefined();
  expect(linearSdl("/nowhere/at/all")).toBeUndefined();
  process.env.CI = "true";
  expect(() => specs("/nowhere/at/all")).toThrow("CI must check");
  expect(() => described("loops", "/nowhere/at/all")).toThrow("CI must check");
  expect(() => linearSdl("/nowhere/at/all")).toThrow("CI must check");
});

test("a description that is not the pinned one is refused", () => {
  const root = mkdtempSync(path.join(tmpdir(), "specs-"));
  writeFileSync(path.join(root, "chatwoot-application_swagger.json"), "{}");
  writeFileSync(path.join(root, "loops-openapi.yaml"), "openapi: 3.1.0");
  expect(() => specs(root)).toThrow("is not the description");
  expect(() => described("loops", root)).toThrow("is not the description");
  writeFileSync(path.join(root, "linear-schema.graphql"), "type Query { a: Int }");
  expect(() => linearSdl(root)).toThrow("is not the description");
});
