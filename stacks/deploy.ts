/// <reference path="../.sst/platform/config.d.ts" />
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { makeApi } from "#stacks/api.ts";
import { type Database, makeData } from "#stacks/data.ts";
import { makeJobs } from "#stacks/jobs.ts";
import { type Plan, plan, problems } from "#stacks/plan.ts";

/**
 * The whole cloud of one stage. `database` is "external" (the default) or "aurora"; `corsOrigin` a list of origins with commas between. Throws before
 * anything is made when a planned function has no door.
 */
export function deploy(database = "external", corsOrigin = "", planned: Plan = plan()) {
  if (!isDatabase(database)) throw new Error(`BELLWETHER_DATABASE is external or aurora, not ${database}.`);
  const wrong = problems(planned, { jobs: doorsIn("jobs"), api: doorsIn("api") });
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  const around = makeData(database, corsOrigin);
  const arnOf = makeJobs(planned.jobs, around);
  const origins = corsOrigin
    .split(",")
    .map((origin) => origin.trim())
    .filter(Boolean);
  const api = makeApi(planned.resources, around, arnOf, origins);
  return { api: api.url };
}

function isDatabase(text: string): text is Database {
  return text === "external" || text === "aurora";
}

function doorsIn(folder: string): string[] {
  return readdirSync(join($cli.paths.root, "functions", folder))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -3));
}
