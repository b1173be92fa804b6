import {
  buildSchema,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isScalarType,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import { expect, test } from "vitest";
import * as Documents from "#core/connectors/linear/documents.ts";
import { linearSdl } from "#test/simulators/spec.ts";

// Throws where CI has no vendor's schema to check against.
const sdl = linearSdl();

test.runIf(sdl)("every document is valid by Linear's own schema, and costs what it says, well under the cap", () => {
  const schema = buildSchema(sdl ?? "", { assumeValidSDL: true });
  for (const document of Documents.ALL) {
    expect(validate(schema, parse(document.text)), document.name).toEqual([]);
    const points = cost(schema, document.text);
    expect(points, document.name).toBeLessThanOrEqual(document.points);
    expect(points, document.name).toBeGreaterThan(document.points * 0.75);
    expect(document.points, document.name).toBeLessThanOrEqual(7_000);
  }
});

test.skipIf(sdl)("Linear's own schema is not beside the checkout: its documents were not checked", () => undefined);

test("every connection asks for its number of rows: the default of fifty would multiply", () => {
  for (const { text, name } of Documents.ALL) {
    const connections = text.match(
      /\b(teams|users|workflowStates|cycles|projects|issues|comments|documents|labels|inverseRelations|relations)\s*[({]/g,
    );
    expect(
      connections?.filter((one) => !one.endsWith("(")),
      name,
    ).toEqual([]);
    expect(text.match(/\(first: \d+/g)?.length, name).toBe(connections?.length);
  }
});

/** 0.1 a property, 1 an object, a connection times its `first`, pageInfo included: counted so that it is never less than the vendor's. */
function cost(schema: GraphQLSchema, text: string): number {
  const document = parse(text);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) if (one.kind === "FragmentDefinition") fragments.set(one.name.value, one);
  const of = (type: GraphQLObjectType, set: SelectionSetNode): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === "Field") return sum + field(type, selection);
      if (selection.kind === "FragmentSpread")
        return sum + of(type, fragments.get(selection.name.value)?.selectionSet ?? { kind: set.kind, selections: [] });
      return sum + of(type, selection.selectionSet);
    }, 0);
  const field = (parent: GraphQLObjectType, node: FieldNode): number => {
    const type = getNamedType(parent.getFields()[node.name.value]?.type);
    if (type === undefined || isScalarType(type) || !isObjectType(type) || !node.selectionSet) return 0.1;
    const first = node.arguments?.find((one) => one.name.value === "first")?.value;
    const rows = type.name.endsWith("Connection") ? (first?.kind === "IntValue" ? Number(first.value) : 50) : 1;
    return 1 + rows * of(type, node.selectionSet);
  };
  const query = schema.getQueryType();
  const operation = document.definitions.find((one) => one.kind === "OperationDefinition");
  if (!query || !operation) throw new Error("no query");
  return Math.ceil(of(query, operation.selectionSet));
}
