import type { Hono } from "hono";
import { operations } from "#core/api/catalogue.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import type { Handler } from "#local/consumer.ts";

/** The job doors, by the names of the catalogue: the very handlers that Lambda would call. */
export async function jobHandlers(): Promise<Record<string, Handler>> {
  const entries = Object.keys(jobs).map(async (name) => {
    const door = (await import(`../functions/jobs/${name}.ts`)) as { handler: Handler };
    return [name, door.handler] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The API doors, by the resources of the catalogue. */
export async function apiDoors(): Promise<Map<string, Hono>> {
  const resources = [...new Set(Object.values(operations).map((operation) => operation.resource))];
  const entries = resources.map(async (resource) => {
    const door = (await import(`../functions/api/${resource}.ts`)) as { app: Hono };
    return [resource, door.app] as const;
  });
  return new Map(await Promise.all(entries));
}
