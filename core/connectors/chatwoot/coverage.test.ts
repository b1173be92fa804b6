import { expect, test } from "vitest";
import { covers, coversContact, routes } from "#core/connectors/chatwoot/coverage.ts";
import type { Binding } from "#core/connectors/connector.ts";

const all: Binding = {
  projectId: "p",
  inboxIds: [],
  labels: [],
  companies: [],
  teamIds: [],
  linearProjectIds: [],
  listIds: [],
  dealIds: [],
};
const row = { inboxId: 3, labels: ["vip", "beta"], company: "Oakline" };

test.each([
  [{}, true],
  [{ inboxIds: [3] }, true],
  [{ inboxIds: [4] }, false],
  [{ labels: ["beta", "x"] }, true],
  [{ labels: ["x"] }, false],
  [{ companies: [" oakLINE "] }, true],
  [{ companies: ["Other"] }, false],
  [{ inboxIds: [3], labels: ["x"] }, false],
  [{ inboxIds: [3], labels: ["vip"], companies: ["Oakline"] }, true],
])("a binding with %j covers the row: %s", (filter, expected) => {
  expect(covers({ ...all, ...filter }, row)).toBe(expected);
});

test("a contact without a conversation is covered by company at most", () => {
  expect(coversContact(all, null)).toBe(true);
  expect(coversContact({ ...all, companies: ["Oakline"] }, "oakline")).toBe(true);
  expect(coversContact({ ...all, inboxIds: [3] }, "oakline")).toBe(false);
});

test("a row goes to each project once, however many of its bindings cover it", () => {
  expect(routes([all, { ...all, inboxIds: [3] }, { ...all, projectId: "q" }], (binding) => covers(binding, row))).toEqual(["p", "q"]);
});
