import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { vocabulary } from "#core/events/vocabulary.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { eventTable, jobTable } from "#test/tables.ts";

test("the README's job table is the catalogue's, and the README stays short", async () => {
  const readme = await readFile("README.md", "utf8");
  expect(readme).toContain(`<!-- jobs -->\n${jobTable(jobs)}\n<!-- /jobs -->`);
  expect(readme.split("\n").length).toBeLessThan(150);
});

test("docs/events.md lists the vocabulary", async () => {
  expect(await readFile("docs/events.md", "utf8")).toContain(eventTable(vocabulary));
});
