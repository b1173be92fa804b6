import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { config } from "#core/config.ts";
import * as Db from "#core/db.ts";
import { serverPool, systemSql } from "#core/db.ts";
import { queueLimits } from "#core/jobs/catalogue.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { ensureFirstOwner } from "#core/platform/first-owner.ts";
import { openEmbedded } from "#local/database.ts";
import { startDemo } from "#local/demo.ts";
import { connectFromEnvironment } from "#local/first.ts";
import { useSecretKey } from "#local/key.ts";
import { freeOrphans } from "#local/orphans.ts";
import { tellFirstCycle } from "#local/progress.ts";
import { listen } from "#local/server.ts";
import { work } from "#local/work.ts";
import { migrateServer } from "../migrations/migrate.ts";

const SHUTDOWN_MS = 30_000;
// What is kept here is nobody else's on this machine.
process.umask(0o077);
const say = (line: string) => process.stdout.write(`${line}\n`);
const { values: flags } = parseArgs({ options: { demo: { type: "boolean", default: false }, size: { type: "string", default: "small" } } });
if (flags.size !== "small" && flags.size !== "large") throw new Error("--size is small or large.");

const folder = config.BELLWETHER_DATA;
const closing: (() => Promise<unknown>)[] = [];
const stopped = new AbortController();

async function start(size: "small" | "large"): Promise<void> {
  if (config.DATABASE_URL) {
    await migrateServer(config.DATABASE_URL);
    Db.adopt(serverPool(config.DATABASE_URL, { max: config.DATABASE_POOL_MAX, role: "bellwether_system" }));
    closing.push(Db.disconnect);
  } else {
    if (!existsSync(join(folder, "pg"))) say("making the embedded database (once, a few seconds)");
    const embedded = await openEmbedded(folder);
    closing.push(embedded.close);
  }
  await freeOrphans(!config.DATABASE_URL);
  await useSecretKey(folder);
  Queue.use(embeddedQueue(queueLimits));

  const owner = await ensureFirstOwner();
  // At once: whatever stops this start, it is not shown again.
  if (owner.password) say(`sign in as ${owner.username} with the password ${owner.password}  (shown this once)`);
  await connectFromEnvironment(owner.accountScopeId);
  const [connections] = await systemSql<{ real: number; simulated: number }[]>`
    select count(*) filter (where not simulated) as real, count(*) filter (where simulated) as simulated from connections`;
  // A demo that is in the folder goes on beside what is real: its projects would only fail without their sources.
  const wanted = flags.demo || (!config.DATABASE_URL && (!connections?.real || connections.simulated > 0));
  const demo = wanted ? await startDemo(folder, owner.accountScopeId, size) : undefined;
  if (demo) closing.unshift(demo.close);

  const server = await listen(config.HOST, config.PORT);
  closing.unshift(server.close);
  await demo?.announce(server.url);
  say(`Bellwether is at ${server.url}  (the API is described at ${server.url}/docs)`);
  if (!owner.password) say(`sign in as ${owner.username}`);
  if (demo) say("its sources are a simulated Chatwoot, Linear and Attio: one invented agency with four clients, no one's data");
  if (demo && connections?.real) say("it goes on beside your own sources; another BELLWETHER_DATA is without it");

  const working = await work();
  closing.unshift(working.stop);
  // Asked to stop, it may find the database closed.
  await tellFirstCycle(say, stopped.signal).catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
}

/** Finishes or gives back what is held: timers and consumers first, then the port, the demo, the database. */
async function stop(signal: string): Promise<void> {
  if (stopped.signal.aborted) process.exit(1);
  stopped.abort();
  say(`${signal}: finishing what is under way`);
  const timer = setTimeout(() => process.exit(1), SHUTDOWN_MS);
  for (const close of closing) await close();
  clearTimeout(timer);
  say("stopped");
  process.exit(0);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
start(flags.size).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
