import { run as graphileRun, Logger, makeWorkerUtils } from "graphile-worker";
import { PgBoss } from "pg-boss";
import { catalogue } from "#core/jobs/catalogue.ts";
import { dispatch } from "#core/jobs/dispatch.ts";
import * as Queue from "#core/jobs/queue.ts";
import { embeddedQueue } from "#core/jobs/queue-embedded.ts";
import { job, onQueue } from "#functions/door.ts";
import { pump } from "#local/consumer.ts";
import type { Row } from "./main.ts";
import { benchDatabase, median } from "./support/database.ts";

const ROUNDS = 5;
const RUNS = 5_000;
const WORKERS = 10;
const PROJECTS = 1_000;
const budget = { seconds: 60, requests: 0, attempts: 5 };
const names = ["one", "two", "three", "four", "five"] as const;
const list = catalogue({
  one: { does: "-", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
  two: { does: "-", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
  three: { does: "-", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
  four: { does: "-", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
  five: { does: "-", every: "15 minutes", then: [], class: "upkeep", budget, needs: [] },
});

/** Dispatch of many projects, and empty runs through the door with all their records, beside two queues that keep none. */
export async function run(say: (line: string) => void): Promise<Row[]> {
  const { url, owner, drop } = await benchDatabase("jobs", WORKERS);
  const queue = embeddedQueue(() => ({ visibilitySeconds: 360, maxReceives: 5 }));
  Queue.use(queue);
  await owner`insert into account_scopes (id, scope_key, name) values ('00000000-0000-4000-8000-000000000001', 'bench', 'Bench')`;
  await owner`insert into projects (account_scope_id, name) select '00000000-0000-4000-8000-000000000001', 'p' || n from generate_series(1, ${PROJECTS}) n`;
  await owner`analyze projects`;
  const handlers = names.map((name) => [name, onQueue(job<typeof list>(name, async () => ({}), list))] as const);
  const empty = () => owner`truncate queue_messages, job_runs, worker_runs, kag_event_log, scheduled_jobs cascade`;

  const ours = async (): Promise<{ dispatchMs: number; perSecond: number }> => {
    await empty();
    const dispatched = performance.now();
    for (const name of names.slice(0, 3)) await dispatch(list, name);
    const dispatchMs = performance.now() - dispatched;
    for (const name of names.slice(3)) await dispatch(list, name);
    await owner`analyze queue_messages, job_runs, scheduled_jobs`;
    // Ten consumers, as ten functions would be at work: two a job, each with the batch of ten that its queue hands over.
    const began = performance.now();
    await Promise.all(
      Array.from({ length: WORKERS }, async (_, lane) => {
        for (let step = 0; step < handlers.length; step++) {
          const [name, handler] = handlers[(lane + step) % handlers.length] as (typeof handlers)[number];
          while ((await pump(queue, name, handler, { waitSeconds: 0 })) > 0);
        }
      }),
    );
    const seconds = (performance.now() - began) / 1_000;
    const [ended] = await owner<{ count: number }[]>`select count(*) from job_runs where status = 'ok'`;
    if (ended?.count !== RUNS) throw new Error(`${ended?.count} of ${RUNS} runs ended well`);
    return { dispatchMs, perSecond: RUNS / seconds };
  };

  const graphile = async (): Promise<number> => {
    const utils = await makeWorkerUtils({ connectionString: url });
    await utils.migrate();
    await owner.unsafe("truncate graphile_worker._private_jobs");
    await utils.addJobs(Array.from({ length: RUNS }, (_, n) => ({ identifier: "empty", payload: { n } })));
    await utils.release();
    await owner.unsafe("analyze graphile_worker._private_jobs");
    let done = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const began = performance.now();
    const runner = await graphileRun({
      connectionString: url,
      concurrency: WORKERS,
      noHandleSignals: true,
      logger: quiet(),
      taskList: {
        empty: async () => {
          if (++done === RUNS) resolve();
        },
      },
    });
    await promise;
    const seconds = (performance.now() - began) / 1_000;
    await runner.stop();
    return RUNS / seconds;
  };

  const boss = new PgBoss({ connectionString: url, max: WORKERS, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue("empty");
  const pgBoss = async (): Promise<number> => {
    await boss.insert(
      "empty",
      Array.from({ length: RUNS }, (_, n) => ({ data: { n } })),
    );
    const began = performance.now();
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        for (;;) {
          const [fetched] = await boss.fetch("empty");
          if (!fetched) return;
          await boss.complete("empty", fetched.id);
        }
      }),
    );
    return RUNS / ((performance.now() - began) / 1_000);
  };

  const rates: { ours: number; graphile: number; boss: number; dispatchMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const mine = await ours();
    const row = { ours: mine.perSecond, dispatchMs: mine.dispatchMs, graphile: await graphile(), boss: await pgBoss() };
    rates.push(row);
    say(
      `round ${round + 1}: ours ${row.ours.toFixed(0)}, graphile-worker ${row.graphile.toFixed(0)}, pg-boss ${row.boss.toFixed(0)} runs/s, dispatch ${row.dispatchMs.toFixed(0)} ms`,
    );
  }
  await boss.stop({ graceful: false });
  await drop();
  const of = (key: keyof (typeof rates)[number]) => median(rates.map((row) => row[key]));
  return [
    { case: "dispatch_1000", value: of("dispatchMs"), unit: "ms" },
    {
      case: "runs_vs_graphile_worker",
      value: of("ours"),
      unit: "runs/s",
      ratio: median(rates.map((row) => row.ours / row.graphile)),
      against: `graphile-worker ${of("graphile").toFixed(0)}`,
    },
    {
      case: "runs_vs_pg_boss",
      value: of("ours"),
      unit: "runs/s",
      ratio: median(rates.map((row) => row.ours / row.boss)),
      against: `pg-boss ${of("boss").toFixed(0)}`,
    },
  ];
}

function quiet() {
  return new Logger(() => () => undefined);
}
