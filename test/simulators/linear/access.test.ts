import { expect, test } from "vitest";
import { workspace } from "#test/simulators/linear/asking.ts";
import { faulty } from "#test/simulators/log.ts";

const COUNTS = `{
  teams { nodes { key } } projects { nodes { id } } issues(first: 250, includeArchived: true) { nodes { id } }
  comments(first: 250) { nodes { issue { team { key } } } } workflowStates { nodes { id } }
}`;

test("who sees what: an administrator all, others their teams", async () => {
  const { ask, world } = workspace({ size: "small" });
  const seen = async (token: string) => {
    const { data } = await ask(COUNTS, {}, token);
    return [data.teams?.nodes.map((one) => one.key).sort(), data.issues?.nodes.length, data.workflowStates?.nodes.length];
  };
  const rows = [...world.store.issues.values()];
  const of = (key: string) => rows.filter((one) => world.store.teams.get(one.teamId)?.key === key).length;
  expect(await seen(world.tokens.admin)).toEqual([["DEL", "DSN"], rows.length, 16]);
  expect(await seen(`Bearer ${world.tokens.oauth}`)).toEqual([["DEL", "DSN"], rows.length, 16]);
  expect(await seen(world.tokens.member)).toEqual([["DEL"], of("DEL"), 8]);
  expect(await seen(world.tokens.guest)).toEqual([["DSN"], of("DSN"), 8]);
  expect(await seen(world.tokens.half)).toEqual([["DEL"], of("DEL"), 8]);
  const { data } = await ask(COUNTS, {}, world.tokens.half);
  expect(new Set(data.comments?.nodes.map((one) => (one.issue as { team: { key: string } }).team.key))).toEqual(new Set(["DEL"]));
  expect(faulty(world.log)).toEqual([]);
});

test("a token loses half of its rights, or all of them, between two requests", async () => {
  const { ask, control, world } = workspace({ size: "small" });
  const mutate = (verb: string) =>
    control.request("/_sim/mutate", { method: "POST", body: JSON.stringify({ verb, args: { token: world.tokens.admin } }) });
  const issues = async () => (await ask("{ issues(first: 250, includeArchived: true) { nodes { id } } }")).data?.issues?.nodes.length;
  const before = await issues();
  await mutate("narrowToken");
  expect(await issues()).toBeLessThan(before ?? 0);
  const hidden = [...world.store.issues.values()].find((one) => world.store.teams.get(one.teamId)?.key === "DSN");
  expect((await ask(`{ issue(id: "${hidden?.id}") { id } }`)).errors?.[0]?.message).toBe("Entity not found: Issue");
  await mutate("restoreToken");
  expect(await issues()).toBe(before);
  await mutate("revokeToken");
  const { status, errors } = await ask("{ viewer { id } }");
  expect([status, errors?.[0]?.extensions]).toMatchObject([401, { code: "AUTHENTICATION_ERROR", type: "authentication error" }]);
});

test("a personal key goes without Bearer, an application's token with it", async () => {
  const { ask, world } = workspace();
  const asked = async (authorization: string) => {
    const { status, errors } = await ask("{ viewer { name } }", {}, authorization);
    return [status, errors?.[0]?.extensions.code];
  };
  expect(await asked(world.tokens.admin)).toEqual([200, undefined]);
  expect(await asked(`Bearer ${world.tokens.admin}`)).toEqual([400, "INPUT_ERROR"]);
  expect(await asked(`Bearer ${world.tokens.oauth}`)).toEqual([200, undefined]);
  expect(await asked(world.tokens.oauth)).toEqual([401, "AUTHENTICATION_ERROR"]);
  expect(await asked("")).toEqual([401, "AUTHENTICATION_ERROR"]);
});

test("what is no request is Linear's to refuse, and what the simulator lacks is its own fault", async () => {
  const { app, ask, world, raw } = workspace();
  expect((await app.request("/graphql")).status).toBe(404);
  expect((await raw("{ issues { nodes { ")).status).toBe(400);
  expect((await ask("{ issues { nodes { blockedByIssues { id } } } }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  expect((await ask("query($n: Int) { issues(first: $n) { nodes { id } } }", { n: "many" })).status).toBe(400);
  expect(faulty(world.log).map((one) => one.verdict)).toEqual(["invalid", "invalid", "invalid", "invalid"]);
  // The vendor has it, the simulator has not; without the vendor's schema at hand nobody could tell.
  const missing = await ask("{ customers { nodes { id } } }");
  expect(missing.status).toBeGreaterThanOrEqual(400);
  expect(faulty(world.log).at(-1)?.verdict).toMatch(/sim-drift|invalid/);
});

test("without the vendor's schema the simulator's part of it judges alone", async () => {
  const { ask, world } = workspace({ validate: false, size: "small" });
  expect((await ask(COUNTS)).status).toBe(200);
  expect((await ask("{ customers { nodes { id } } }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  expect(faulty(world.log).map((one) => one.verdict)).toEqual(["invalid"]);
});
