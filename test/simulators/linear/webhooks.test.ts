import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LINEAR_WEBHOOK_SIGNATURE_HEADER, LinearWebhookClient } from "@linear/sdk/webhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ask, workspace } from "#test/simulators/linear/asking.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import type { Store } from "#test/simulators/linear/store.ts";
import * as Studio from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { arm, type Postman, settled, type Trouble } from "#test/simulators/postman.ts";

const SECRET = "lin_wh_test";
type Got = { body: string; headers: Record<string, string | string[] | undefined>; parsed: Record<string, unknown> };
let got: Got[];
let statuses: number[];
let server: Server;
let store: Store;
let postman: Postman;
let ask: Ask;
let teamId: string;

beforeEach(async () => {
  got = [];
  statuses = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      got.push({ body, headers: request.headers, parsed: JSON.parse(body) as Got["parsed"] });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Linear's receiver believes nothing that is not of this minute.
  const made = workspace({ now: () => new Date() });
  ({ store, ask } = made);
  postman = made.world.postman;
  postman.options.retryMs = 1;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  Studio.addWebhook(store, { url, resourceTypes: ["Issue", "Comment", "Project", "Document"], secret: SECRET });
  teamId = [...store.teams.keys()][0] ?? "";
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const client = new LinearWebhookClient(SECRET);
const verified = (one: Got | undefined) =>
  client.verify(Buffer.from(one?.body ?? ""), String(one?.headers[LINEAR_WEBHOOK_SIGNATURE_HEADER]));

test("signed as Linear's own receiver wants it, with what changed and who changed it", async () => {
  const by = [...store.users.keys()][0] ?? null;
  const issue = Verbs.createIssue(store, { teamId, title: "Hello", by });
  Verbs.editIssue(store, { id: issue.id, title: "Goodbye", dueDate: "2026-04-01", by });
  Verbs.trashIssue(store, { id: issue.id });
  await settled(postman);
  expect(got.map((one) => [one.parsed.action, one.parsed.type]).sort()).toEqual([
    ["create", "Issue"],
    ["remove", "Issue"],
    ["update", "Issue"],
  ]);
  const update = got.find((one) => one.parsed.action === "update");
  expect(verified(update)).toBe(true);
  expect(update?.headers).toMatchObject({ "linear-event": "Issue", "linear-delivery": expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(update?.parsed).toMatchObject({
    data: { title: "Goodbye", identifier: "DEL-1", dueDate: "2026-04-01", team: { key: "DEL" }, state: { type: "backlog" }, labels: [] },
    updatedFrom: { title: "Hello", dueDate: null },
    actor: { name: "Irina Sokolova", type: "user" },
    organizationId: store.organization.id,
    webhookTimestamp: expect.any(Number),
  });
  expect(() => client.parseData(Buffer.from(update?.body ?? ""), String(update?.headers[LINEAR_WEBHOOK_SIGNATURE_HEADER]))).not.toThrow();
});

test("comments, projects and documents are told of; relations and states are not", async () => {
  const issue = Verbs.createIssue(store, { teamId, title: "One" });
  const other = Verbs.createIssue(store, { teamId, title: "Two" });
  const comment = Papers.addComment(store, { issueId: issue.id, body: "hi" });
  Papers.deleteComment(store, { id: comment.id });
  const project = Papers.addProject(store, { name: "Shop", teamIds: [teamId] });
  Papers.editDocument(store, { id: Papers.addDocument(store, { title: "Brief", projectId: project.id }).id, title: "Brief 2" });
  Verbs.addRelation(store, { issueId: issue.id, relatedIssueId: other.id, type: "blocks" });
  Studio.editState(store, { id: issue.stateId, name: "Later" });
  await settled(postman);
  const told = got.map((one) => `${one.parsed.type} ${one.parsed.action}`).sort();
  expect(told).toEqual([
    "Comment create",
    "Comment remove",
    "Document create",
    "Document update",
    "Issue create",
    "Issue create",
    "Project create",
  ]);
});

test("what is not answered with 200 is sent again, newly dated, and at last given up", async () => {
  statuses = [500, 302, 200];
  Verbs.createIssue(store, { teamId, title: "Again" });
  await settled(postman);
  expect(got.length).toBe(3);
  expect(new Set(got.map((one) => one.headers["linear-delivery"])).size).toBe(1);
  statuses = Array.from({ length: 20 }, () => 503);
  Verbs.createIssue(store, { teamId, title: "Never" });
  await settled(postman);
  expect(got.length).toBe(3 + postman.options.attempts);
});

test.each<[Trouble, (found: Got[]) => unknown, unknown]>([
  [
    { kind: "duplicate" },
    (found) => found.map((one) => one.headers["linear-delivery"] === found[0]?.headers["linear-delivery"]),
    [true, true, false],
  ],
  [{ kind: "drop" }, (found) => found.map((one) => (one.parsed.data as { title: string }).title), ["second"]],
  [{ kind: "reorder" }, (found) => found.map((one) => (one.parsed.data as { title: string }).title), ["second", "first"]],
  [{ kind: "delay", ms: 60 }, (found) => found.map((one) => (one.parsed.data as { title: string }).title), ["second", "first"]],
  [{ kind: "badSignature" }, (found) => signatures(found), [false, true]],
  [{ kind: "staleTimestamp", seconds: 120 }, (found) => signatures(found), [false, true]],
  [{ kind: "unknownEvent" }, (found) => found.map((one) => one.parsed.type), ["Constellation", "Issue"]],
  [{ kind: "huge", bytes: 5_300_000 }, (found) => found.map((one) => one.body.length > 5 * 1_024 * 1_024), [true, false]],
])("webhook trouble: $kind", async (trouble, look, expected) => {
  arm(postman, trouble);
  Verbs.createIssue(store, { teamId, title: "first" });
  if (trouble.kind !== "reorder" && trouble.kind !== "delay") await settled(postman);
  Verbs.createIssue(store, { teamId, title: "second" });
  await settled(postman);
  expect(look(got)).toEqual(expected);
});

function signatures(found: readonly Got[]): boolean[] {
  return found.map((one) => {
    try {
      return verified(one);
    } catch {
      return false;
    }
  });
}

test("made by a mutation, its secret is told once to whoever may make it", async () => {
  const create = `mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) { success webhook { id enabled secret allPublicTeams } } }`;
  const input = { url: "http://127.0.0.1:9/none", resourceTypes: ["Comment"], teamId };
  const { data } = await ask(create, { input });
  expect(data.webhookCreate).toMatchObject({
    success: true,
    webhook: { enabled: true, allPublicTeams: false, secret: expect.stringMatching(/^lin_wh_/) },
  });
  expect((await ask(create, { input }, "lin_api_simulated_member")).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});
