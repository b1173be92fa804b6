import { afterEach, beforeEach, expect, test } from "vitest";
import * as Secret from "#core/connectors/secret.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { listen, type Server } from "#local/server.ts";
import { mirror, upstream } from "#test/mirror-linear.ts";
import * as Papers from "#test/simulators/linear/papers.ts";
import { addWebhook } from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { arm, settled } from "#test/simulators/postman.ts";
import { startTasks, type Tasks, task, workspaces } from "#test/tasks.ts";

const TYPES = ["Issue", "Comment", "Project", "Document"];

workspaces();
let server: Server;
beforeEach(async () => {
  server = await listen("127.0.0.1", 0);
});
afterEach(() => server.close());

/** A workspace whose first cycle is done, and which tells the product's port of what happens. */
async function subscribed(): Promise<{ w: Tasks; arrive: () => Promise<void> }> {
  const w = await startTasks(1);
  task(w, { title: "Before" });
  await w.bind(0);
  await w.run("connectors_sync_cycle");
  const { secret } = addWebhook(w.sim.store, { url: `${server.url}/webhooks/linear/${w.connectionId}`, resourceTypes: TYPES });
  const sealed = Secret.seal(secret, Secret.forWebhooks(w.connectionId));
  await systemSql`update connections set webhook_secret = ${sealed} where id = ${w.connectionId}`;
  const arrive = async () => {
    await settled(w.sim.postman);
    await w.work();
  };
  return { w, arrive };
}
const outcomes = async () =>
  (await systemSql<{ event: string; outcome: string }[]>`select event, outcome from webhook_deliveries`)
    .map(({ event, outcome }) => `${event} ${outcome}`)
    .toSorted();

test("a new issue, its comment, its project and its document are here once their webhooks have come, without a cycle", async () => {
  const { w, arrive } = await subscribed();
  const project = Papers.addProject(w.sim.store, { name: "Каталог", teamIds: [w.team(0)] });
  const issue = Verbs.createIssue(w.sim.store, { teamId: w.team(0), title: "Не грузится 🛒", projectId: project.id });
  await arrive();
  Papers.addComment(w.sim.store, { issueId: issue.id, body: "Проверяю" });
  Papers.addDocument(w.sim.store, { title: "План", content: "…", projectId: project.id });
  await arrive();
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
  expect(await outcomes()).toEqual(["Comment.create hinted", "Document.create hinted", "Issue.create hinted", "Project.create hinted"]);
});

test("deliveries that are doubled, late, forged, stale, unknown, huge or lost do no harm; what is missed comes with the cycle", async () => {
  const { w, arrive } = await subscribed();
  const { postman } = w.sim;
  // The vendor's next attempt would be a minute later.
  postman.options.attempts = 1;
  const edit = (title: string) => Verbs.editIssue(w.sim.store, { id: [...w.sim.store.issues.keys()][0] ?? "", title });
  const titles = () => transaction(w.scope(0), () => sql<{ title: string }[]>`select title from linear_issues_raw`);
  arm(postman, { kind: "duplicate" });
  edit("doubled");
  await arrive();
  arm(postman, { kind: "reorder" });
  edit("held back");
  edit("reordered");
  await arrive();
  expect(await titles()).toEqual([{ title: "reordered" }]);
  expect((await outcomes()).length).toBe(3);
  for (const trouble of [
    { kind: "badSignature" },
    { kind: "staleTimestamp", seconds: 90 },
    { kind: "unknownEvent" },
    { kind: "huge", bytes: 5_500_000 },
    { kind: "drop" },
  ] as const) {
    arm(postman, { ...trouble, times: 1 });
    edit(trouble.kind);
    await arrive();
    expect(await titles()).toEqual([{ title: "reordered" }]);
  }
  expect(await outcomes()).toEqual(["Constellation.align ignored", ...Array(3).fill("Issue.update hinted")]);
  await w.run("connectors_sync_cycle");
  expect(await mirror(w.scope(0))).toEqual(upstream(w.sim.store));
});
