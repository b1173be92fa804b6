import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { config } from "#core/config.ts";
import { sql } from "#core/db.ts";
import { jobs, queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { ask } from "#core/jobs/request.ts";
import { drain } from "#local/consumer.ts";
import { jobHandlers } from "#local/doors.ts";
import { asOwner } from "#test/database.ts";
import { chatter } from "./chatter.ts";

/**
 * Messages a second, two vectors each, from pending to ready, against a simulated OpenAI in a process of its own that answers after so many milliseconds.
 * Makes the project it needs in the open database.
 */
export async function embeddingRate(messages: number, latencyMs: number): Promise<number> {
  const sim = spawn(process.execPath, ["test/simulators/openai/main.ts", "--latency-ms", String(latencyMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(sim.stdout), "line")) as [string];
  const { baseUrl, tokens } = JSON.parse(line) as { baseUrl: string; tokens: { key: string } };
  Object.assign(config, { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: tokens.key });
  try {
    const { scope } = await chatter(messages);
    const { projects } = scope;
    await asOwner(
      () => sql`
        update projects set economy_mode = false, budget_usd_day = 1000, budget_usd_run = 1000 where id = any (${projects as string[]}::uuid[])`,
    );
    const queue = embeddedQueue(queueLimits);
    Queue.use(queue);
    const handlers = await jobHandlers();
    const began = performance.now();
    await ask(jobs, scope, "embeddings_run", { trigger: "manual", by: "bench" });
    await drain(queue, handlers);
    const seconds = (performance.now() - began) / 1_000;
    const [ready] = await asOwner(
      () => sql<{ n: number }[]>`
        select count(*) as n from rag_chunks where embedding_status = 'ready' and project_id = any (${projects as string[]}::uuid[])`,
    );
    if (ready?.n !== messages) throw new Error(`${ready?.n} of ${messages} messages have their vectors`);
    return messages / seconds;
  } finally {
    sim.kill();
  }
}
