import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ask, NOW, workspace } from "#test/simulators/linear/asking.ts";
import type { World } from "#test/simulators/linear/world.ts";
import { faulty } from "#test/simulators/log.ts";

let world: World;
let ask: Ask;
let control: (path: string, body: unknown) => Promise<Response>;
beforeEach(() => {
  const made = workspace();
  ({ world, ask } = made);
  control = async (path, body) => made.control.request(`/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
});
afterEach(() => expect(faulty(world.log)).toEqual([]));

const verb = async (name: string, args: Record<string, unknown>) => {
  const answer = await control("mutate", { verb: name, args });
  const body = (await answer.json()) as { results: { id: string }[]; error?: string };
  if (body.error) throw new Error(body.error);
  return body.results[0] as { id: string } & Record<string, unknown>;
};
const at = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();
const teams = () => [...world.store.teams.values()] as unknown as [{ id: string }, { id: string }];
const seen = async (id: string) => {
  const fields = "identifier number updatedAt archivedAt trashed state { type } team { key } cycle { number } previousIdentifiers";
  const { data } = await ask(`query($id: String!) { issue(id: $id) { ${fields} labels { nodes { name } } } }`, { id });
  return data?.issue as unknown as Record<string, unknown> | undefined;
};

test("a verb with a time of its own, and what moves updatedAt", async () => {
  const [{ id: teamId }] = teams();
  const { id } = await verb("createIssue", { teamId, title: "Something", at: at(-3) });
  const updated = async () => (await seen(id))?.updatedAt;
  expect(await updated()).toBe(at(-3));
  await verb("addComment", { issueId: id, body: "hello", at: at(-2) });
  const other = await verb("createIssue", { teamId, title: "Other", at: at(-2) });
  const relation = await verb("addRelation", { issueId: other.id, relatedIssueId: id, type: "blocks" });
  await verb("removeRelation", { id: relation.id });
  await verb("editIssue", { id, title: "Something", at: at(-1) });
  // Neither a comment, nor a relation, nor an edit that changes nothing.
  expect(await updated()).toBe(at(-3));
  await verb("editIssue", { id, title: "Something else", at: at(-1) });
  expect(await updated()).toBe(at(-1));
  await verb("archiveIssue", { id });
  expect(await updated()).toBe(at(0));
});

test("an issue in another team has another number, a state of the same type and no cycle, and is found by both names", async () => {
  const [delivery, design] = teams();
  const cycle = await verb("addCycle", { teamId: delivery.id, number: 3, startsAt: NOW.getTime(), endsAt: NOW.getTime() + 1 });
  const { id } = await verb("createIssue", { teamId: delivery.id, title: "Move me", cycleId: cycle.id });
  await verb("editIssue", { id, teamId: design.id });
  const moved = await seen("DEL-1");
  expect(moved).toMatchObject({ identifier: "DSN-1", team: { key: "DSN" }, state: { type: "backlog" }, cycle: null });
  expect(moved?.previousIdentifiers).toEqual(["DEL-1"]);
  expect(await seen("DSN-1")).toEqual(moved);
});

test("states set their stamps, and leaving them takes them back", async () => {
  const [{ id: teamId }] = teams();
  const { id } = await verb("createIssue", { teamId, title: "Work" });
  const states = [...world.store.workflowStates.values()].filter((one) => one.teamId === teamId);
  const to = (name: string, days: number) => verb("editIssue", { id, stateId: states.find((one) => one.name === name)?.id, at: at(days) });
  const stamps = () => {
    const { startedAt, completedAt, canceledAt } = world.store.issues.get(id) as never as Record<string, number | null>;
    return [startedAt, completedAt, canceledAt].map((one) => (one == null ? one : new Date(one).toISOString()));
  };
  await to("In Progress", 1);
  await to("Done", 2);
  expect(stamps()).toEqual([at(1), at(2), null]);
  await to("In Review", 3);
  expect(stamps()).toEqual([at(1), null, null]);
  await to("Duplicate", 4);
  expect(stamps()).toEqual([at(1), null, at(4)]);
  await to("Todo", 5);
  expect(stamps()).toEqual([null, null, null]);
  const { data } = await ask(`{ issue(id: "${id}") { history { nodes { fromState { name } toState { name } createdAt } } } }`);
  const { nodes } = (data.issue as unknown as { history: { nodes: unknown[] } }).history;
  expect(nodes[0]).toEqual({ fromState: { name: "Duplicate" }, toState: { name: "Todo" }, createdAt: at(5) });
  expect(nodes.length).toBe(5);
});

test("the trash keeps, and deleting for good takes comments and relations along", async () => {
  const [{ id: teamId }] = teams();
  const { id } = await verb("createIssue", { teamId, title: "Unwanted" });
  const other = await verb("createIssue", { teamId, title: "Wanted" });
  await verb("addComment", { issueId: id, body: "why" });
  await verb("addRelation", { issueId: id, relatedIssueId: other.id, type: "related" });
  await verb("trashIssue", { id });
  expect(await seen(id)).toMatchObject({ trashed: true, archivedAt: at(0) });
  const ids = async (rest: string) => (await ask(`{ issues${rest} { nodes { id } } }`)).data.issues?.nodes.map((one) => one.id);
  expect(await ids("")).toEqual([other.id]);
  expect(await ids("(includeArchived: true)")).toHaveLength(2);
  await verb("unarchiveIssue", { id });
  expect(await ids("")).toHaveLength(2);
  await verb("trashIssue", { id, at: at(-29) });
  await verb("emptyTrash", {});
  expect(await ids("(includeArchived: true)")).toHaveLength(2);
  await verb("emptyTrash", { at: at(2) });
  expect(await ids("(includeArchived: true)")).toEqual([other.id]);
  expect([world.store.comments.size, world.store.issueRelations.size]).toEqual([0, 0]);
  const gone = await ask(`{ issue(id: "${id}") { id } }`);
  expect([gone.status, gone.errors?.[0]?.message, gone.data]).toEqual([200, "Entity not found: Issue", null]);
});

test("mutations answer for what they refuse", async () => {
  const [{ id: teamId }] = teams();
  const create = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id labels { nodes { name } } } } }";
  const label = [...world.store.issueLabels.values()].find((one) => one.name === "bug")?.id ?? "";
  const made = await ask(create, { input: { teamId, title: "One", labelIds: [label] } });
  const { issue } = made.data.issueCreate as unknown as { issue: { id: string; labels: unknown } };
  expect(issue.labels).toEqual({ nodes: [{ name: "bug" }] });
  const refused = async (input: unknown) => (await ask(create, { input })).errors?.[0]?.extensions.code;
  expect(await refused({ teamId, title: " " })).toBe("INPUT_ERROR");
  expect(await refused({ teamId: "nowhere", title: "x" })).toBe("INPUT_ERROR");
  expect(await refused({ teamId, title: "x", id: "1" })).toBe("INPUT_ERROR");
  expect(await refused({ teamId, title: "x", labelIds: ["nothing"] })).toBe("INPUT_ERROR");
  expect(await refused({ teamId, title: "x", stateId: teamId })).toBe("INPUT_ERROR");
  const update =
    "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { issue { labelIds assignee { name } } } }";
  const edited = await ask(update, {
    id: issue.id,
    input: { removedLabelIds: [label], assigneeId: world.store.users.keys().next().value },
  });
  expect(edited.data.issueUpdate).toEqual({ issue: { labelIds: [], assignee: { name: "Irina Sokolova" } } });
  const forGood = `mutation { issueDelete(id: "${issue.id}", permanentlyDelete: true) { success } }`;
  expect((await ask(forGood, {}, world.tokens.member)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("projects and documents are edited, and comments edited and deleted", async () => {
  const [{ id: teamId }] = teams();
  const project = await verb("addProject", { name: "Shop", teamIds: [teamId] });
  const document = await verb("addDocument", { title: "Brief", content: "old", projectId: project.id, at: at(-9) });
  const { id } = await verb("createIssue", { teamId, title: "Talk", projectId: project.id });
  const comment = await verb("addComment", { issueId: id, body: "old" });
  const done = await ask(
    `mutation { projectUpdate(id: "${project.id}", input: { name: "Store", targetDate: "2026-06-01" }) { project { name targetDate } }
       documentUpdate(id: "${document.id}", input: { content: "new" }) { document { content updatedAt updatedBy { name } } }
       commentUpdate(id: "${comment.id}", input: { body: "new" }) { comment { body editedAt } } }`,
  );
  expect(done.errors).toBeUndefined();
  expect(done.data).toEqual({
    projectUpdate: { project: { name: "Store", targetDate: "2026-06-01" } },
    documentUpdate: { document: { content: "new", updatedAt: at(0), updatedBy: { name: "Irina Sokolova" } } },
    commentUpdate: { comment: { body: "new", editedAt: at(0) } },
  });
  await ask(`mutation { commentDelete(id: "${comment.id}") { success entityId } }`);
  expect((await ask("{ comments { nodes { id } } }")).data.comments?.nodes).toEqual([]);
  const [, { id: design }] = teams();
  await verb("addDocument", { title: "Notes", issueId: id });
  await verb("addDocument", { title: "Habits", teamId: design });
  const own = await ask(`{ issue(id: "${id}") { documents { nodes { title issue { identifier } team { id } } } } }`);
  expect(own.data.issue).toEqual({ documents: { nodes: [{ title: "Notes", issue: { identifier: "DEL-1" }, team: null }] } });
  const titles = async (filter: unknown, token?: string) => {
    const { data } = await ask("query($f: DocumentFilter) { documents(filter: $f) { nodes { title } } }", { f: filter }, token);
    return data.documents?.nodes.map((one) => one.title).sort();
  };
  expect(await titles({ issue: { id: { eq: id } } })).toEqual(["Notes"]);
  expect(await titles({ team: { id: { eq: design } } })).toEqual(["Habits"]);
  expect(await titles({}, world.tokens.half)).toEqual(["Brief", "Notes"]);
  await verb("trashDocument", { id: document.id });
  const { data } = await ask("{ documents(includeArchived: true) { nodes { title trashed } } }");
  expect(data.documents?.nodes).toContainEqual({ title: "Brief", trashed: true });
  expect(await titles({})).toEqual(["Habits", "Notes"]);
});
