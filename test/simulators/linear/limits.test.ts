import { parse } from "graphql";
import { expect, test } from "vitest";
import { NOW, workspace } from "#test/simulators/linear/asking.ts";
import { complexity } from "#test/simulators/linear/cost.ts";
import { schema } from "#test/simulators/linear/schema.ts";

const cost = (text: string, variables = {}) => {
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== "OperationDefinition") throw new Error("no operation");
  return complexity(schema(), document, operation, variables);
};

test.each([
  ["{ viewer { id } }", {}, 2],
  ["{ viewer { id name email organization { id } } }", {}, 3],
  ["{ issues(first: 10) { nodes { id } } }", {}, 11],
  ["{ issues { nodes { id title } } }", {}, 60],
  ["query($n: Int) { issues(first: $n) { nodes { id } } }", { n: 3 }, 4],
  ["query($n: Int = 4) { issues(last: $n) { nodes { id } } }", { n: 4 }, 5],
  ["{ issues(first: 10) { nodes { id state { id } } } }", {}, 22],
  // Without `first` the inner connection counts fifty times, for each of the outer's ten.
  ["{ issues(first: 10) { nodes { id relations { nodes { type } } } } }", {}, 561],
  ["{ issues(first: 10) { nodes { ...Short } } } fragment Short on Issue { id title }", {}, 12],
])("%s costs", (text, variables, points) => {
  expect(cost(text, variables)).toBe(points);
});

test("a query of more than ten thousand points is refused, and told why", async () => {
  const { ask } = workspace();
  const nested = "{ issues(first: 250) { nodes { id relations { nodes { id type } } } } }";
  const { status, errors, headers } = await ask(nested);
  expect([status, errors?.[0]?.extensions.type]).toEqual([400, "invalid input"]);
  expect(errors?.[0]?.message).toContain("too complex");
  expect(headers.get("x-ratelimit-requests-limit")).toBeNull();
  expect((await ask(nested.replace("relations {", "relations(first: 5) {"))).status).toBe(200);
});

test("headers tell of both budgets, and when each is whole again, in milliseconds", async () => {
  const { ask } = workspace();
  const { headers } = await ask("{ issues(first: 100) { nodes { id title } } }");
  const read = (name: string) => Number(headers.get(name));
  expect(read("x-complexity")).toBe(120);
  expect([read("x-ratelimit-requests-limit"), read("x-ratelimit-requests-remaining")]).toEqual([2_500, 2_499]);
  expect([read("x-ratelimit-complexity-limit"), read("x-ratelimit-complexity-remaining")]).toEqual([3_000_000, 2_999_880]);
  expect(read("x-ratelimit-requests-reset")).toBe(NOW.getTime() + 1_440);
  expect(read("x-ratelimit-complexity-reset")).toBe(NOW.getTime() + 144);
  const { world, ask: byApp } = workspace();
  const app = await byApp("{ viewer { id } }", {}, `Bearer ${world.tokens.oauth}`);
  expect([app.headers.get("x-ratelimit-requests-limit"), app.headers.get("x-ratelimit-complexity-limit")]).toEqual(["5000", "2000000"]);
});

test("a spent budget answers 400 RATELIMITED, and leaks full again", async () => {
  const { ask, clock } = workspace({ rateLimit: 60, now: NOW });
  const frozen = (ms: number) => clock.set(new Date(NOW.getTime() + ms), 0);
  frozen(0);
  for (let n = 0; n < 60; n++) expect((await ask("{ viewer { id } }")).status).toBe(200);
  const { status, errors, headers } = await ask("{ viewer { id } }");
  expect([status, errors?.[0]?.extensions.code, errors?.[0]?.extensions.type]).toEqual([400, "RATELIMITED", "ratelimited"]);
  expect([headers.get("x-ratelimit-requests-remaining"), headers.get("retry-after")]).toEqual(["0", null]);
  expect(Number(headers.get("x-ratelimit-requests-reset"))).toBe(NOW.getTime() + 3_600_000);
  frozen(59_000);
  expect((await ask("{ viewer { id } }")).status).toBe(400);
  frozen(61_000);
  expect((await ask("{ viewer { id } }")).status).toBe(200);
  expect((await ask("{ viewer { id } }")).status).toBe(400);
});

test("each token has its own, and complexity counts too", async () => {
  const { ask, world } = workspace({ complexityLimit: 200 });
  const query = "{ issues(first: 100) { nodes { id } } }";
  expect((await ask(query)).status).toBe(200);
  expect((await ask(query)).errors?.[0]?.extensions.code).toBe("RATELIMITED");
  expect((await ask(query, {}, world.tokens.member)).status).toBe(200);
  expect((await ask("{ viewer { id } }")).status).toBe(200);
});

test("an endpoint may have a limit of its own", async () => {
  const { ask } = workspace({ endpointLimits: { teams: 1 } });
  const { headers } = await ask("{ teams { nodes { id } } }");
  expect([headers.get("x-ratelimit-endpoint-name"), headers.get("x-ratelimit-endpoint-requests-remaining")]).toEqual(["teams", "0"]);
  expect((await ask("{ teams { nodes { id } } }")).status).toBe(400);
  expect((await ask("{ users { nodes { id } } }")).headers.get("x-ratelimit-endpoint-name")).toBeNull();
});

test("limits can be off", async () => {
  const { ask } = workspace({ rateLimit: false, complexityLimit: 1 });
  for (let n = 0; n < 5; n++) expect((await ask("{ issues { nodes { id } } }")).status).toBe(200);
});
