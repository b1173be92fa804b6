import { LinearClient, LinearErrorType, LinearDocument as SDK } from "@linear/sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { NOW } from "#test/simulators/linear/asking.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import { type Running, startLinear } from "#test/simulators/linear/server.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { clear, faulty } from "#test/simulators/log.ts";

let sim: Running;
let client: LinearClient;
beforeAll(async () => {
  sim = await startLinear({ size: "small", now: () => NOW });
  client = new LinearClient({ apiKey: sim.tokens.admin, apiUrl: `${sim.baseUrl}/graphql` });
});
afterEach(() => {
  expect(faulty(sim.log)).toEqual([]);
  clear(sim.log);
});
afterAll(() => sim.close());

test("Linear's own client reads all issues over pages, archived ones too", async () => {
  const page = await client.issues({ first: 30, includeArchived: true, orderBy: SDK.PaginationOrderBy.UpdatedAt });
  while (page.pageInfo.hasNextPage) await page.fetchNext();
  expect(page.nodes.length).toBe(sim.store.issues.size);
  expect(new Set(page.nodes.map((one) => one.id)).size).toBe(sim.store.issues.size);
  const stamps = page.nodes.map((one) => one.updatedAt.getTime());
  expect(stamps).toEqual(stamps.toSorted((a, b) => b - a));
  const open = await client.paginate(client.issues.bind(client) as never, { first: 100 });
  expect(open.length).toBe([...sim.store.issues.values()].filter((one) => one.archivedAt === null).length);
  expect(sim.log.entries.map((one) => one.route)).toContain("query issues");
});

test("it follows relations, comments, labels, history and every object of an issue", async () => {
  const blocked = [...sim.store.issues.values()].find((one) => one.title === "Gift cards at checkout");
  const issue = await client.issue(blocked?.id ?? "");
  const { nodes } = await issue.inverseRelations();
  expect(nodes.map((one) => one.type)).toEqual(["blocks"]);
  expect((await nodes[0]?.issue)?.title).toBe("Payment provider contract for Oakline");
  const state = await issue.state;
  const project = await issue.project;
  const comments = await issue.comments();
  expect([state?.type, project?.name, (await issue.assignee)?.name]).toEqual(["unstarted", "Oakline web shop", "Tom Whitfield"]);
  expect((await comments.nodes[0]?.user)?.name).toBe("Tom Whitfield");
  expect((await issue.labels()).nodes.map((one) => one.name).sort()).toEqual(["oakline", "scope"]);
  expect((await (await issue.team)?.states())?.nodes.map((one) => one.type)).toContain("duplicate");
  const done = [...sim.store.issues.values()].find((one) => one.completedAt !== null);
  const history = await (await client.issue(done?.id ?? "")).history();
  expect(history.nodes.some((one) => one.toStateId === done?.stateId)).toBe(true);
});

test("it reads the workspace around them", async () => {
  const [teams, users, states, cycles, projects, statuses, labels, documents, me] = await Promise.all([
    client.teams(),
    client.users(),
    client.workflowStates(),
    client.cycles({ filter: { isActive: { eq: true } } }),
    client.projects(),
    client.projectStatuses(),
    client.issueLabels(),
    client.documents(),
    client.viewer,
  ]);
  expect(teams.nodes.map((one) => one.key).sort()).toEqual(["DEL", "DSN"]);
  expect([users.nodes.length, states.nodes.length, cycles.nodes.length]).toEqual([7, 16, 2]);
  expect([projects.nodes.length, statuses.nodes.length, documents.nodes.length]).toEqual([4, 6, 8]);
  expect(labels.nodes.find((one) => one.name === "tulpar")?.parentId).toBeDefined();
  expect([me.name, me.admin]).toEqual(["Irina Sokolova", true]);
  expect((await (await client.project(projects.nodes[0]?.id ?? "")).status)?.name).toBe("In Progress");
  expect([(await client.organization).name, (await me.organization).urlKey]).toEqual(["Foxglove Studio", "foxglove"]);
  expect((await client.rateLimitStatus).limits.length).toBe(2);
});

test("it writes: an issue, its edit, a comment, a relation, the trash", async () => {
  const [team] = (await client.teams({ filter: { key: { eq: "DEL" } } })).nodes;
  const id = "0d9f5a3e-6b0c-4c4e-9d1c-0f6f2d9f3b11";
  const made = await client.createIssue({ id, teamId: team?.id ?? "", title: "Written by the client", description: "**Bold**" });
  const again = await client.createIssue({ id, teamId: team?.id ?? "", title: "Written by the client" });
  expect([made.success, made.issueId, again.issueId]).toEqual([true, id, id]);
  await client.updateIssue(id, { priority: 2, dueDate: "2026-04-01" });
  const comment = await client.createComment({ issueId: id, body: "First" });
  expect((await (await comment.comment)?.issue)?.title).toBe("Written by the client");
  const other = Verbs.createIssue(sim.store, { teamId: team?.id ?? "", title: "Another" });
  await client.createIssueRelation({ issueId: other.id, relatedIssueId: id, type: SDK.IssueRelationType.Blocks });
  const issue = await client.issue(id);
  expect([issue.priorityLabel, issue.dueDate, issue.title]).toEqual(["High", "2026-04-01", "Written by the client"]);
  expect((await issue.inverseRelations()).nodes.length).toBe(1);
  await client.deleteIssue(id);
  expect((await client.issue(id)).trashed).toBe(true);
  await client.deleteIssue(id, { permanentlyDelete: true });
  await expect(client.issue(id)).rejects.toMatchObject({ type: LinearErrorType.InvalidInput });
  expect(Papers.addComment(sim.store, { issueId: other.id, body: "still here" }).body).toBe("still here");
});

test("it understands the refusals", async () => {
  await expect(client.issues({ first: 251 })).rejects.toMatchObject({ type: LinearErrorType.InvalidInput });
  const stranger = new LinearClient({ apiKey: "lin_api_of_nobody", apiUrl: `${sim.baseUrl}/graphql` });
  await expect(stranger.viewer).rejects.toMatchObject({ type: LinearErrorType.AuthenticationError, status: 401 });
  const app = new LinearClient({ accessToken: sim.tokens.oauth, apiUrl: `${sim.baseUrl}/graphql` });
  expect((await app.viewer).name).toBe("Irina Sokolova");
  const unknown = client.client.rawRequest("{ issues(first: 1) { nodes { blockedByIssues { id } } } }");
  await expect(unknown).rejects.toMatchObject({ type: LinearErrorType.GraphqlError, status: 400 });
  expect(faulty(sim.log).map((one) => one.verdict)).toEqual(["invalid"]);
  clear(sim.log);
});
