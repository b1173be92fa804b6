import { operations as clients } from "#core/api/operations/clients.ts";
import { operations as jobs } from "#core/api/operations/jobs.ts";
import { operations as memory } from "#core/api/operations/memory.ts";
import { operations as sources } from "#core/api/operations/sources.ts";
import { operations as studio } from "#core/api/operations/studio.ts";

/**
 * Every operation of the HTTP API and who may call it. Plain data: the doors bind the code, `stacks/` makes the gateway's routes of it, the OpenAPI
 * document and the access tests read it. What is not listed here cannot be reached.
 */
export const operations = { ...studio, ...jobs, ...sources, ...clients, ...memory };

export type OperationName = keyof typeof operations;
