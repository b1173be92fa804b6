import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue, jobs } from "#core/jobs/catalogue.ts";
import { verified } from "#stacks/data.ts";
import { deploy } from "#stacks/deploy.ts";
import { partName } from "#stacks/jobs.ts";
import { plan } from "#stacks/plan.ts";
import { type Cloud, openCloud, type Resource, statementsOf } from "#test/cloud.ts";

const root = join(import.meta.dirname, "..");
const arn = (queue: string) => `arn:aws:sqs:us-east-1:123456789012:bellwether-test-${queue}`;
const RECEIVE = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"];
const planned = plan();
let cloud: Cloud;

/** The resource of a type whose inputs say so; throws when there is not exactly one. */
function the(type: string, match: (inputs: Record<string, unknown>) => boolean): Record<string, unknown> {
  const found = cloud.of(type).filter((resource) => match(resource.inputs));
  if (found.length !== 1) throw new Error(`${found.length} of ${type}`);
  return (found[0] as Resource).inputs;
}
const named = (type: string, name: string) => the(type, (inputs) => inputs.name === `bellwether-test-${name}`);
const actions = () => cloud.of("aws:iam/role:Role").flatMap((role) => statementsOf(role).flatMap((statement) => statement.actions));

beforeAll(async () => {
  const DatabaseUrl = "postgres://app:secret@db.example.com/bellwether";
  cloud = await openCloud({ DatabaseUrl, SecretKey: "k", AuthUsername: "owner", AuthPassword: "p" });
  deploy("external", "https://console.example.com", planned);
  await cloud.settle();
});
afterAll(() => cloud.close());

test("each job with a grid has a rule that puts its tick on its queue, and only that rule may", () => {
  const ruled = planned.jobs.filter((job) => job.rule);
  expect(cloud.of("aws:cloudwatch/eventRule:EventRule")).toHaveLength(ruled.length);
  for (const job of ruled) {
    expect(named("aws:cloudwatch/eventRule:EventRule", job.name).scheduleExpression).toBe(job.rule?.schedule);
    const target = the("aws:cloudwatch/eventTarget:EventTarget", (inputs) => inputs.rule === `bellwether-test-${job.name}`);
    expect(target).toMatchObject({ arn: arn(job.name), input: job.rule?.input });
    const { policy } = the("aws:sqs/queuePolicy:QueuePolicy", (inputs) => String(inputs.queueUrl).endsWith(`/bellwether-test-${job.name}`));
    expect(JSON.parse(String(policy)).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn(job.name),
        Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:events:us-east-1:123456789012:rule/bellwether-test-${job.name}` } },
      },
    ]);
  }
});

test("each queue hides its messages long enough and ends in dead letters kept for 14 days", () => {
  expect(cloud.of("aws:sqs/queue:Queue")).toHaveLength(planned.jobs.length * 2);
  for (const job of planned.jobs) {
    const queue = named("aws:sqs/queue:Queue", job.name);
    expect(queue.visibilityTimeoutSeconds).toBe(job.queue.visibilitySeconds);
    const maxReceiveCount = jobs[job.name as keyof typeof jobs].budget.attempts;
    expect(JSON.parse(String(queue.redrivePolicy))).toEqual({ deadLetterTargetArn: arn(`${job.name}-dlq`), maxReceiveCount });
    expect(named("aws:sqs/queue:Queue", `${job.name}-dlq`).messageRetentionSeconds).toBe(14 * 86_400);
  }
});

test("each queue feeds its function, which answers failures by message", () => {
  expect(cloud.of("aws:lambda/eventSourceMapping:EventSourceMapping")).toHaveLength(planned.jobs.length);
  for (const job of planned.jobs) {
    const mapping = the("aws:lambda/eventSourceMapping:EventSourceMapping", (inputs) => inputs.eventSourceArn === arn(job.name));
    expect(mapping).toMatchObject({
      functionResponseTypes: ["ReportBatchItemFailures"],
      batchSize: 10,
      scalingConfig: { maximumConcurrency: job.concurrency },
    });
    const fn = named("aws:lambda/function:Function", job.name);
    expect(fn).toMatchObject({ timeout: job.function.timeoutSeconds, memorySize: job.function.memoryMb, runtime: "nodejs24.x" });
    expect(fn.vpcConfig).toBeUndefined();
  }
});

test("a function may receive from its own queue, send where the plan says, and nothing else", () => {
  const all = [...planned.jobs, ...planned.resources].map(({ function: fn }) => fn);
  expect(cloud.of("aws:lambda/function:Function").map((resource) => resource.inputs.name)).toHaveLength(all.length);
  for (const fn of all) {
    const { role } = named("aws:lambda/function:Function", fn.name);
    const granted = statementsOf({
      type: "",
      name: "",
      inputs: the("aws:iam/role:Role", (inputs) => String(role).endsWith(`:${inputs.name}`)),
    });
    const receives = fn.handler.startsWith("functions/jobs/") ? [{ effect: "Allow", actions: RECEIVE, resources: [arn(fn.name)] }] : [];
    const sends =
      fn.sendsTo.length > 0 ? [{ effect: "Allow", actions: ["sqs:GetQueueUrl", "sqs:SendMessage"], resources: fn.sendsTo.map(arn) }] : [];
    expect(granted).toEqual(expect.arrayContaining([...receives, ...sends]));
    expect(granted).toHaveLength(receives.length + sends.length);
  }
  expect(actions().filter((action) => action.includes("*"))).toEqual([]);
});

test("each operation is one route to its resource's function; the gateway answers the console's preflight", () => {
  const routes = cloud.of("aws:apigatewayv2/route:Route").map((resource) => String(resource.inputs.routeKey));
  expect(routes.toSorted()).toEqual(planned.resources.flatMap((resource) => resource.routes).toSorted());
  for (const resource of planned.resources) {
    const mine = cloud
      .of("aws:apigatewayv2/integration:Integration")
      .filter((integration) => JSON.stringify(integration.inputs.integrationUri).includes(`:bellwether-test-${resource.function.name}"`));
    expect(mine).toHaveLength(resource.routes.length);
  }
  expect(the("aws:apigatewayv2/api:Api", () => true).corsConfiguration).toMatchObject({
    allowOrigins: ["https://console.example.com"],
    allowCredentials: true,
  });
});

test("a function's environment holds what the plan names, and the database's certificate is verified", () => {
  for (const { function: fn } of [...planned.jobs, ...planned.resources]) {
    const text = JSON.stringify(named("aws:lambda/function:Function", fn.name).environment);
    const given = [...text.matchAll(/"([A-Z][A-Z_]+)":/g)].map((match) => match[1] ?? "").filter((key) => !key.startsWith("SST_"));
    expect(given.toSorted()).toEqual([...fn.environment].toSorted());
    expect(text).toContain("db.example.com/bellwether?sslmode=verify-full");
    expect(text).toContain('"QUEUE_BACKEND":"sqs","QUEUE_PREFIX":"bellwether-test"');
  }
  expect(() => verified("postgres://app@db.example.com/b?sslmode=require")).toThrow("only verify-full will do");
});

test("NEGATIVE: a job without a door is not deployed", () => {
  const does = "Haunts.";
  const budget = { seconds: 20, requests: 0, attempts: 3 };
  const ghost = catalogue({ ...jobs, ghost: { does, every: "1 hour", then: [], class: "upkeep", budget, needs: [] } });
  expect(() => deploy("external", "", plan(ghost))).toThrow("The job ghost has no door: functions/jobs/ghost.ts is missing.");
});

test("NEGATIVE: a misspelt queue setting does not compile", async () => {
  const folder = join(root, ".sst/negative");
  await mkdir(folder, { recursive: true });
  const source = (await readFile(join(root, "stacks/jobs.ts"), "utf8")).replace("../.sst/", "../");
  const compile = async (text: string) => {
    await writeFile(join(folder, "jobs.ts"), text);
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.infra.json", include: ["jobs.ts"] }));
    return promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", folder]).then(
      () => "",
      (error: { stdout: string }) => error.stdout,
    );
  };
  expect(await compile(source)).toBe("");
  expect(await compile(source.replace("visibilityTimeout:", "visibiltyTimeout:"))).toMatch(/'visibiltyTimeout' does not exist in type/);
  await rm(folder, { recursive: true });
});

test("NEGATIVE: a function linked to a queue is found out by its sqs:*", async () => {
  const { sst } = globalThis as unknown as { sst: { aws: Record<"Queue" | "Function", new (name: string, args: object) => object> } };
  const queue = new sst.aws.Queue(partName("linked_queue"), {});
  new sst.aws.Function("Linked", { handler: "functions/jobs/retention_cleanup.handler", link: [queue] });
  await cloud.settle();
  expect(actions().filter((action) => action.includes("*"))).toEqual(["sqs:*"]);
});
