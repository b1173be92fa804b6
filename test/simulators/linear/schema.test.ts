import { buildSchema, findBreakingChanges, type GraphQLObjectType, getNamedType, isLeafType, isObjectType, printType } from "graphql";
import { expect, test } from "vitest";
import { workspace } from "#test/simulators/linear/asking.ts";
import { official, schema } from "#test/simulators/linear/schema.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { faulty } from "#test/simulators/log.ts";
import { specs } from "#test/simulators/spec.ts";

test.skipIf(specs() === undefined)("what the simulator has of Linear's schema is as Linear wrote it", () => {
  const vendor = official();
  if (!vendor) throw new Error("no schema");
  // Whatever the simulator's clients may ask for they may ask Linear for, and get the same types of answer.
  const known = new Set(["VALUE_ADDED_TO_ENUM", "REQUIRED_INPUT_FIELD_ADDED"]);
  expect(findBreakingChanges(schema(), vendor).filter((one) => !known.has(one.type))).toEqual([]);
  for (const [name, type] of Object.entries(schema().getTypeMap())) {
    const theirs = vendor.getType(name);
    if (name.startsWith("__") || !isObjectType(type) || !isObjectType(theirs)) continue;
    for (const [field, { type: own }] of Object.entries(type.getFields()))
      expect(`${name}.${field}: ${own}`).toBe(`${name}.${field}: ${theirs.getFields()[field]?.type}`);
  }
});

test.skipIf(specs() === undefined)("a changed type would be noticed", () => {
  const changed = buildSchema(
    printType(schema().getType("PageInfo") as GraphQLObjectType)
      .replace("Boolean!", "String!")
      .concat("type Query { a: PageInfo }"),
  );
  expect(findBreakingChanges(changed, official() as never).map((one) => one.description)).toContain(
    "PageInfo.hasNextPage changed type from String! to Boolean!.",
  );
});

/** Everything that a type has, one level deep. */
function selection(type: GraphQLObjectType): string {
  return Object.values(type.getFields())
    .map((field) => {
      const target = getNamedType(field.type);
      if (isLeafType(target)) return field.name;
      return target.name.endsWith("Connection") ? `${field.name}(first: 2) { nodes { id } }` : `${field.name} { __typename }`;
    })
    .join(" ");
}

test("every field of every list answers: none is missing from the simulator", async () => {
  const { ask, store, world } = workspace({ size: "small" });
  const [issue] = store.issues.values();
  if (!issue) throw new Error("no issue");
  Verbs.editIssue(store, { id: issue.id, title: "Renamed", addedLabelIds: [[...store.issueLabels.keys()][2] ?? ""], priority: 1 });
  const query = schema().getQueryType() as GraphQLObjectType;
  const lists = Object.values(query.getFields()).filter((field) => getNamedType(field.type).name.endsWith("Connection"));
  expect(lists.length).toBe(12);
  for (const field of lists) {
    const type = schema().getType(getNamedType(field.type).name.replace("Connection", "")) as GraphQLObjectType;
    const { errors, data, status } = await ask(`{ ${field.name}(first: 50, includeArchived: true) { nodes { ${selection(type)} } } }`);
    expect({ errors, status }).toEqual({ errors: undefined, status: 200 });
    if (field.name !== "webhooks") expect(data[field.name]?.nodes.length).toBeGreaterThan(0);
  }
  const history = schema().getType("IssueHistory") as GraphQLObjectType;
  const of = (name: string) => selection(schema().getType(name) as GraphQLObjectType);
  const rest = `viewer { ${of("User")} } organization { ${of("Organization")} }`;
  const { errors, data } = await ask(
    `{ ${rest} rateLimitStatus { kind limits { type period reset } } issue(id: "${issue.id}") { history(first: 50) { nodes { ${selection(history)} } } } }`,
  );
  expect(errors).toBeUndefined();
  expect((data.issue as unknown as { history: { nodes: unknown[] } }).history.nodes.length).toBeGreaterThan(0);
  expect(faulty(world.log)).toEqual([]);
});
