import { type ExecutionResult, execute, type FieldNode, GraphQLError, Kind, type OperationDefinitionNode } from "graphql";
import type { Context as Http } from "hono";
import { BEHAVIOUR, ERRORS } from "#test/simulators/linear/behaviour.ts";
import * as Bucket from "#test/simulators/linear/bucket.ts";
import type { Refused } from "#test/simulators/linear/check.ts";
import { complexity } from "#test/simulators/linear/cost.ts";
import { MUTATIONS } from "#test/simulators/linear/mutations.ts";
import { QUERIES } from "#test/simulators/linear/queries.ts";
import { errorOf, type GraphqlError, Refusal } from "#test/simulators/linear/refusal.ts";
import { type Context, resolve } from "#test/simulators/linear/resolve.ts";
import { schema } from "#test/simulators/linear/schema.ts";
import { instant } from "#test/simulators/linear/store.ts";
import { type Viewer, viewerOf } from "#test/simulators/linear/viewer.ts";
import type { World } from "#test/simulators/linear/world.ts";

export type Asked = { query: string; variables: Record<string, unknown>; operationName: string | undefined };
export type Answer = {
  status: number;
  body: unknown;
  headers: Record<string, string>;
  /** Why the request was none of Linear's; or what the simulator got wrong. */
  invalid: string[];
  drift: string[];
  points: number;
};

/** "query issues+projects", "mutation issueCreate": what faults and the log call a request. Fields that it leaves out by @include are not in it. */
export function routeOf(world: World, asked: Asked): string {
  const found = world.check.document(asked.query);
  const operation = found.ok ? chosen(found.operations, asked.operationName) : undefined;
  if (!operation) return "none";
  const fields = operation.selectionSet.selections.flatMap((one) =>
    one.kind === Kind.FIELD && wanted(one, asked.variables) ? [one.name.value] : [],
  );
  return `${operation.operation} ${fields.join("+")}`;
}

function wanted(node: FieldNode, variables: Asked["variables"]): boolean {
  return (node.directives ?? []).every((directive) => {
    const given = directive.arguments?.[0]?.value;
    const value = given?.kind === Kind.VARIABLE ? variables[given.name.value] : given?.kind === Kind.BOOLEAN && given.value;
    return directive.name.value === "skip" ? !value : Boolean(value);
  });
}

function chosen(operations: readonly OperationDefinitionNode[], name: string | undefined): OperationDefinitionNode | undefined {
  return name === undefined ? operations[0] : operations.find((one) => one.name?.value === name);
}

/** One GraphQL request as Linear would answer it: the token, the document, its cost, the limits, and only then its fields. */
export function answer(
  world: World,
  authorization: string | undefined,
  asked: Asked | undefined,
  route: string,
  cap: number | undefined,
): Answer {
  const { store } = world;
  const viewer = signedIn(world, authorization);
  if (viewer instanceof Refusal) return refused(viewer);
  if (!asked) return invalid(NO_QUERY);
  const found = world.check.document(asked.query);
  if (!found.ok) return unfit(found);
  const operation = chosen(found.operations, asked.operationName);
  if (!operation) return invalid(`Unknown operation named "${asked.operationName}".`);
  const variables = world.check.variables(operation, asked.variables);
  if (!variables.ok) return unfit(variables);
  const points = complexity(schema(), found.document, operation, variables.coerced);
  if (points > BEHAVIOUR.maxComplexity) {
    const message = `Query too complex: ${points} points, and ${BEHAVIOUR.maxComplexity} are the most that one may cost`;
    return { ...refused(new Refusal("complexity", message)), points };
  }
  const endpoint = route.split(" ")[1] ?? "";
  const now = instant(store);
  const { token, kind } = viewer.access;
  const poured = Bucket.pour(world.buckets, { token, kind, endpoint, points, now, limited: world.limited });
  const headers = Bucket.headersOf(poured.limits, points, endpoint);
  if (!poured.ok) {
    const over = refused(new Refusal("ratelimited", "Rate limit exceeded. Please try again later.", "Rate limit exceeded"));
    return { ...over, headers, points };
  }
  const context: Context = { store, viewer, cap, roots: { Query: QUERIES, Mutation: MUTATIONS }, limits: poured.limits };
  const result = execute({
    schema: schema(),
    document: found.document,
    operationName: operation.name?.value ?? null,
    variableValues: asked.variables,
    contextValue: context,
    fieldResolver: resolve,
  }) as ExecutionResult;
  const drift = (result.errors ?? []).filter((error) => !(error.originalError instanceof Refusal));
  if (drift.length > 0) return drifted(drift.map((error) => `${error.path?.join(".")}: ${error.message}`));
  const errors = result.errors?.map((error) => errorOf(error.originalError as Refusal, error.path));
  return { status: 200, body: { data: result.data, ...(errors ? { errors } : {}) }, headers, invalid: [], drift: [], points };
}

/** What the log says of a request that a fault answers instead. */
export function judged(world: World, asked: Asked | undefined): Answer {
  if (!asked) return invalid(NO_QUERY);
  const found = world.check.document(asked.query);
  return found.ok ? { status: 200, body: null, headers: {}, invalid: [], drift: [], points: 0 } : unfit(found);
}

const NO_QUERY = "POST body missing, invalid Content-Type, or JSON object has no keys.";

function signedIn(world: World, authorization: string | undefined): Viewer | Refusal {
  const denied = new Refusal(
    "authentication",
    "Authentication required, not authenticated",
    "You need to authenticate to access this operation.",
  );
  if (!authorization) return denied;
  const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
  const access = world.store.access.get(bearer ?? authorization);
  if (!access || access.revoked || (bearer === undefined && access.kind === "oauth")) return denied;
  if (bearer !== undefined && access.kind === "key")
    return new Refusal(
      "bearer",
      "It looks like you're trying to use an API key as a Bearer token. Remove the Bearer prefix from the Authorization header.",
    );
  return viewerOf(world.store, access) ?? denied;
}

function refused(refusal: Refusal): Answer {
  return { status: ERRORS[refusal.reason].http, body: { errors: [errorOf(refusal)] }, headers: {}, invalid: [], drift: [], points: 0 };
}

const invalid = (message: string): Answer => unfit({ ok: false, reason: "validation", errors: [new GraphQLError(message)] });

function unfit(found: Refused): Answer {
  if (found.reason === "unimplemented") return drifted([found.error.message]);
  const { errors, reason } = found;
  const { code, type, http } = ERRORS[reason];
  const said: GraphqlError[] = errors.map(({ message, locations }) => {
    return { message, locations, extensions: { code, type, http: { status: http }, userError: true } };
  });
  return { status: http, body: { errors: said }, headers: {}, invalid: errors.map((error) => error.message), drift: [], points: 0 };
}

function drifted(problems: string[]): Answer {
  const body = { errors: problems.map((message) => ({ message: `The simulator's answer is not the vendor's: ${message}` })) };
  return { status: 500, body, headers: {}, invalid: [], drift: problems, points: 0 };
}

/** The body of a request, or undefined for what is none. */
export async function read(c: Http): Promise<Asked | undefined> {
  try {
    const { query, variables, operationName } = (await c.req.json()) as Record<string, unknown>;
    if (typeof query !== "string") return undefined;
    return { query, variables: (variables ?? {}) as Asked["variables"], operationName: operationName as string | undefined };
  } catch {
    return undefined;
  }
}
