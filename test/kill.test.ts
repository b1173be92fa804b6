import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import * as Db from "#core/db.ts";
import { openEmbedded } from "#local/database.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import { type Running, startChatwoot } from "#test/simulators/chatwoot/server.ts";
import { random } from "#test/simulators/random.ts";

const KILLS = 20;
const NODE = process.execPath;
const onServer = Boolean(process.env.TEST_DATABASE_URL);

let sim: Running;
let database: TestDatabase | undefined;
let folder: string;
const children = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await sim.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The product as a newcomer starts it, pointed at the simulated account; `line` resolves when it has said something like that. */
function start(): { child: ChildProcess; line: (pattern: RegExp) => Promise<string> } {
  const child = spawn(NODE, ["local/main.ts"], {
    env: {
      ...process.env,
      PORT: "0",
      LOG_LEVEL: "silent",
      BELLWETHER_DATA: folder,
      DATABASE_URL: database?.url ?? "",
      CHATWOOT_BASE_URL: sim.baseUrl,
      CHATWOOT_API_TOKEN: sim.tokens.admin,
      CHATWOOT_ACCOUNT_ID: String(sim.accountId),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout as NodeJS.ReadableStream).on("line", (text) => {
    lines.push(text);
    for (const wake of waiting) wake();
  });
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.find((text) => pattern.test(text));
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      child.once("exit", () => resolve());
      await promise;
      if (child.exitCode !== null && !lines.some((text) => pattern.test(text)))
        throw new Error(`it ended before it said ${pattern}: ${lines.join(" | ")}`);
    }
  };
  return { child, line };
}

test(`killed ${KILLS} times in the middle of its first read, it still ends with a mirror that equals the account`, {
  timeout: 300_000,
}, async () => {
  folder = await mkdtemp(join(tmpdir(), "bellwether-kill-"));
  database = onServer ? await freshDatabase() : undefined;
  await Db.disconnect();
  // Slow enough that twenty lives do not suffice for one read.
  sim = await startChatwoot({ size: "small", rateLimit: false, validate: false, latencyMs: 60 });
  const draw = random(Date.now());
  for (let life = 0; life < KILLS; life++) {
    const { child, line } = start();
    await line(/^sign in as/);
    await new Promise((resolve) => setTimeout(resolve, 50 + draw() * 700));
    child.kill("SIGKILL");
    await once(child, "exit");
    children.delete(child);
  }
  sim.world.latencyMs = 0;
  const { child, line } = start();
  await line(/^sign in as/);
  await stillBusy(line);
  child.kill("SIGTERM");
  await once(child, "exit");
  children.delete(child);
  const embedded = onServer ? undefined : await openEmbedded(folder);
  if (onServer && database?.url) Db.adopt(Db.serverPool(database.url, { max: 4, role: "bellwether_system" }));
  try {
    const [project] = await Db.systemSql<{ id: string; accountScopeId: string }[]>`select id, account_scope_id from projects`;
    expect(await mirror({ projects: [project?.id ?? ""], accountScopeId: project?.accountScopeId ?? "" })).toEqual(upstream(sim.store));
    const doubles =
      await Db.systemSql`select project_id, job from job_runs where status = 'running' group by project_id, job having count(*) > 1`;
    expect(doubles).toEqual([]);
    const [sent] = await Db.transaction(
      { projects: [project?.id ?? ""], accountScopeId: project?.accountScopeId ?? "" },
      () => Db.sql<{ n: number }[]>`
      select count(*) as n from kag_event_log where event_type = 'message_sent'`,
    );
    const written = upstream(sim.store).messages.filter((message) => message.type !== "activity").length;
    expect(sent?.n).toBe(written);
  } finally {
    await embedded?.close();
  }
});

/** Waits for the first cycle to end, unless an earlier life had ended it. */
async function stillBusy(line: (pattern: RegExp) => Promise<string>): Promise<void> {
  await Promise.race([line(/^first cycle done/), new Promise((resolve) => setTimeout(resolve, 60_000))]);
}
