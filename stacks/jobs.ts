/// <reference path="../.sst/platform/config.d.ts" />
import type { Surroundings } from "#stacks/data.ts";
import { functionArgs } from "#stacks/function.ts";
import type { JobPlan } from "#stacks/plan.ts";

export type ArnOf = (queue: string) => $util.Output<string>;

/** Each job's rule, queue, dead letters and function. Answers the ARN of a planned queue, for who else sends to one. */
export function makeJobs(jobs: readonly JobPlan[], around: Surroundings): ArnOf {
  // All queues first: a job's function may send to another's.
  const queues = new Map(jobs.map((job) => [job.name, makeQueues(job, around.prefix)]));
  const arns = new Map([...queues].flatMap(([name, { live, dead }]) => [[name, live.arn] as const, [`${name}-dlq`, dead.arn] as const]));
  const arnOf = (queue: string) => {
    const arn = arns.get(queue);
    if (!arn) throw new Error(`There is no queue ${queue} in the plan.`);
    return arn;
  };
  for (const job of jobs) {
    const queue = queues.get(job.name);
    if (!queue) continue;
    if (job.rule) schedule(job.name, job.rule, queue.live, around.prefix);
    queue.live.subscribe(functionArgs(job.function, around, arnOf), {
      batch: { size: 10, partialResponses: true },
      transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: job.concurrency } } },
    });
  }
  return arnOf;
}

/** SST's names of parts: connectors_sync_cycle is ConnectorsSyncCycle. */
export function partName(name: string): string {
  return name.replaceAll(/(?:^|[_-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function makeQueues(job: JobPlan, prefix: string) {
  const part = partName(job.name);
  const dead = new sst.aws.Queue(`${part}DeadLetters`, {
    transform: { queue: { name: `${prefix}-${job.queue.deadLetters}`, messageRetentionSeconds: job.queue.retentionDays * 86_400 } },
  });
  const live = new sst.aws.Queue(part, {
    visibilityTimeout: `${job.queue.visibilitySeconds} seconds`,
    dlq: { queue: dead.arn, retry: job.queue.maxReceives },
    transform: { queue: { name: `${prefix}-${job.queue.name}` } },
  });
  return { live, dead };
}

/** A rule puts a tick on the queue. SST's Cron would call the function itself, past the queue, its retries and its dead letters. */
function schedule(name: string, { schedule: rate, input }: NonNullable<JobPlan["rule"]>, queue: sst.aws.Queue, prefix: string): void {
  const part = partName(name);
  const rule = new aws.cloudwatch.EventRule(`${part}Rule`, {
    name: `${prefix}-${name}`,
    description: `Ticks ${name}.`,
    scheduleExpression: rate,
  });
  const policy = new aws.sqs.QueuePolicy(`${part}RulePolicy`, {
    queueUrl: queue.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queue.arn,
          Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
        },
      ],
    }),
  });
  new aws.cloudwatch.EventTarget(`${part}Target`, { rule: rule.name, arn: queue.arn, input }, { dependsOn: [policy] });
}
