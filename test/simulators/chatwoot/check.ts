import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import {
  CONTACT_SORTS,
  FILTER_OPERATORS,
  SORT_KEYS,
  UNDOCUMENTED_BODY,
  UNDOCUMENTED_QUERY,
  UNDOCUMENTED_ROUTES,
} from "#test/simulators/chatwoot/behaviour.ts";
import { shapes } from "#test/simulators/chatwoot/shapes.ts";
import type { Check } from "#test/simulators/chatwoot/world.ts";
import { type JsonSchema, type OpenApi, specs } from "#test/simulators/spec.ts";

type Parameter = { name: string; in: string; schema: JsonSchema };
type Operation = { parameters?: unknown[]; requestBody?: { content: Record<string, { schema: JsonSchema }> } };
type Described = { parameters: Map<string, ValidateFunction>; body: ValidateFunction | undefined; bodyKeys: ReadonlySet<string> };

let built: Check | undefined;

/** Holds traffic against the vendor's swagger; undefined where that is not at hand. */
export function check(): Check | undefined {
  if (built) return built;
  const doc = specs()?.chatwoot;
  if (!doc) return undefined;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: "chatwoot", components: corrected(doc) });
  const { answers, failure } = shapes(doc);
  const answer = new Map(Object.entries(answers).map(([route, schema]) => [route, ajv.compile(schema)]));
  const refused = ajv.compile(failure);
  const described = new Map<string, Described | undefined>();

  built = {
    request: ({ route, params, query, body }) => {
      if (!described.has(route)) described.set(route, describe(doc, ajv, route));
      const known = described.get(route);
      const invalid: string[] = [];
      const unknown: string[] = [];
      if (!known && !UNDOCUMENTED_ROUTES.has(route)) invalid.push(`${route} is not in the description`);
      for (const [key, value] of Object.entries(params)) if (!/^\d+$/.test(value)) invalid.push(`${key} is a number, not ${value}`);
      for (const [key, value] of Object.entries(query)) {
        const accepts = known?.parameters.get(key.replace(/\[\]$/, ""));
        if (accepts) {
          if (!accepts(typed(value, accepts.schema as JsonSchema))) invalid.push(`${key}=${value}: ${words(accepts)}`);
        } else if (!UNDOCUMENTED_QUERY[route]?.includes(key)) unknown.push(`${key} is not a parameter of ${route}`);
        else if (key === "sort_by" && !SORT_KEYS.has(value))
          unknown.push(`sort_by=${value} is no sort key: the server falls back silently`);
      }
      if (known?.body && !known.body(body)) invalid.push(words(known.body));
      for (const key of Object.keys(known?.body && typeof body === "object" && body !== null ? body : {}))
        if (!known?.bodyKeys.has(key) && !UNDOCUMENTED_BODY[route]?.includes(key)) unknown.push(`${key} is not in the body of ${route}`);
      return { invalid, unknown };
    },
    response: (route, status, text) => {
      const accepts = status >= 400 ? refused : status === 200 ? answer.get(route) : undefined;
      return !accepts || accepts(JSON.parse(text)) ? [] : [words(accepts)];
    },
  };
  return built;
}

function describe(doc: OpenApi, ajv: Ajv2020, route: string): Described | undefined {
  const [method, pattern] = route.split(" ") as [string, string];
  const wanted = `/api/v1/accounts/:/${pattern}`.replace(/:\w+/g, ":");
  const path = Object.keys(doc.paths).find((one) => one.replace(/\{\w+\}/g, ":") === wanted);
  const item = path === undefined ? undefined : doc.paths[path];
  const operation = item?.[method.toLowerCase()] as Operation | undefined;
  if (!operation) return undefined;
  const listed = [...(operation.parameters ?? []), ...((item?.parameters as unknown[] | undefined) ?? [])].map((one) => resolved(doc, one));
  const parameters = new Map(
    listed.filter((one) => one.in === "query").map((one) => [one.name, ajv.compile(one.name === "sort" ? SORT : one.schema)]),
  );
  const schema = operation.requestBody?.content["application/json"]?.schema;
  if (!schema) return { parameters, body: undefined, bodyKeys: new Set() };
  const [, name] = /\/(\w+)$/.exec(String(schema.$ref ?? "")) ?? [];
  const own = name ? doc.components.schemas[name] : schema;
  const body = route.endsWith("/filter") ? FILTER_BODY : name ? { $ref: `chatwoot#/components/schemas/${name}` } : schema;
  return { parameters, body: ajv.compile(body), bodyKeys: new Set(Object.keys((own?.properties as object | undefined) ?? {})) };
}

const SORT: JsonSchema = { enum: CONTACT_SORTS.flatMap((key) => [key, `-${key}`]) };

/** The swagger lists four operators of ten, texts only as values, and no null although the last query_operator must be null. */
const FILTER_BODY: JsonSchema = {
  type: "object",
  required: ["payload"],
  properties: {
    payload: {
      type: "array",
      items: {
        type: "object",
        required: ["attribute_key", "filter_operator"],
        properties: {
          attribute_key: { type: "string" },
          filter_operator: { enum: FILTER_OPERATORS },
          values: { type: "array", items: { type: ["string", "number", "boolean"] } },
          query_operator: { enum: ["AND", "OR", "and", "or", null] },
        },
      },
    },
  },
};

/** ALLOWED_WEBHOOK_EVENTS has inbox events too. */
function corrected(doc: OpenApi): OpenApi["components"] {
  const components = structuredClone(doc.components);
  const payload = components.schemas.webhook_create_update_payload?.properties as { subscriptions: { items: { enum: string[] } } };
  payload.subscriptions.items.enum.push("inbox_created", "inbox_updated");
  return components;
}

function resolved(doc: OpenApi, parameter: unknown): Parameter {
  const ref = (parameter as { $ref?: string }).$ref;
  return (ref ? doc.components.parameters[ref.split("/").at(-1) ?? ""] : parameter) as Parameter;
}

/** A query is text; the description has numbers. */
function typed(value: string, schema: JsonSchema): unknown {
  if (schema.type === "array") return [value];
  return (schema.type === "integer" || schema.type === "number") && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function words(validate: ValidateFunction): string {
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ")
    .slice(0, 2_000);
}
