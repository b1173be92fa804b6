import { type DocumentNode, type GraphQLError, getVariableValues, Kind, type OperationDefinitionNode, parse, validate } from "graphql";
import { Unimplemented } from "#test/simulators/linear/refusal.ts";
import { official, schema } from "#test/simulators/linear/schema.ts";

export type Refused =
  | { ok: false; reason: "syntax" | "validation"; errors: readonly GraphQLError[] }
  | { ok: false; reason: "unimplemented"; error: Unimplemented };
export type Checked = Refused | { ok: true; document: DocumentNode; operations: readonly OperationDefinitionNode[] };
export type Given = Readonly<Record<string, unknown>>;
export type Check = {
  document: (text: string) => Checked;
  variables: (operation: OperationDefinitionNode, given: Given) => Refused | { ok: true; coerced: Given };
};

/**
 * What Linear would say to a request before running it. With the vendor's schema at hand that is the judge, and a request that only the simulator's
 * part of it refuses is the simulator's fault; without it, the part judges alone.
 */
export function check(strict: boolean): Check {
  const seen = new Map<string, Checked>();
  return {
    document: (text) => {
      const known = seen.get(text);
      if (known) return known;
      if (seen.size > 500) seen.clear();
      const found = parsed(text, strict);
      seen.set(text, found);
      return found;
    },
    variables: (operation, given) => {
      const coerced = (of: typeof schema | typeof official) =>
        getVariableValues(of() ?? schema(), operation.variableDefinitions ?? [], given);
      const { errors } = coerced(strict ? official : schema);
      if (errors) return { ok: false, reason: "validation", errors };
      const own = coerced(schema);
      return own.errors ? { ok: false, reason: "unimplemented", error: new Unimplemented(own.errors[0]?.message) } : { ok: true, ...own };
    },
  };
}

function parsed(text: string, strict: boolean): Checked {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    return { ok: false, reason: "syntax", errors: [error as GraphQLError] };
  }
  const vendor = strict ? official() : undefined;
  const refused = vendor ? validate(vendor, document) : [];
  if (refused.length > 0) return { ok: false, reason: "validation", errors: refused };
  const missing = validate(schema(), document);
  if (missing.length > 0 && vendor) return { ok: false, reason: "unimplemented", error: new Unimplemented(missing[0]?.message) };
  if (missing.length > 0) return { ok: false, reason: "validation", errors: missing };
  return { ok: true, document, operations: document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION) };
}
