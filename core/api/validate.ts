import type * as z from "zod";
import type { Spec } from "#core/api/route.ts";
import { storable } from "#core/api/storable.ts";
import { fromWire, snake } from "#core/api/wire.ts";
import { Refused } from "#core/error.ts";

export type Given = { params: unknown; query: unknown; body: unknown };
type Detail = { path: string; message: string; code: string };

/** The three parts of a request, checked and in the code's names. Throws one `validation_error` that names every field at fault. */
export function validate(spec: Spec, given: Given): Given {
  if (!storable(given)) throw new Refused("validation_error", { problem: "a text holds a NUL or half a character" });
  const details: Detail[] = [];
  const part = (name: keyof Given): unknown => {
    const schema = spec[name];
    if (!schema) return {};
    const parsed = schema.safeParse(fromWire(schema, given[name]));
    if (parsed.success) return parsed.data;
    details.push(...parsed.error.issues.map((issue) => detail(issue)));
    return undefined;
  };
  const valid = { params: part("params"), query: part("query"), body: part("body") };
  const [first] = details;
  if (first) throw new Refused("validation_error", { problem: first.path ? `${first.path}: ${first.message}` : first.message }, details);
  return valid;
}

function detail({ path, message, code }: z.core.$ZodIssue): Detail {
  return { path: path.map((step) => snake(String(step))).join("."), message, code };
}
