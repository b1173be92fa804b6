import type * as z from "zod";

/**
 * The one place where JSON's snake_case becomes the code's camelCase and back. It follows the schema: the fields of objects are renamed, the keys of
 * records are somebody's data and stay as they are. On the way out a field that the schema does not name is left out.
 */
export type Schema = z.core.$ZodType;

export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What came over the wire, with the names that `schema` knows; not yet checked. */
export function fromWire(schema: Schema, value: unknown): unknown {
  return walk(schema, value, "in");
}

/** What goes over the wire; dates as ISO 8601. */
export function toWire(schema: Schema, value: unknown): unknown {
  return walk(schema, value, "out");
}

function walk(schema: Schema, value: unknown, way: "in" | "out"): unknown {
  if (value === null || value === undefined || typeof value !== "object" || value instanceof Date) return value;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return Array.isArray(value) ? value : fields(def.shape, value, way);
    case "record":
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(def.valueType, item, way)]));
    case "array":
      return Array.isArray(value) ? value.map((item) => walk(def.element, item, way)) : value;
    case "union": {
      const walked = def.options.map((option) => ({ option, value: walk(option, value, way) }));
      return (walked.find((tried) => fits(tried.option, tried.value, value, way)) ?? walked[0])?.value;
    }
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
    case "nonoptional":
    case "catch":
      return walk(def.innerType, value, way);
    case "pipe":
      return walk(way === "in" ? def.in : def.out, value, way);
    default:
      return value;
  }
}

function fields(shape: Readonly<Record<string, Schema>>, value: object, way: "in" | "out"): Record<string, unknown> {
  const names = new Map(Object.keys(shape).map((name) => (way === "in" ? [snake(name), name] : [name, snake(name)])));
  const walked: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const renamed = names.get(name);
    const field = way === "in" ? renamed : name;
    if (renamed !== undefined && field !== undefined && shape[field]) walked.push([renamed, walk(shape[field], item, way)]);
    else if (way === "in") walked.push([unknown(shape, name), item]);
  }
  return Object.fromEntries(walked);
}

/** A field has one name on the wire: under the code's name it stays unknown, and a strict schema's complaint says how it is written. */
const unknown = (shape: object, name: string): string => (Object.hasOwn(shape, name) ? `${name} (write ${snake(name)})` : name);

const fits = (option: Schema, walked: unknown, given: unknown, way: "in" | "out"): boolean =>
  (option as z.ZodType).safeParse(way === "in" ? walked : given).success;
