import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { BEHAVIOUR } from "#test/simulators/linear/behaviour.ts";

type Variables = Readonly<Record<string, unknown>>;

/**
 * What a request costs, in Linear's points, before it is run: 0.1 a property, 1 an object; a connection multiplies all that is in it by `first` or `last`,
 * 50 where it has neither; rounded up.
 */
export function complexity(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const fragments = new Map(document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])));
  const number = (value: ValueNode | undefined): number | undefined => {
    if (value?.kind === Kind.INT) return Number(value.value);
    const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
    return typeof given === "number" ? given : undefined;
  };
  const sum = (selection: SelectionSetNode, typeName: string): number =>
    selection.selections.reduce((points, node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        return points + (fragment ? sum(fragment.selectionSet, fragment.typeCondition.name.value) : 0);
      }
      if (node.kind === Kind.INLINE_FRAGMENT) return points + sum(node.selectionSet, node.typeCondition?.name.value ?? typeName);
      if (!node.selectionSet) return points + BEHAVIOUR.propertyPoints;
      const type = schema.getType(typeName);
      const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
      const target = field ? getNamedType(field.type).name : "";
      const inner = sum(node.selectionSet, target);
      if (!target.endsWith("Connection")) return points + BEHAVIOUR.objectPoints + inner;
      const size = ["first", "last"].map((name) => number(node.arguments?.find((one) => one.name.value === name)?.value));
      return points + inner * (size.find((one) => one !== undefined) ?? BEHAVIOUR.defaultFirst);
    }, 0);
  const root = operation.operation === "query" ? schema.getQueryType() : schema.getMutationType();
  // A sum of tenths: without this 6.3 rounds up to 7 at one time and to 6.300000000000001 at another.
  return Math.ceil(Math.round(sum(operation.selectionSet, root?.name ?? "") * 10) / 10);
}
