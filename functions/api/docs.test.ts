import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { operations } from "#core/api/catalogue.ts";
import { app } from "#functions/api/docs.ts";
import { app as health } from "#functions/api/health.ts";
import { call } from "#test/people.ts";

type Described = {
  operationId: string;
  security: Record<string, unknown>[];
  parameters: { name: string; in: string; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
};

test("the description has every operation of the catalogue, its path's parameters, and schemas that are schemas", async () => {
  const { body, headers } = await call(app, "GET", "/openapi.json");
  expect([body.openapi, headers.get("content-type")]).toEqual(["3.1.0", "application/json; charset=utf-8"]);
  const described = Object.values(body.paths as Record<string, Record<string, Described>>).flatMap((path) => Object.values(path));
  expect(described.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(operations).sort());
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "root", components: body.components });
  for (const { operationId, parameters, requestBody, responses, security } of described) {
    const { path, who } = operations[operationId as keyof typeof operations];
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => `:${name}`);
    expect(inPath, operationId).toEqual(path.match(/:\w+/g) ?? []);
    expect(security.length > 0, operationId).toBe(who !== "nobody");
    const answers = Object.values(responses).flatMap(({ content }) => Object.values(content));
    const schemas = [...parameters, ...answers, ...Object.values(requestBody?.content ?? {})].map(({ schema }) => schema);
    for (const schema of schemas) {
      const text = JSON.stringify(schema);
      expect(text, operationId).not.toMatch(/"(?!additionalProperties|propertyNames)[a-z]+[A-Z]\w*":\{/);
      if (!text.includes("$ref")) expect(() => ajv.compile(schema), operationId).not.toThrow();
    }
  }
});

test("a body is said to be required where a request without one is refused", async () => {
  const { body } = await call(app, "GET", "/openapi.json");
  const required = (path: string, method: string) => body.paths[path][method].requestBody?.required;
  expect(required("/auth/login", "post")).toBe(true);
  expect(required("/projects/{id}/sources", "put")).toBe(true);
  expect(required("/crm/accounts/{id}", "patch")).toBe(false);
  expect(required("/webhooks/linear/{connection}", "post")).toBe(true);
  expect(required("/jobs/{name}/run", "post")).toBeUndefined();
});

test("the page names every operation, and lets nothing run or load", async () => {
  const { body, headers } = await call(app, "GET", "/docs");
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
  for (const name of Object.keys(operations)) expect(body).toContain(`id="${name}"`);
  expect(body).not.toMatch(/<script|src=|https?:/);
});

test("metrics are refused to who is neither here nor has the token", async () => {
  expect((await call(health, "GET", "/metrics")).status).toBe(401);
  expect((await call(health, "GET", "/metrics", { authorization: "Bearer x", "x-forwarded-for": "127.0.0.1" })).status).toBe(401);
});
