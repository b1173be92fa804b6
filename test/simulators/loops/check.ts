import { type Check, openApiCheck } from "#test/simulators/openapi.ts";
import { described, type JsonSchema } from "#test/simulators/spec.ts";

let built: Check | undefined;

/** Holds traffic against Loops' own description; undefined where that is not at hand. */
export function check(): Check | undefined {
  const doc = built ? undefined : described("loops");
  if (!doc) return built;
  const found = openApiCheck(doc, {
    correct: ({ components: { schemas } }) => {
      const scalar = { type: ["string", "number", "boolean", "null"] };
      // Its own words: "Contact objects will include any custom properties".
      Object.assign(schemas.Contact as JsonSchema, { additionalProperties: scalar });
      // Its own words: "Include only one of `email` or `userId`", where the schema demands both.
      Object.assign(schemas.ContactDeleteRequest as JsonSchema, {
        required: [],
        oneOf: [{ required: ["email"] }, { required: ["userId"] }],
      });
      // The outer rule refuses `mailingLists`, which the inner one describes.
      delete (schemas.ContactUpdateRequest as JsonSchema).additionalProperties;
    },
    error: {
      type: "object",
      required: ["success", "message"],
      additionalProperties: false,
      properties: { success: { const: false }, message: { type: "string" }, error: { type: "string" } },
    },
  });
  // The description's server is https://app.loops.so/api: its paths begin after that.
  const bare = (path: string) => path.replace(/^\/api/, "");
  built = {
    named: found.named,
    request: (seen) => found.request({ ...seen, path: bare(seen.path) }),
    response: (method, path, status, body) => found.response(method, bare(path), status, body),
  };
  return built;
}
