import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

type Inputs = Record<string, unknown>;
export type Resource = { type: string; name: string; inputs: Inputs };
export type Cloud = { of: (type: string) => Resource[]; settle: () => Promise<void>; close: () => void };

const root = join(import.meta.dirname, "..");
const platform = join(root, ".sst/platform");
const ACCOUNT = "123456789012";

/**
 * SST's real components (`npm run infra:types` puts them there) over Pulumi's mocks: nothing is deployed, and every resource that would be is listed
 * with its inputs. Builds of functions are answered by a stand-in of SST's server, secrets come from `secrets`.
 */
export async function openCloud(secrets: Readonly<Record<string, string>>): Promise<Cloud> {
  const created: Resource[] = [];
  const require = createRequire(join(platform, "package.json"));
  const pulumi = require("@pulumi/pulumi");
  const server = await sstServer();
  for (const [name, value] of Object.entries(secrets)) process.env[`SST_SECRET_${name}`] = value;
  Object.assign(process.env, { SST_SERVER: server.url, SST_AWS_REGION: "us-east-1" });
  Object.assign(globalThis, {
    $app: { name: "bellwether", stage: "test", removal: "remove", providers: { aws: {} } },
    $dev: false,
    $util: pulumi,
    $cli: { state: { version: {} }, paths: { root, work: join(root, ".sst"), platform, home: root } },
    $jsonStringify: pulumi.jsonStringify,
    $jsonParse: pulumi.jsonParse,
    $interpolate: pulumi.interpolate,
    $concat: pulumi.concat,
    $output: pulumi.output,
    $resolve: pulumi.all,
    aws: require("@pulumi/aws"),
  });
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }: Resource) => {
        created.push({ type, name, inputs });
        return made(type, String(inputs.name ?? name), inputs);
      },
      call: ({ token, inputs }: { token: string; inputs: Inputs }) => answer(token, inputs),
    },
    "bellwether",
    "test",
    false,
  );
  Object.assign(globalThis, { sst: await import(join(platform, "src/components/index")) });
  return {
    of: (type) => created.filter((resource) => resource.type === type),
    // Outputs resolve on their own time: it is done when the list has stopped growing.
    async settle() {
      for (let seen = -1; seen !== created.length; await sleep(400)) seen = created.length;
    },
    close: server.close,
  };
}

/** What a role's inline policies grant. */
export function statementsOf(role: Resource): { effect: string; actions: string[]; resources: string[] }[] {
  const policies = (role.inputs.inlinePolicies ?? []) as { policy: string }[];
  return policies.flatMap(({ policy }) => JSON.parse(policy).statements);
}

/** What a resource answers once it is made: an ARN of the service's shape, which SST takes apart again. */
function made(type: string, name: string, inputs: Inputs): { id: string; state: Inputs } {
  const kind = type.split(":")[1]?.split("/")[0] ?? "";
  const service = kind === "cloudwatch" ? "events" : kind;
  const part = { lambda: "function:", events: "rule/", sqs: "" }[service] ?? "";
  const arn = `arn:aws:${service}:us-east-1:${ACCOUNT}:${part}${name}`;
  const url = `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${name}`;
  const result = inputs.length ? { result: "p@ss/word" } : {};
  return {
    id: `${name}_id`,
    state: { ...inputs, ...result, name, arn, url, endpoint: "db.internal:5432", invokeArn: "invoke", qualifiedArn: arn },
  };
}

function answer(token: string, inputs: Inputs): Inputs {
  if (token.includes("getPolicyDocument")) return { ...inputs, json: JSON.stringify(inputs) };
  if (token.includes("getRegion")) return { name: "us-east-1", region: "us-east-1" };
  if (token.includes("getCallerIdentity")) return { accountId: ACCOUNT };
  if (token.includes("getPartition")) return { partition: "aws" };
  if (token.includes("getAvailabilityZones")) return { names: ["us-east-1a", "us-east-1b", "us-east-1c"] };
  return inputs;
}

/** The process SST's components ask for builds. */
async function sstServer(): Promise<{ url: string; close: () => void }> {
  const out = join(root, ".sst/artifacts/stand-in");
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "bundle.mjs"), "export const handler = () => {}");
  const results: Record<string, Inputs> = {
    "Provider.Aws.Bootstrap": {
      asset: "assets",
      assetEcrRegistryId: "1",
      assetEcrUrl: "u",
      state: "s",
      appsyncHttp: "",
      appsyncRealtime: "",
    },
    "Runtime.Build": { out, handler: "bundle.handler", errors: [], sourcemaps: [] },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method } = JSON.parse(Buffer.concat(chunks).toString()) as { method: string };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: 1, result: results[method] ?? {}, error: null }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("the stand-in has no port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
