import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { config } from "#core/config.ts";
import type * as Db from "#core/db.ts";
import { jobs, queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { ask } from "#core/jobs/request.ts";
import { drain } from "#local/consumer.ts";
import { jobHandlers } from "#local/doors.ts";

const WORDS = "deadline invoice logo budget server launch friday meeting contract draft review button client page report access".split(" ");

/**
 * Chunks a second, two vectors each, from pending to ready, against a simulated OpenAI in a process of its own that answers after so many milliseconds.
 * Makes the project it needs in the open database.
 */
export async function embeddingRate(owner: Db.Sql, chunks: number, latencyMs: number): Promise<number> {
  const sim = spawn(process.execPath, ["test/simulators/openai/main.ts", "--latency-ms", String(latencyMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(sim.stdout), "line")) as [string];
  const { baseUrl, tokens } = JSON.parse(line) as { baseUrl: string; tokens: { key: string } };
  Object.assign(config, { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: tokens.key });
  try {
    const scope = await project(owner, chunks);
    const queue = embeddedQueue(queueLimits);
    Queue.use(queue);
    const handlers = await jobHandlers();
    const began = performance.now();
    await ask(jobs, scope, "embeddings_run", { trigger: "manual", by: "bench" });
    await drain(queue, handlers);
    const seconds = (performance.now() - began) / 1_000;
    const [ready] = await owner<
      { n: number }[]
    >`select count(*) as n from rag_chunks where embedding_status = 'ready' and project_id = any (${scope.projects}::uuid[])`;
    if (ready?.n !== chunks) throw new Error(`${ready?.n} of ${chunks} chunks have their vectors`);
    return chunks / seconds;
  } finally {
    sim.kill();
  }
}

async function project(owner: Db.Sql, chunks: number): Promise<{ projects: string[]; accountScopeId: string }> {
  const [made] = await owner<{ id: string; accountScopeId: string; connectionId: string }[]>`
    with account as (insert into account_scopes (scope_key, name) values (gen_random_uuid()::text, 'Bench') returning id),
    project as (
      insert into projects (account_scope_id, name, economy_mode, budget_usd_day, budget_usd_run) select id, 'Bench', false, 1000, 1000 from account returning id, account_scope_id),
    connection as (
      insert into connections (account_scope_id, source, name, base_url, external_account, credentials, created_by, created_at, updated_at)
      select id, 'chatwoot', 'Bench', 'http://bench', '1', 'x', 'bench', now(), now() from account returning id)
    select p.id, p.account_scope_id, c.id as connection_id from project p, connection c`;
  if (!made) throw new Error("no project was made");
  await owner`
    insert into project_sources (project_id, account_scope_id, connection_id, created_by, created_at) values (${made.id}, ${made.accountScopeId}, ${made.connectionId}, 'bench', now())`;
  await owner`
    insert into rag_chunks (project_id, account_scope_id, connection_id, source_kind, source_ref, thread_ref, ord, text, text_hash, language, content_tokens, occurred_at, created_at, updated_at)
    select ${made.id}, ${made.accountScopeId}, ${made.connectionId}, 'message', 'cwmsg:' || ${made.connectionId} || ':' || n, 'cw:' || ${made.connectionId} || ':' || n / 50, n,
      (select string_agg((${WORDS}::text[])[1 + (n * 7919 + k * 104729 + n * k) % ${WORDS.length}], ' ') from generate_series(1, 25) k) || ' ' || n, md5(n::text), 'en', 40,
      now() - make_interval(mins => n), now(), now()
    from generate_series(1, ${chunks}) n`;
  return { projects: [made.id], accountScopeId: made.accountScopeId };
}
