import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Ask, NOW, workspace } from "#test/simulators/linear/asking.ts";
import { instantOf } from "#test/simulators/linear/compare.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import type { Store } from "#test/simulators/linear/store.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { type Entry, faulty } from "#test/simulators/log.ts";

let ask: Ask;
let store: Store;
let problems: () => Entry[];
const days = (n: number) => NOW.getTime() - n * 86_400_000;

beforeEach(() => {
  const made = workspace();
  ({ ask, store } = made);
  problems = () => faulty(made.world.log);
  const [delivery, design] = [...store.teams.values()];
  if (!delivery || !design) throw new Error("no teams");
  const project = Papers.addProject(store, { id: "p-1", name: "Shop", teamIds: [delivery.id, design.id] });
  const bug = Studio.addLabel(store, { name: "broken" });
  const lev = [...store.users.values()].find((one) => one.email.startsWith("lev"));
  const cycle = Studio.addCycle(store, { teamId: delivery.id, number: 4, startsAt: days(3), endsAt: days(-11) });
  const add = (title: string, rest: Partial<Verbs.NewIssue> = {}) => Verbs.createIssue(store, { teamId: delivery.id, title, ...rest });
  const old = add("old", { at: days(40), labelIds: [bug.id] });
  const late = add("late", { at: days(5), projectId: project.id, assigneeId: lev?.id ?? null, dueDate: "2026-03-01", priority: 1 });
  add("now", { at: days(0), cycleId: cycle.id, parentId: late.id, stateId: Verbs.stateOf(store, delivery.id, "started").id });
  add("drawn", { teamId: design.id, at: days(10), estimate: 3 });
  const gone = add("gone", { at: days(12) });
  Verbs.archiveIssue(store, { id: gone.id, at: days(11) });
  Verbs.addRelation(store, { issueId: old.id, relatedIssueId: late.id, type: "blocks" });
  Papers.addComment(store, { issueId: late.id, body: "Waiting for the price list", by: lev?.id ?? null, at: days(2) });
});
afterEach(() => expect(problems()).toEqual([]));

const titles = async (filter: unknown, rest = "") => {
  const { data, errors } = await ask(`query($filter: IssueFilter) { issues(filter: $filter ${rest}) { nodes { title } } }`, { filter });
  if (errors) throw new Error(errors[0]?.message);
  return data.issues?.nodes.map((one) => one.title).sort();
};

describe("issues by filter", () => {
  test("without one: all that is not archived", async () => {
    expect(await titles(undefined)).toEqual(["drawn", "late", "now", "old"]);
    expect(await titles(undefined, "includeArchived: true")).toEqual(["drawn", "gone", "late", "now", "old"]);
  });

  test.each([
    [{ createdAt: { gte: new Date(days(10)).toISOString() } }, ["drawn", "late", "now"]],
    [{ createdAt: { gt: new Date(days(10)).toISOString() } }, ["late", "now"]],
    [{ updatedAt: { gte: "-P6D" } }, ["late", "now"]],
    [{ updatedAt: { lt: "-P6DT1H" } }, ["drawn", "old"]],
    [{ createdAt: { in: [new Date(days(5)).toISOString()] } }, ["late"]],
    [{ team: { key: { eq: "DSN" } } }, ["drawn"]],
    [{ project: { id: { in: ["p-1"] } } }, ["late"]],
    [{ project: { null: true } }, ["drawn", "now", "old"]],
    [{ state: { type: { in: ["started", "completed"] } } }, ["now"]],
    [{ state: { name: { eqIgnoreCase: "backlog" } } }, ["drawn", "late", "old"]],
    [{ assignee: { email: { startsWith: "lev" } } }, ["late"]],
    [{ assignee: { null: true } }, ["drawn", "now", "old"]],
    [{ labels: { name: { eq: "broken" } } }, ["old"]],
    [{ labels: { some: { name: { contains: "rok" } } } }, ["old"]],
    [{ labels: { every: { name: { eq: "other" } } } }, ["drawn", "late", "now"]],
    [{ labels: { length: { eq: 0 } } }, ["drawn", "late", "now"]],
    [{ hasBlockedByRelations: { eq: true } }, ["late"]],
    [{ hasBlockingRelations: { eq: true } }, ["old"]],
    [{ cycle: { isActive: { eq: true } } }, ["now"]],
    [{ parent: { title: { eq: "late" } } }, ["now"]],
    [{ children: { title: { eq: "now" } } }, ["late"]],
    [{ comments: { body: { containsIgnoreCase: "PRICE" } } }, ["late"]],
    [{ dueDate: { lt: "2026-03-02" } }, ["late"]],
    [{ dueDate: { gte: "-P9D", lte: "P1D" } }, ["late"]],
    [{ priority: { lte: 1, gt: 0 } }, ["late"]],
    [{ estimate: { null: false } }, ["drawn"]],
    [{ number: { in: [1, 2] } }, ["drawn", "late", "old"]],
    [{ title: { nin: ["old", "now"] } }, ["drawn", "late"]],
    [{ or: [{ title: { eq: "old" } }, { title: { eq: "now" } }] }, ["now", "old"]],
    [{ and: [{ title: { neq: "old" } }, { team: { key: { eq: "DEL" } } }] }, ["late", "now"]],
    [{ team: { key: { eq: "DEL" } }, createdAt: { gte: "-P1D" } }, ["now"]],
  ])("%j", async (filter, expected) => {
    expect(await titles(filter)).toEqual(expected);
  });

  test("what is archived is found by when it was", async () => {
    expect(await titles({ archivedAt: { gte: "-P11D" } }, "includeArchived: true")).toEqual(["gone"]);
    expect(await titles({ archivedAt: { null: true } }, "includeArchived: true")).toEqual(["drawn", "late", "now", "old"]);
  });

  test("a date that is none is invalid input", async () => {
    const { status, errors } = await ask(`{ issues(filter: { updatedAt: { gte: "yesterday" } }) { nodes { id } } }`);
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
    expect(problems().map((one) => one.verdict)).toEqual(["invalid"]);
    problems = () => [];
  });
});

test("lists of a row take filters too, and comments are found by their issue's", async () => {
  const { data } = await ask(
    `{ comments(filter: { issue: { team: { key: { eq: "DEL" } } }, updatedAt: { gte: "-P3D" } }) { nodes { body user { name } } }
       projects { nodes { issues(filter: { title: { eq: "late" } }) { nodes { title } } none: issues(filter: { title: { eq: "old" } }) { nodes { id } } } } }`,
  );
  expect(data.comments?.nodes).toEqual([{ body: "Waiting for the price list", user: { name: "Лев Орлов" } }]);
  expect(data.projects?.nodes).toEqual([{ issues: { nodes: [{ title: "late" }] }, none: { nodes: [] } }]);
});

test("durations are counted from now, back where they have a minus", () => {
  const now = Date.parse("2026-03-31T10:00:00Z");
  const at = (text: string) => new Date(instantOf(text, now) ?? Number.NaN).toISOString();
  expect(at("-P1D")).toBe("2026-03-30T10:00:00.000Z");
  expect(at("P2W")).toBe("2026-04-14T10:00:00.000Z");
  expect(at("-PT90M")).toBe("2026-03-31T08:30:00.000Z");
  expect(at("-P1Y")).toBe("2025-03-31T10:00:00.000Z");
  expect([instantOf("P", now), instantOf("PT", now), instantOf("tomorrow", now)]).toEqual([undefined, undefined, undefined]);
});
