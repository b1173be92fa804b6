/// <reference path="../.sst/platform/config.d.ts" />
import type { Surroundings } from "#stacks/data.ts";
import type { FunctionPlan } from "#stacks/plan.ts";

/** A planned function as SST's arguments. It is linked to nothing: a link to a queue would grant `sqs:*`. */
export function functionArgs(planned: FunctionPlan, around: Surroundings, arnOf: (queue: string) => $util.Input<string>) {
  const environment = Object.fromEntries(planned.environment.map((key) => [key, around.values[key]]));
  return {
    name: `${around.prefix}-${planned.name}`,
    handler: planned.handler,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: `${planned.timeoutSeconds} seconds`,
    memory: `${planned.memoryMb} MB`,
    environment: { ...environment, ...around.trust },
    logging: { retention: "1 month", format: "json" },
    permissions:
      planned.sendsTo.length > 0 ? [{ actions: ["sqs:GetQueueUrl", "sqs:SendMessage"], resources: planned.sendsTo.map(arnOf) }] : [],
    // The SDK is part of Lambda's runtime; in a bundle it would cost 300 kB and 50 ms of every cold start.
    nodejs: { format: "esm", minify: true, splitting: true, esbuild: { external: ["@aws-sdk/*"] } },
    ...(around.vpc ? { vpc: around.vpc } : {}),
  } satisfies sst.aws.FunctionArgs;
}
