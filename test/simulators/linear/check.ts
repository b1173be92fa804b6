import { type DocumentNode, type GraphQLError, Kind, type OperationDefinitionNode, parse, validate } from "graphql";
import { Unimplemented } from "#test/simulators/linear/refusal.ts";
import { official, schema } from "#test/simulators/linear/schema.ts";

export type Checked =
  | { ok: true; document: DocumentNode; operations: readonly OperationDefinitionNode[] }
  | { ok: false; reason: "syntax" | "validation"; errors: readonly GraphQLError[] }
  | { ok: false; reason: "unimplemented"; error: Unimplemented };

/**
 * What Linear would say to a document before running it. With the vendor's schema at hand that is the judge, and a document that only the simulator's
 * part of it refuses is the simulator's fault; without it, the part judges alone.
 */
export function checker(strict: boolean): (text: string) => Checked {
  const seen = new Map<string, Checked>();
  return (text) => {
    const known = seen.get(text);
    if (known) return known;
    if (seen.size > 500) seen.clear();
    const found = checked(text, strict);
    seen.set(text, found);
    return found;
  };
}

function checked(text: string, strict: boolean): Checked {
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
