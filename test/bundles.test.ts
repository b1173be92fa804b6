import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bundle, bundleDoors } from "#test/bundling.ts";

const MAX_BYTES = 600_000;

let folder = "";
let doors: Bundle[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellwether-bundles-"));
  doors = await bundleDoors(folder);
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
