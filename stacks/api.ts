/// <reference path="../.sst/platform/config.d.ts" />
import type { Surroundings } from "#stacks/data.ts";
import { functionArgs } from "#stacks/function.ts";
import { type ArnOf, partName } from "#stacks/jobs.ts";
import type { ResourcePlan } from "#stacks/plan.ts";

/** One gateway; a function per resource, a route per operation. Who may call what is the doors' business: the gateway only knows what exists. */
export function makeApi(resources: readonly ResourcePlan[], around: Surroundings, arnOf: ArnOf, corsOrigins: readonly string[]) {
  const api = new sst.aws.ApiGatewayV2("Api", { cors: corsOrigins.length > 0 ? cors(corsOrigins) : false });
  for (const resource of resources) {
    const served = new sst.aws.Function(partName(resource.function.name), functionArgs(resource.function, around, arnOf));
    for (const route of resource.routes) api.route(route, served.arn);
  }
  return api;
}

/** The gateway answers a browser's preflight, because it routes no OPTIONS; the doors still say which origins they trust. */
function cors(origins: readonly string[]) {
  return {
    allowOrigins: [...origins],
    allowCredentials: true,
    allowMethods: ["GET" as const, "POST" as const, "PUT" as const, "PATCH" as const, "DELETE" as const],
    allowHeaders: ["authorization", "content-type", "idempotency-key", "x-api-key", "x-csrf-token", "x-project-id", "x-request-id"],
    exposeHeaders: ["idempotency-replayed", "retry-after", "x-request-id"],
  };
}
