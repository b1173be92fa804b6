import { readFileSync } from "node:fs";
import path from "node:path";
import { buildSchema, extendSchema, GraphQLError, GraphQLScalarType, type GraphQLSchema, parse, valueFromASTUntyped } from "graphql";
import { instantOf } from "#test/simulators/linear/compare.ts";
import { DRIFT } from "#test/simulators/linear/drift.ts";
import { linearSdl } from "#test/simulators/spec.ts";

let own: GraphQLSchema | undefined;
const vendors = new Map<string, GraphQLSchema>();

/** What the simulator answers: the part of Linear's schema in schema.graphql. Answers that do not fit it cannot leave. */
export function schema(): GraphQLSchema {
  own ??= built(readFileSync(path.join(import.meta.dirname, "schema.graphql"), "utf8"));
  return own;
}

/** Linear's whole schema, to hold requests against; undefined where it is not at hand. Takes a quarter of a second once. */
export function official(): GraphQLSchema | undefined {
  const sdl = linearSdl();
  if (sdl === undefined) return undefined;
  const known = vendors.get(sdl) ?? built(sdl);
  vendors.set(sdl, known);
  return known;
}

function built(sdl: string): GraphQLSchema {
  const found = extendSchema(buildSchema(sdl, { assumeValidSDL: true }), parse(DRIFT), { assumeValidSDL: true });
  for (const [name, { serialize, accepts }] of Object.entries(SCALARS)) {
    const scalar = found.getType(name);
    if (!(scalar instanceof GraphQLScalarType)) continue;
    scalar.serialize = serialize;
    scalar.parseValue = (given) => {
      if (typeof given !== "string" || !accepts(given)) throw new GraphQLError(`${name} cannot represent ${JSON.stringify(given)}`);
      return given;
    };
    // A scalar binds its own parser when it is built: one that is set later must be told of literals too.
    scalar.parseLiteral = (node) => scalar.parseValue(valueFromASTUntyped(node));
  }
  return found;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const isInstant = (text: string) => instantOf(text, 0) !== undefined;
/** Rows hold milliseconds; Linear shows "2026-03-10T12:00:00.000Z". */
const SCALARS: Readonly<Record<string, { serialize: (found: unknown) => string; accepts: (given: string) => boolean }>> = {
  DateTime: {
    serialize: (found) => new Date(found as number).toISOString(),
    accepts: (given) => isInstant(given) && !/^-?P/.test(given),
  },
  DateTimeOrDuration: { serialize: String, accepts: isInstant },
  TimelessDate: {
    serialize: (found) => {
      if (typeof found !== "string" || !DAY.test(found)) throw new Error(`${String(found)} is no date`);
      return found;
    },
    accepts: (given) => DAY.test(given),
  },
  TimelessDateOrDuration: { serialize: String, accepts: isInstant },
};
