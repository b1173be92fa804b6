import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operations } from "#core/api/catalogue.ts";
import { encode } from "#core/api/cursor.ts";
import { describe } from "#core/api/openapi.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Secret from "#core/connectors/secret.ts";
import { transaction } from "#core/db.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { apiDoors } from "#local/doors.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { call, type Headers, person } from "#test/people.ts";
import { type Studio, studio } from "#test/studio.ts";

type Schema = {
  type?: string;
  format?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  maxLength?: number;
  maxItems?: number;
  maximum?: number;
  exclusiveMinimum?: number;
};
type Described = {
  parameters: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
type Door = Parameters<typeof call>[0] & { routes: Record<string, never> };

let database: TestDatabase;
let here: Studio;
let headers: Headers;
let connectionId: string;
let doors: Map<string, Door>;
beforeAll(async () => {
  database = await freshDatabase();
  Secret.useKey("a key for tests");
  Queue.use(embeddedQueue(() => ({ visibilitySeconds: 300, maxReceives: 5 })));
  here = await studio(1);
  headers = { ...(await (await person(here, "owner")).signIn()) };
  const draft = Connection.Draft.parse({ source: "attio", name: "CRM", baseUrl: "http://x.test", externalAccount: "1", apiToken: "t" });
  const scope = { accountScopeId: here.accountScopeId };
  connectionId = (await transaction(scope, () => Connection.create(scope, draft, "test"))).id;
  doors = (await apiDoors()) as unknown as Map<string, Door>;
});
afterAll(() => database.close());

const TIMES = [
  "+275760-09-13T00:00:00Z",
  "+010000-01-01T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
];
const CURSORS = [...TIMES, 8.64e15, null].flatMap((at) => [[at, randomUUID()], [at, 1, randomUUID()], at].map(encode));
const MORE = [[1e308, randomUUID()], [-1e-308, randomUUID()], -1, Number.MAX_SAFE_INTEGER, 1e300, "\0", "half \ud800"].map(encode);

/** Values at and past the edges of what a schema takes. */
function edges(name: string, schema: Schema): unknown[] {
  if (schema.anyOf) return schema.anyOf.flatMap((one) => edges(name, one));
  if (schema.enum) return schema.enum;
  if (name === "cursor") return [...CURSORS, ...MORE];
  if (name === "connection_id") return [connectionId];
  if (name === "project_id" || name === "project_ids") return [here.projects[0]];
  switch (schema.type) {
    case "integer":
    case "number":
      return [2 ** 31, 2 ** 53 - 1, 1e15 + 0.5, 1e308, -(2 ** 63), schema.maximum ?? 1, 5e-324];
    case "boolean":
      return [true];
    case "array": {
      const given = Array.from({ length: Math.min(schema.maxItems ?? 250, 250) }, (_, n) => typical(name, schema.items ?? {}, n));
      return [given, given.slice(0, 1), []];
    }
    case "object":
      return [typical(name, schema, 0)];
    default:
      if (schema.format === "date-time" || name === "since" || name === "until") return [...TIMES, "2026-01-01", "1"];
      if (schema.format === "date") return ["0000-01-01", "9999-12-31", "2026-02-30"];
      if (schema.format === "uuid") return [randomUUID(), "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
      return ["😀".repeat((schema.maxLength ?? 4_000) / 2), "x", "", "9".repeat(Math.min(schema.maxLength ?? 64, 64)), "%00", "2026-01-01"];
  }
}

/** Something that the schema takes, the nth of its kind. */
function typical(name: string, schema: Schema, n: number): unknown {
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([key, one]) => [key, typical(key, one, n)]));
  if (schema.anyOf) return typical(name, schema.anyOf[0] ?? {}, n);
  if (schema.enum) return schema.enum[0];
  if (schema.type === "array") return name === "project_ids" ? here.projects : [];
  if (schema.type === "integer" || schema.type === "number") return 2 ** 53 - 1 - n > (schema.maximum ?? 2 ** 53) ? 1 : 2 ** 53 - 1 - n;
  if (schema.type === "boolean") return true;
  if (name === "connection_id") return connectionId;
  if (name === "project_id") return here.projects[0];
  if (schema.format === "uuid") return randomUUID();
  if (schema.format === "date") return "2026-01-01";
  if (schema.format === "date-time") return "2999-01-01T00:00:00Z";
  if (schema.format === "email") return `a${n}@client.test`;
  if (schema.format === "uri") return "http://x.test";
  if (name === "time_zone") return "UTC";
  return `${n} ${Array.from({ length: 20 }, () => randomUUID()).join("")}`.slice(0, Math.min(schema.maxLength ?? 700, 190));
}

test("whatever a request holds, the fault is said to be the request's", async () => {
  const broken: string[] = [];
  for (const [name, operation] of Object.entries(operations)) {
    const door = doors.get(operation.resource) as Door;
    const { paths } = describe({ [name]: door.routes[name] as never }) as { paths: Record<string, Record<string, Described>> };
    const [described] = Object.values(Object.values(paths)[0] ?? {}) as [Described];
    const body = Object.values(described.requestBody?.content ?? {})[0]?.schema;
    const whole = body ? (typical("", body, 0) as Record<string, unknown>) : undefined;
    const send = async (where: string, path: string, given: unknown) => {
      const answer = await call(door, operation.method, path, { ...headers, "x-project-id": here.projects[0] ?? "" }, given);
      if (answer.status === 500) broken.push(`${name} ${where}`);
    };
    if (name === "auth_logout") continue;
    const at = (fill: (key: string) => string) => operation.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(fill(key)));
    const path = at((key) => (key === "id" ? (here.projects[0] ?? "") : "x"));
    for (const parameter of described.parameters)
      for (const value of edges(parameter.name, parameter.schema)) {
        const text = String(value);
        if (parameter.in === "path")
          await send(
            `${parameter.name} ${text}`,
            at(() => text),
            whole,
          );
        if (parameter.in === "query")
          await send(`${parameter.name} ${text}`, `${path}?${parameter.name}=${encodeURIComponent(text)}`, whole);
      }
    for (const [key, schema] of Object.entries(body?.properties ?? {}))
      for (const value of edges(key, schema)) {
        await send(`${key} ${JSON.stringify(value).slice(0, 200)}`, path, { ...whole, [key]: value });
        if (schema.type === "array" && schema.items?.properties && Array.isArray(value) && value.length === 1)
          for (const [inner, one] of Object.entries(schema.items.properties))
            for (const edge of edges(inner, one))
              await send(`${inner} ${JSON.stringify(edge).slice(0, 200)}`, path, {
                ...whole,
                [key]: [{ ...(value[0] as object), [inner]: edge }],
              });
      }
  }
  expect(broken).toEqual([]);
});
