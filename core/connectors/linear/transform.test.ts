import { expect, test } from "vitest";
import type { Raw } from "#core/connectors/linear/api.ts";
import * as Transform from "#core/connectors/linear/transform.ts";
import * as Workspace from "#core/connectors/linear/transform-workspace.ts";

const end = { hasNextPage: false, endCursor: null };
const person = {
  id: "u-1",
  name: "Irina",
  displayName: "irina",
  email: "i@studio.test",
  active: true,
  guest: false,
  app: false,
  updatedAt: "2026-03-01T09:00:00.000Z",
};
// An answer as the schema has it.
const row = {
  id: "i-1",
  identifier: "WEB-7",
  number: 7,
  title: "Gift cards",
  description: null,
  priority: 2,
  estimate: 0.5,
  dueDate: "2026-04-01",
  url: "https://linear.app/studio/issue/WEB-7",
  trashed: null,
  createdAt: "2026-03-01T09:00:00.000Z",
  updatedAt: "2026-03-02T09:00:00.123Z",
  startedAt: null,
  completedAt: null,
  canceledAt: null,
  archivedAt: null,
  team: { id: "t-1", key: "WEB", name: "Web", updatedAt: "2026-03-01T09:00:00.000Z", archivedAt: null },
  state: {
    id: "s-1",
    name: "Todo",
    type: "unstarted",
    position: 2,
    updatedAt: "2026-03-01T09:00:00.000Z",
    team: { id: "t-1", key: "WEB" },
  },
  cycle: { id: "c-1", number: 42, name: null },
  project: { id: "p-1", slugId: "abc", name: "Web shop" },
  parent: null,
  assignee: null,
  creator: person,
  externalUserCreator: null,
  botActor: null,
  labels: { nodes: [{ name: "scope" }, { name: "bug" }, { name: "bug" }], pageInfo: end },
  inverseRelations: {
    nodes: [
      { type: "blocks", issue: { id: "open", archivedAt: null, trashed: null, state: { type: "started" } } },
      { type: "blocks", issue: { id: "done", archivedAt: null, trashed: null, state: { type: "completed" } } },
      { type: "blocks", issue: { id: "put away", archivedAt: "2026-03-01T00:00:00.000Z", trashed: null, state: { type: "started" } } },
      { type: "blocks", issue: { id: "thrown away", archivedAt: null, trashed: true, state: { type: "started" } } },
      { type: "related", issue: { id: "beside", archivedAt: null, trashed: null, state: { type: "started" } } },
    ],
    pageInfo: end,
  },
};

test("an issue: names beside ids, a cycle by its number, only what is open blocks", () => {
  expect(Transform.issue(row)).toMatchObject({
    externalId: "i-1",
    teamKey: "WEB",
    state: "Todo",
    stateType: "unstarted",
    cycleName: "Cycle 42",
    linearProjectExternalId: "p-1",
    estimate: 0.5,
    dueDate: "2026-04-01",
    labels: ["bug", "scope"],
    creatorName: "Irina",
    assigneeName: null,
    blockedBy: ["open"],
    blockedByCount: 1,
    blocked: true,
    trashed: false,
    updatedAt: "2026-03-02T09:00:00.123Z",
    actor: "team",
  });
});

test.each([
  ["a guest", { creator: { ...person, guest: true } }, "client", "u-1"],
  ["somebody outside", { creator: null, externalUserCreator: { id: "x-1", name: "Hannah" } }, "client", "x-1"],
  ["an app", { creator: { ...person, app: true } }, "system", "u-1"],
  ["an integration", { creator: null, botActor: { id: null, name: "GitHub" } }, "system", null],
] as const)("an issue created by %s", (_, given, actor, creator) => {
  expect(Transform.issue({ ...row, ...given })).toMatchObject({ actor, creatorExternalId: creator });
});

test.each([
  [{ title: null }, /issue.title is null/],
  [{ state: null }, /issue.state.name is missing/],
  [{ createdAt: "junk" }, /issue.createdAt is null/],
  [{ labels: undefined }, /an inner list is missing/],
  [{ id: "" }, /issue.id is empty/],
])("%j makes it unreadable, and says why", (given, why) => {
  expect(() => Transform.issue({ ...row, ...given })).toThrow(why);
});

test("a comment: who wrote it, and nobody's when it is no issue's", () => {
  const comment: Raw = {
    id: "k-1",
    body: "nul \0 here",
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    editedAt: null,
    parentId: null,
    user: null,
    botActor: null,
    externalUser: { id: "x-1", name: "Hannah" },
    issue: { id: "i-1" },
  };
  expect(Transform.comment(comment)).toMatchObject({
    authorType: "external",
    authorName: "Hannah",
    actor: "client",
    body: "nul \ufffd here",
    sanitized: true,
  });
  expect(Transform.comment({ ...comment, issue: null })).toBeUndefined();
});

test("a document in the trash keeps nothing of its text", () => {
  const paper: Raw = {
    id: "d-1",
    title: "Brief",
    content: "secret",
    trashed: true,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    project: { id: "p-1" },
    issue: null,
  };
  expect(Transform.paper(paper)).toMatchObject({ title: "", content: null, trashed: true });
  expect(Transform.paper({ ...paper, trashed: null })).toMatchObject({ title: "Brief", content: "secret" });
});

test("a project: its status, lead and teams in order; dates that cannot be read are none", () => {
  const project: Raw = {
    id: "p-1",
    slugId: "abc",
    name: "Web shop",
    description: "",
    status: { name: "In progress", type: "started" },
    lead: person,
    teams: { nodes: [{ id: "t-2" }, { id: "t-1" }], pageInfo: end },
    targetDate: "2026-05-01",
    startDate: "soon",
    progress: 0.25,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
  expect(Workspace.project(project)).toMatchObject({
    state: "In progress",
    stateType: "started",
    leadName: "Irina",
    teamExternalIds: ["t-1", "t-2"],
    description: null,
    targetDate: "2026-05-01",
    startDate: null,
    progress: 0.25,
  });
});
