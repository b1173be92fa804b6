import { expect, test, vi } from "vitest";
import { systemSql } from "#core/db.ts";
import * as Queue from "#core/jobs/queue.ts";
import { handler } from "#functions/jobs/retention_cleanup.ts";
import { pump } from "#local/consumer.ts";
import { plan } from "#stacks/plan.ts";
import { freshDatabase } from "#test/database.ts";
import { onSqs } from "#test/queues.ts";
import { studio } from "#test/studio.ts";

const endpoint = process.env.AWS_ENDPOINT_URL;

/** One call of EventBridge's JSON protocol. LocalStack reads the service from the signature's scope and does not check the signature. */
async function eventBridge(action: string, input: object): Promise<void> {
  const scope = "Credential=test/20260101/us-east-1/events/aws4_request";
  const answer = await fetch(endpoint ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSEvents.${action}`,
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
}

test.runIf(endpoint)(
  "a planned rule fires its tick into its queue, and the door makes a run of it and runs it",
  { timeout: 150_000 },
  async () => {
    const database = await freshDatabase();
    const cloud = await onSqs();
    Queue.use(cloud.queue);
    const agency = await studio(2);
    const planned = plan().jobs;
    const name = "retention_cleanup";
    const job = planned.find((one) => one.name === name);
    if (!job) throw new Error(`${name} is not planned`);
    const arn = await cloud.create(name, { visibilitySeconds: job.queue.visibilitySeconds, maxReceives: job.queue.maxReceives });
    const rules = planned.flatMap(({ name: of, rule }) =>
      rule ? [{ Name: `${cloud.prefix}-${of}`, ScheduleExpression: rule.schedule }] : [],
    );
    for (const rule of rules) await eventBridge("PutRule", rule);
    const Rule = `${cloud.prefix}-${name}`;
    // The planned rate is too slow to wait for; the rest is the plan's.
    await eventBridge("PutRule", { Name: Rule, ScheduleExpression: "rate(1 minute)" });
    await eventBridge("PutTargets", { Rule, Targets: [{ Id: "queue", Arn: arn, Input: job.rule?.input }] });
    try {
      const finished = async () => {
        await pump(cloud.queue, name, handler, { waitSeconds: 2 });
        return systemSql<{ status: string; trigger: string }[]>`select status, trigger from job_runs where job = ${name}`;
      };
      // A daily job is due at its hour; these projects have waited for it since yesterday.
      await systemSql`
      insert into scheduled_jobs (project_id, account_scope_id, job, next_run_at, updated_at)
      select id, account_scope_id, ${name}, now() - interval '1 day', now() from projects where id = any (${agency.projects}::uuid[])`;
      const ok = { status: "ok", trigger: "schedule" };
      await vi.waitFor(async () => expect(await finished()).toEqual([ok, ok]), { timeout: 130_000, interval: 10 });
    } finally {
      await eventBridge("RemoveTargets", { Rule, Ids: ["queue"] });
      for (const rule of rules) await eventBridge("DeleteRule", { Name: rule.Name });
      await cloud.close();
      await database.close();
    }
  },
);
