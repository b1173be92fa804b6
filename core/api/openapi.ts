import * as z from "zod";
import { operations } from "#core/api/catalogue.ts";
import type { Operation } from "#core/api/operation.ts";
import type { Route, Spec } from "#core/api/route.ts";
import { snake } from "#core/api/wire.ts";

type Json = Record<string, unknown>;
export type Table = Readonly<Record<string, Pick<Route, "spec">>>;

const ERROR = {
  type: "object",
  required: ["ok", "error", "message", "request_id"],
  properties: {
    ok: { const: false },
    error: { type: "string", description: "A code of the closed list." },
    message: { type: "string", description: "The code in words, in the language of Accept-Language (ru, en)." },
    details: {},
    request_id: { type: "string" },
  },
};

/** OpenAPI 3.1 of the routes: what each reads and answers, from the very schemas that check it; who may call it, from the catalogue. */
export function describe(routes: Table): Json {
  const paths: Record<string, Json> = {};
  for (const [name, { spec }] of Object.entries(routes)) {
    const operation: Operation = operations[name as keyof typeof operations];
    const path = operation.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOne(name, operation, spec) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Bellwether",
      version: "1",
      description:
        "What touches one project takes it from the path, else from `project_id`, else from the header `x-project-id`, else from the session, else from an API key that is bound to one project only.",
    },
    paths,
    components: {
      schemas: { Error: ERROR },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "sid", description: "What is not a GET also needs the header x-csrf-token." },
        bearer: { type: "http", scheme: "bearer", description: "An API key, bw_..." },
        key: { type: "apiKey", in: "header", name: "x-api-key", description: "An API key, bw_..." },
      },
    },
  };
}

function describeOne(name: string, operation: Operation, spec: Spec): Json {
  const { method, resource, does, who, reach, peopleOnly, question } = operation;
  const keys = peopleOnly || reach === "studio" ? [] : [{ bearer: [] }, { key: [] }];
  const failing = {
    description: "Refused or failed.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  return {
    operationId: name,
    tags: [resource],
    summary: does,
    description: `Least role: ${who}. Reach: ${reach}.`,
    security: who === "nobody" ? [] : [{ session: [] }, ...keys],
    parameters: parametersOf(operation, spec),
    ...(spec.body
      ? {
          requestBody: {
            required: !spec.body.safeParse({}).success,
            content: { "application/json": { schema: schemaOf(spec.body, "input") } },
          },
        }
      : {}),
    ...(spec.raw
      ? {
          requestBody: {
            required: true,
            description: "As the vendor sends and signs it.",
            content: { "application/json": { schema: { type: "object" } } },
          },
        }
      : {}),
    responses: { [String(spec.status ?? 200)]: answerOf(spec), default: failing },
    ...(method === "GET" || question ? {} : { "x-idempotent-with": "Idempotency-Key" }),
  };
}

function parametersOf({ path, method, who, reach, question }: Operation, spec: Spec): Json[] {
  const known = spec.params ? (schemaOf(spec.params, "input").properties as Record<string, Json>) : {};
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: known[name] ?? { type: "string" },
  }));
  const query = spec.query ? schemaOf(spec.query, "input") : {};
  const required = (query.required ?? []) as string[];
  const inQuery = Object.entries((query.properties ?? {}) as Record<string, Json>).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
  const project =
    reach === "project" && !path.startsWith("/projects/:id")
      ? [
          { name: "project_id", in: "query", required: false, schema: { type: "string", format: "uuid" } },
          { name: "x-project-id", in: "header", required: false, schema: { type: "string", format: "uuid" } },
        ]
      : [];
  const once =
    method === "GET" || question || who === "nobody"
      ? []
      : [{ name: "idempotency-key", in: "header", required: false, schema: { type: "string", maxLength: 256 } }];
  return [...inPath, ...inQuery, ...project, ...once];
}

function answerOf(spec: Spec): Json {
  if (spec.text !== undefined)
    return { description: "The text.", content: { [spec.text.split(";")[0] ?? ""]: { schema: { type: "string" } } } };
  const { properties = {}, required = [] } = spec.answer ? schemaOf(spec.answer, "output") : {};
  const schema = {
    type: "object",
    required: ["ok", ...(required as string[]), "request_id"],
    properties: { ok: { const: true }, ...(properties as Json), request_id: { type: "string" } },
  };
  return { description: "Done.", content: { "application/json": { schema } } };
}

/** A schema as it looks on the wire: fields in snake_case, dates as text. */
export function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
      if (zodSchema._zod.def.type !== "object") return;
      const { properties = {}, required } = jsonSchema;
      jsonSchema.properties = Object.fromEntries(Object.entries(properties).map(([name, property]) => [snake(name), property]));
      if (required) jsonSchema.required = required.map(snake);
      if (io === "output") delete jsonSchema.additionalProperties;
    },
  });
  return described;
}
