import { type Check, openApiCheck } from "#test/simulators/openapi.ts";
import { described, type JsonSchema } from "#test/simulators/spec.ts";

let built: Check | undefined;

/** Holds traffic against OpenAI's own description; undefined where that is not at hand. */
export function check(): Check | undefined {
  const doc = built ? undefined : described("openai");
  if (!doc) return built;
  const found = openApiCheck(doc, {
    correct: ({ components: { schemas } }) => {
      const { properties } = schemas.Embedding as { properties: Record<string, JsonSchema> };
      // Its own words, of encoding_format: "either float or base64", where the answer knows numbers only.
      properties.embedding = { anyOf: [properties.embedding, { type: "string" }] };
      for (const [name, schema] of Object.entries(schemas)) schemas[name] = nullable(schema) as JsonSchema;
    },
    error: {
      type: "object",
      required: ["error"],
      additionalProperties: false,
      properties: { error: { $ref: "closed#/components/schemas/Error" } },
    },
    // "float" and "unixtime" are widths, and what they hold is a number.
    ignoredFormats: ["float", "unixtime"],
  });
  // The description's server is https://api.openai.com/v1: its paths begin after that.
  const bare = (path: string) => path.replace(/^\/v1/, "");
  built = {
    named: found.named,
    request: (seen) => found.request({ ...seen, path: bare(seen.path) }),
    response: (method, path, status, body) => found.response(method, bare(path), status, body),
  };
  return built;
}

/** It is OpenAPI 3.1 and says "nullable" all the same, also where there is no type that could be. */
function nullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(nullable);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable: may, ...inner } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, nullable(value)]));
  return may === true ? { anyOf: [inner, { type: "null" }] } : inner;
}
