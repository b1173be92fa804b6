import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { FormatName } from "ajv-formats";
import addFormats from "ajv-formats";
import type { JsonSchema, OpenApi } from "#test/simulators/spec.ts";

type Parameter = { name: string; in: string; required?: boolean; schema: JsonSchema };
type Media = { content?: Record<string, { schema?: JsonSchema }> };
type Operation = { parameters?: Parameter[]; requestBody?: Media; responses: Record<string, Media> };
type Known = {
  query: Map<string, ValidateFunction>;
  path: Map<string, ValidateFunction>;
  required: string[];
  body: ValidateFunction | undefined;
};
export type Seen = { method: string; path: string; query: Readonly<Record<string, string>>; body: unknown };
/** Holds requests and answers against a vendor's OpenAPI document. Problems come back as words; none means fine. */
export type Check = {
  /** `absent`: the document has no such method and path. */
  request(seen: Seen): { absent: boolean; invalid: string[]; unknown: string[] };
  response(method: string, path: string, status: number, body: string): string[];
  /** A schema of the document's own, for what is sent rather than answered. */
  named(schema: string, body: unknown): string[];
};
export type Corrections = {
  /** Where the document is known to be behind the service: changed in a copy of it. */
  correct: (doc: OpenApi) => void;
  /** What an error's body looks like, whatever its status: a document lists but a few of them. */
  error: JsonSchema;
  /** Formats whose meaning the document itself gets wrong. */
  ignoredFormats?: readonly string[];
};

/** Answers are held closed: a key that the document does not name is drift, unless `correct` adds it. */
export function openApiCheck(document: OpenApi, { correct, error, ignoredFormats = [] }: Corrections): Check {
  const doc = structuredClone(document);
  correct(doc);
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: false });
  const formats: FormatName[] = ["uuid", "date-time", "date", "uri", "email"];
  addFormats.default(
    ajv,
    formats.filter((one) => !ignoredFormats.includes(one)),
  );
  for (const format of ignoredFormats) ajv.addFormat(format, true);
  // Requests may carry more than is named, which the vendor passes over and the log notes; answers may not.
  ajv.addSchema({ $id: "open", components: doc.components });
  ajv.addSchema({ $id: "closed", components: closed(doc.components) as object });
  const refused = ajv.compile(error);
  const templates = Object.keys(doc.paths).map((path) => {
    const pattern = path
      .split(/\{\w+\}/)
      .map((part) => RegExp.escape(part))
      .join("([^/]+)");
    return {
      path,
      exact: !path.includes("{"),
      names: [...path.matchAll(/\{(\w+)\}/g)].map((one) => one[1] as string),
      pattern: new RegExp(`^${pattern}$`),
    };
  });
  const known = new Map<string, Known>();
  const answers = new Map<string, ValidateFunction | undefined>();

  const find = (method: string, path: string) => {
    const fits = templates.filter((one) => one.pattern.test(path) && doc.paths[one.path]?.[method.toLowerCase()]);
    // Of "/records/query" and "/records/{id}" the one without a parameter is meant.
    const template = fits.toSorted((a, b) => a.names.length - b.names.length)[0];
    return template && { template, operation: doc.paths[template.path]?.[method.toLowerCase()] as Operation };
  };
  const compiled = (schema: JsonSchema, id: "open" | "closed") => ajv.compile(pointed(schema, id) as object);

  return {
    named: (schema, body) => {
      const accepts = ajv.getSchema(`open#/components/schemas/${schema}`);
      if (!accepts) return [`the description has no ${schema}`];
      return accepts(body) ? [] : [words(accepts)];
    },
    request: ({ method, path, query, body }) => {
      const found = find(method, path);
      if (!found) return { absent: true, invalid: [`${method} ${path} is not in the description`], unknown: [] };
      const { template, operation } = found;
      const key = `${method} ${template.path}`;
      if (!known.has(key)) known.set(key, describe(operation, compiled));
      const rules = known.get(key) as Known;
      const invalid: string[] = [];
      const unknown: string[] = [];
      const values = template.pattern.exec(path)?.slice(1) ?? [];
      template.names.forEach((name, n) => {
        const accepts = rules.path.get(name);
        const given = decodeURIComponent(values[n] ?? "");
        if (accepts && !accepts(given)) invalid.push(`${name}=${given}: ${words(accepts)}`);
      });
      for (const name of rules.required) if (query[name] === undefined) invalid.push(`${name} is required`);
      for (const [name, value] of Object.entries(query)) {
        const accepts = rules.query.get(name);
        if (!accepts) unknown.push(`${name} is not a parameter of ${key}`);
        else if (!accepts(typed(value, accepts.schema as JsonSchema))) invalid.push(`${name}=${value}: ${words(accepts)}`);
      }
      if (rules.body && !rules.body(body)) invalid.push(words(rules.body));
      if (rules.body) unknown.push(...unnamed(rules.body.schema as JsonSchema, body).map((name) => `${name} is not in the body of ${key}`));
      return { absent: false, invalid, unknown };
    },
    response: (method, path, status, text) => {
      if (status >= 400) return refused(JSON.parse(text)) ? [] : [words(refused)];
      const found = find(method, path);
      if (!found) return [];
      const key = `${method} ${found.template.path} ${status}`;
      if (!answers.has(key)) {
        const schema = found.operation.responses[status]?.content?.["application/json"]?.schema;
        answers.set(key, schema && compiled(closed(schema) as JsonSchema, "closed"));
      }
      const accepts = answers.get(key);
      if (!accepts) return found.operation.responses[status] ? [] : [`${status} is not an answer of ${key}`];
      return accepts(JSON.parse(text)) ? [] : [words(accepts)];
    },
  };
}

function describe(operation: Operation, compiled: (schema: JsonSchema, id: "open") => ValidateFunction): Known {
  const listed = operation.parameters ?? [];
  const of = (where: string) => new Map(listed.filter((one) => one.in === where).map((one) => [one.name, compiled(one.schema, "open")]));
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const required = listed.filter((one) => one.in === "query" && one.required).map((one) => one.name);
  return { query: of("query"), path: of("path"), required, body: schema && compiled(schema, "open") };
}

/** Keys that the body's schema does not name, on its first two floors; none where it is open by its own word. */
function unnamed(schema: JsonSchema, body: unknown, above = ""): string[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  if (!properties || schema.additionalProperties) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const inner = properties[key];
    if (!inner) return [`${above}${key}`];
    return above ? [] : unnamed(inner, value, `${key}.`);
  });
}

/** Every object that names its keys has no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, key === "enum" ? value : closed(value)]));
  const names = inner.properties !== undefined && inner.additionalProperties === undefined && inner.allOf === undefined;
  return names ? { ...inner, additionalProperties: false } : inner;
}

/** References lead into the one or the other copy of the document's components. */
function pointed(schema: unknown, id: "open" | "closed"): unknown {
  if (Array.isArray(schema)) return schema.map((one) => pointed(one, id));
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" && value.startsWith("#") ? `${id}${value}` : pointed(value, id),
    ]),
  );
}

/** A query is text; the document has numbers and booleans. */
function typed(value: string, schema: JsonSchema): unknown {
  const types = [schema.type].flat();
  if ((types.includes("integer") || types.includes("number")) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (types.includes("boolean") && (value === "true" || value === "false")) return value === "true";
  return types.includes("array") ? [value] : value;
}

function words(validate: ValidateFunction): string {
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ")
    .slice(0, 2_000);
}
