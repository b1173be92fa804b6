import { BEHAVIOUR, CODES } from "#test/simulators/attio/behaviour.ts";
import { type Check, openApiCheck } from "#test/simulators/openapi.ts";
import { described } from "#test/simulators/spec.ts";

let built: Check | undefined;

/** Holds traffic against Attio's own description; undefined where that is not at hand. */
export function check(): Check | undefined {
  const doc = built ? undefined : described("attio");
  if (doc)
    built = openApiCheck(doc, {
      correct: ({ components }) => {
        const task = components.schemas.task as { properties: Record<string, unknown>; required: string[] };
        for (const key of BEHAVIOUR.laterTaskKeys) {
          task.properties[key] = { type: ["string", "null"] };
          task.required.push(key);
        }
      },
      error: {
        type: "object",
        required: ["status_code", "type", "code", "message"],
        additionalProperties: false,
        properties: {
          status_code: { type: "number" },
          type: { enum: ["invalid_request_error", "auth_error", "rate_limit_error"] },
          code: { enum: Object.keys(CODES) },
          message: { type: "string" },
        },
      },
      // A timestamp's value is said to be a date; its own examples are instants.
      ignoredFormats: ["date"],
    });
  return built;
}
