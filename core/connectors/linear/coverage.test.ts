import { expect, test } from "vitest";
import type { Binding } from "#core/connectors/connector.ts";
import { covers, coversAll, coversProject, coversTeam, routes } from "#core/connectors/linear/coverage.ts";

const binding = (given: Partial<Binding>): Binding => ({
  projectId: "p",
  inboxIds: [],
  labels: [],
  companies: [],
  teamIds: [],
  linearProjectIds: [],
  listIds: [],
  dealIds: [],
  ...given,
});
const issue = { team: { id: "t-1", key: "WEB" }, project: { id: "p-1", slug: "abc", name: "Web shop" }, labels: ["VIP"] };
const none = { id: null, slug: null, name: null };

test.each([
  [{}, true],
  [{ teamIds: ["t-1"] }, true],
  [{ teamIds: ["web"] }, true],
  [{ teamIds: ["t-2"] }, false],
  [{ linearProjectIds: ["p-1"] }, true],
  [{ linearProjectIds: ["ABC"] }, true],
  [{ linearProjectIds: [" web shop "] }, true],
  [{ linearProjectIds: ["shop"] }, false],
  [{ labels: ["vip"] }, true],
  [{ labels: ["vip"], teamIds: ["t-2"] }, false],
  [{ labels: ["other"], teamIds: ["t-1"] }, false],
])("%j covers the issue: %s", (given, covered) => {
  expect(covers(binding(given), issue)).toBe(covered);
});

test("an issue without a project passes no list of projects", () => {
  expect(covers(binding({ linearProjectIds: ["p-1"] }), { ...issue, project: none })).toBe(false);
});

test("teams go by a binding's teams, or to one that narrows by nothing; projects not by issues' labels", () => {
  const team = { id: "t-1", key: "WEB" };
  expect(coversTeam(binding({ teamIds: ["web"], labels: ["x"] }), team)).toBe(true);
  expect(coversTeam(binding({ labels: ["x"] }), team)).toBe(false);
  expect(coversTeam(binding({}), team)).toBe(true);
  expect(coversProject(binding({ teamIds: ["web"] }), issue.project, [{ id: "t-9", key: "OPS" }, team])).toBe(true);
  expect(coversProject(binding({ teamIds: ["web"] }), issue.project, [])).toBe(false);
  expect(coversProject(binding({ labels: ["vip"] }), issue.project, [team])).toBe(false);
  expect(routes([binding({}), binding({ projectId: "q", labels: ["x"] }), binding({})], coversAll)).toEqual(["p"]);
});
