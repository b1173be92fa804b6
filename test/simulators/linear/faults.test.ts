import { afterEach, describe, expect, test } from "vitest";
import { arm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import { NOW, workspace } from "#test/simulators/linear/asking.ts";
import { type Options, startLinear } from "#test/simulators/linear/server.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { type Entry, faulty } from "#test/simulators/log.ts";

let problems: () => Entry[] = () => [];
afterEach(() => expect(problems()).toEqual([]));

const PAGE =
  "query P($after: String) { issues(first: 2, after: $after) { nodes { id title state { type } } pageInfo { hasNextPage endCursor } } }";
function six(fault?: Fault, options: Options = {}) {
  const made = workspace(options);
  const [team] = made.store.teams.values();
  for (let n = 6; n > 0; n--)
    Verbs.createIssue(made.store, { id: `issue-${n}`, teamId: team?.id ?? "", title: `Number ${n}`, at: NOW.getTime() - n * 1_000 });
  problems = () => faulty(made.world.log);
  if (fault) arm(made.world.faults, fault);
  const page = async (after: string | null = null) => {
    const { data } = await made.ask(PAGE, { after });
    const { nodes, pageInfo } = data.issues as NonNullable<(typeof data)["issues"]>;
    return { ids: nodes.map((one) => one.id.replace("issue-", "")).join(""), after: pageInfo.endCursor, more: pageInfo.hasNextPage, nodes };
  };
  return { ...made, page };
}

describe("instead of an answer", () => {
  test("a spent budget, as Linear says it, with whatever its headers say", async () => {
    const reset = String(NOW.getTime() + 90_000);
    const { ask, world } = six({ kind: "status", status: 400, nth: 2, headers: { "x-ratelimit-requests-reset": reset } });
    const answers = [await ask(PAGE), await ask(PAGE), await ask(PAGE)];
    expect(answers.map((one) => one.status)).toEqual([200, 400, 200]);
    expect(answers[1]?.errors?.[0]?.extensions).toMatchObject({ code: "RATELIMITED", type: "ratelimited" });
    expect(answers[1]?.headers.get("x-ratelimit-requests-reset")).toBe(reset);
    expect(world.log.entries.map((one) => one.fault)).toEqual([undefined, "status", undefined]);
  });

  test("a gateway's HTML, a refused token, and one list only", async () => {
    const { raw, ask, world } = six({ kind: "status", status: 502, html: true });
    const html = await raw("{ viewer { id } }");
    expect([html.status, html.headers.get("content-type"), (await html.text()).startsWith("<html>")]).toEqual([502, "text/html", true]);
    arm(world.faults, { kind: "status", status: 401 });
    expect((await ask("{ viewer { id } }")).errors?.[0]?.extensions.code).toBe("AUTHENTICATION_ERROR");
    arm(world.faults, { kind: "status", status: 500, route: "query comments", times: 0 });
    const both = "query($comments: Boolean!) { issues { nodes { id } } comments @include(if: $comments) { nodes { id } } }";
    expect((await ask(both, { comments: false })).status).toBe(200);
    expect((await ask("{ comments { nodes { id } } }")).status).toBe(500);
    arm(world.faults, { kind: "status", status: 503, path: '"after":"' });
    expect([(await ask(PAGE, { after: null })).status, (await ask(PAGE, { after: "x" })).status]).toEqual([200, 503]);
  });
});

describe("a damaged answer", () => {
  test("cut JSON, a byte order mark and a wrong content type come with 200", async () => {
    const { raw, world } = six({ kind: "truncate" });
    const cut = await raw("{ viewer { id name } }");
    expect(cut.status).toBe(200);
    await expect(cut.json()).rejects.toThrow();
    arm(world.faults, { kind: "bom" });
    expect([...new Uint8Array(await (await raw("{ viewer { id } }")).arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    arm(world.faults, { kind: "contentType", body: "<html>maintenance</html>" });
    expect((await raw("{ viewer { id } }")).headers.get("content-type")).toBe("text/html");
  });

  test("partial data, and one stream that is forbidden", async () => {
    const forbidden = { code: "FORBIDDEN", type: "forbidden" };
    const { ask, world } = six({ kind: "graphqlError", message: "No access to this issue", at: "issues.nodes.1.state", ...forbidden });
    const partial = await ask(PAGE);
    expect([partial.status, partial.data.issues?.nodes.map((one) => one.state)]).toEqual([200, [{ type: "backlog" }, null]]);
    expect(partial.errors).toMatchObject([{ path: ["issues", "nodes", 1, "state"], extensions: forbidden }]);
    arm(world.faults, { kind: "graphqlError", message: "You need the scope", route: "query comments", times: 0, ...forbidden });
    const comments = await ask("{ comments { nodes { id } } }");
    expect([comments.status, comments.data, comments.errors?.[0]?.message]).toEqual([200, null, "You need the scope"]);
    expect((await ask(PAGE)).data.issues?.nodes.length).toBe(2);
  });

  test("values that no reader expects", async () => {
    const { page, world } = six({ kind: "patch", row: 0, key: "state.type", value: "hibernating" });
    expect((await page()).nodes[0]?.state).toEqual({ type: "hibernating" });
    arm(world.faults, { kind: "patch", row: 1, key: "title", value: ODD_TEXTS.nul });
    expect((await page()).nodes[1]?.title).toBe("before\u0000after");
    arm(world.faults, { kind: "patch", row: -1, key: "title", value: ODD_TEXTS.loneSurrogate });
    expect(String((await page()).nodes.at(-1)?.title).isWellFormed()).toBe(false);
    arm(world.faults, { kind: "pad", bytes: 5_000_000, key: "title" });
    expect(String((await page()).nodes[0]?.title).length).toBeGreaterThan(2_000_000);
    arm(world.faults, { kind: "patch", row: 0, key: "state", value: null });
    expect((await page()).nodes[0]?.state).toBeNull();
  });
});

describe("pages", () => {
  test("a row comes twice, on two pages and on one", async () => {
    const { page } = six({ kind: "duplicate", nth: 2 });
    const first = await page();
    const second = await page(first.after);
    expect([first.ids, second.ids, (await page(second.after)).ids]).toEqual(["12", "2343", "56"]);
  });

  test("an empty page and a short one lose nothing behind them", async () => {
    const { page, world } = six({ kind: "emptyPage", nth: 2 });
    const first = await page();
    const empty = await page(first.after);
    expect([empty.ids, empty.more]).toEqual(["", true]);
    expect((await page(empty.after)).ids).toBe("34");
    arm(world.faults, { kind: "shortPage", keep: 1 });
    const short = await page();
    expect([short.ids, short.more, (await page(short.after)).ids]).toEqual(["1", true, "23"]);
  });

  test("the end is told wrongly", async () => {
    const { page, world } = six({ kind: "pageInfo", endCursor: "repeat", nth: 2 });
    const first = await page();
    const second = await page(first.after);
    expect([second.ids, second.after, second.more]).toEqual(["34", first.after, true]);
    arm(world.faults, { kind: "pageInfo", endCursor: null });
    expect(await page()).toMatchObject({ after: null, more: true });
    arm(world.faults, { kind: "pageInfo", hasNextPage: false });
    expect((await page()).more).toBe(false);
  });

  test("something changes between two pages", async () => {
    const edit = { verb: "editIssue", args: { id: "issue-6", title: "Changed", at: NOW.getTime() } };
    const { ask, world } = six({ kind: "hook", nth: 2, ...edit });
    const query = PAGE.replace("first: 2", "first: 3, orderBy: updatedAt");
    const first = await ask(query);
    const second = await ask(query, { after: first.data.issues?.pageInfo.endCursor });
    // It has moved to the front, behind the reader's back.
    expect(second.data.issues?.nodes.map((one) => one.id)).toEqual(["issue-4", "issue-5"]);
    expect((await ask(query)).data.issues?.nodes[0]).toMatchObject({ id: "issue-6", title: "Changed" });
    arm(world.faults, { kind: "hook", run: () => Verbs.deleteIssue(world.store, { id: "issue-5" }), when: "after" });
    expect((await ask("{ issues { nodes { id } } }")).data.issues?.nodes.length).toBe(6);
    expect((await ask("{ issues { nodes { id } } }")).data.issues?.nodes.length).toBe(5);
  });

  test("many rows carry the same stamp, and more come with it later", async () => {
    const { ask, store } = six();
    const at = NOW.getTime() - 500;
    for (const id of ["issue-1", "issue-2", "issue-3"]) Verbs.editIssue(store, { id, priority: 1, at });
    const since = `{ issues(orderBy: updatedAt, filter: { updatedAt: { OP: "${new Date(at).toISOString()}" } }) { nodes { id } } }`;
    const found = async (op: string) => (await ask(since.replace("OP", op))).data.issues?.nodes.length;
    expect([await found("gte"), await found("gt")]).toEqual([3, 0]);
    Verbs.editIssue(store, { id: "issue-4", priority: 1, at });
    expect(await found("gte")).toBe(4);
  });
});

describe("on the wire", () => {
  test("no answer in time, and a connection cut in the middle", async () => {
    const sim = await startLinear({ size: "empty" });
    const ask = (signal?: AbortSignal) =>
      fetch(`${sim.baseUrl}/graphql`, {
        method: "POST",
        body: JSON.stringify({ query: "{ users { nodes { id name email } } }" }),
        headers: { authorization: sim.tokens.admin, "content-type": "application/json" },
        ...(signal ? { signal } : {}),
      });
    arm(sim.faults, { kind: "hang" });
    await expect(ask(AbortSignal.timeout(100))).rejects.toThrow("timeout");
    arm(sim.faults, { kind: "reset", afterBytes: 50 });
    await expect(ask().then((answer) => answer.text())).rejects.toThrow();
    arm(sim.faults, { kind: "drip", chunk: 64, everyMs: 1 });
    expect(((await (await ask()).json()) as { data: { users: { nodes: unknown[] } } }).data.users.nodes.length).toBe(7);
    await sim.close();
  });
});
