import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as Db from "#core/db.ts";
import { forRun } from "#core/jobs/message.ts";
import type { ProjectScope } from "#core/scope.ts";
import { openEmbedded } from "#local/database.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { mirror, upstream } from "#test/mirror.ts";
import { killAll, start } from "#test/product.ts";
import { type Running, startChatwoot } from "#test/simulators/chatwoot/server.ts";
import { random } from "#test/simulators/random.ts";

const onServer = Boolean(process.env.TEST_DATABASE_URL);
// The embedded database takes seconds to open again.
const KILLS = onServer ? 20 : 8;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let sim: Running;
let database: TestDatabase | undefined;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellwether-product-"));
  database = onServer ? await freshDatabase() : undefined;
  await Db.disconnect();
  sim = await startChatwoot({ size: "small", rateLimit: false, validate: false });
});
afterEach(async () => {
  killAll();
  await sim.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the product's database from here, once it has let go of it. */
async function look<T>(work: (scope: ProjectScope) => Promise<T>): Promise<T> {
  const embedded = onServer ? undefined : await openEmbedded(folder);
  if (database?.url) Db.adopt(Db.serverPool(database.url, { max: 4, role: "bellwether_system" }));
  try {
    const projects = await Db.systemSql<{ id: string; accountScopeId: string }[]>`select id, account_scope_id from projects`;
    // However many processes started on it at once, one of them made the first project.
    expect(projects).toHaveLength(1);
    return await work({ projects: projects.map(({ id }) => id), accountScopeId: projects[0]?.accountScopeId ?? "" });
  } finally {
    if (embedded) await embedded.close();
    else await Db.disconnect();
  }
}

/** No run of a job overlapped another, and every message that was sent upstream has its one event. */
async function expectOnce(scope: ProjectScope): Promise<void> {
  const overlaps = await Db.systemSql`
    select a.job, a.id, b.id as other from worker_runs a join worker_runs b on b.project_id = a.project_id and b.job = a.job and b.id > a.id
    where a.status in ('ok', 'failed') and b.status in ('ok', 'failed') and (a.started_at, a.finished_at) overlaps (b.started_at, b.finished_at)`;
  expect(overlaps).toEqual([]);
  const [sent] = await Db.transaction(
    scope,
    () => Db.sql<{ n: number }[]>`select count(*) as n from kag_event_log where event_type = 'message_sent'`,
  );
  expect(sent?.n).toBe(upstream(sim.store).messages.filter((message) => message.type !== "activity").length);
}

test(`killed ${KILLS} times in the middle of its first read, it still ends with a mirror that equals the account`, {
  timeout: 300_000,
}, async () => {
  // Slow enough that twenty lives do not suffice for one read.
  sim.world.latencyMs = 60;
  const draw = random(Date.now());
  for (let life = 0; life < KILLS; life++) {
    const product = start(sim, folder, database?.url);
    await product.line(/^sign in as/);
    await pause(50 + draw() * 700);
    await product.end("SIGKILL");
  }
  sim.world.latencyMs = 0;
  const last = start(sim, folder, database?.url);
  await last.line(/^sign in as/);
  // An earlier life may have ended the first cycle: then nothing is said of it.
  await Promise.race([last.line(/^first cycle done/), pause(60_000)]);
  await last.end("SIGTERM");
  await look(async (scope) => {
    expect(await mirror(scope)).toEqual(upstream(sim.store));
    await expectOnce(scope);
  });
});

test.runIf(onServer)(
  "two processes on one PostgreSQL, each message three times: nothing overlaps, nothing is doubled",
  { timeout: 120_000 },
  async () => {
    sim.world.latencyMs = 10;
    const both = [start(sim, folder, database?.url), start(sim, `${folder}-2`, database?.url)];
    await Promise.all(both.map((product) => product.line(/^sign in as/)));
    await look(async () => {
      for (let round = 0; round < 20; round++) {
        const open = await Db.systemSql<
          { id: string; projectId: string; job: string }[]
        >`select id, project_id, job from job_runs where status in ('queued', 'running')`;
        for (const run of open) {
          const body = forRun(run.job, run);
          await Db.systemSql`insert into queue_messages (queue, body) select ${run.job}, ${body} from generate_series(1, 3)`;
        }
        await pause(100);
      }
    });
    await Promise.race([both[0]?.line(/^first cycle done/), both[1]?.line(/^first cycle done/), pause(60_000)]);
    await Promise.all(both.map((product) => product.end("SIGTERM")));
    await rm(`${folder}-2`, { recursive: true, force: true });
    await look(async (scope) => {
      expect(await mirror(scope)).toEqual(upstream(sim.store));
      await expectOnce(scope);
      const runs = await Db.systemSql<
        { job: string; n: number }[]
      >`select job, count(*) as n from job_runs where trigger = 'schedule' group by job`;
      // A tick at the quarter of an hour may fall into the test: one run of it more, never more than that.
      for (const run of runs) expect(run.n).toBeLessThanOrEqual(2);
    });
  },
);

test.skipIf(onServer)(
  "a second process on one folder is refused with the holder's pid, and a dead holder's lock is taken over",
  { timeout: 60_000 },
  async () => {
    const first = start(sim, folder, undefined);
    await first.line(/^sign in as/);
    const second = start(sim, folder, undefined);
    await second.line(new RegExp(`in use by process ${first.child.pid}`));
    await first.end("SIGKILL");
    const third = start(sim, folder, undefined);
    await third.line(/^sign in as/);
    await third.end("SIGTERM");
  },
);
