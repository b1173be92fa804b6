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

test("docs/events.md lists the vocabulary, names none of it as beyond the sources, and maps other names only to what there is", async () => {
  const doc = await readFile("docs/events.md", "utf8");
  expect(doc).toContain(eventTable(vocabulary));
  const [table = "", others = ""] = doc.split("## Other names");
  const known = Object.keys(vocabulary);
  const none = [...table.matchAll(/^\| `(\w+)` \| none \|/gm)].map(([, name]) => name);
  expect(none.filter((name) => known.includes(name ?? ""))).toEqual([]);
  const rows = [...others.matchAll(/^\| (`.+?) \| (`.+) \|$/gm)];
  const names = (cell = "") => [...cell.matchAll(/`(\w+_\w+)`/g)].map(([, name]) => name ?? "");
  expect(rows.flatMap(([, , here]) => names(here)).filter((name) => !known.includes(name))).toEqual([]);
  expect(rows.flatMap(([, other]) => names(other)).filter((name) => known.includes(name) || none.includes(name))).toEqual([]);
  const sought =
    "message_sent client_silent_started approval_requested approval_approved stage_started stage_completed issue_created issue_blocked issue_unblocked scope_change_detected deal_stage_changed invoice_sent invoice_paid contact_updated note_logged activity_logged process_started process_finished process_failed process_warning";
  expect(sought.split(" ").filter((name) => !doc.includes(`\`${name}\``))).toEqual([]);
});
