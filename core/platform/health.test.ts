import { afterAll, beforeAll, expect, test } from "vitest";
import { same } from "#core/api/authenticate.ts";
import { config } from "#core/config.ts";
import * as Db from "#core/db.ts";
import * as Health from "#core/platform/health.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { person } from "#test/people.ts";
import { studio } from "#test/studio.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => Db.disconnect());

const may = (address: string, headers: Record<string, string> = {}, token?: string) =>
  Health.mayReadMetrics(token, address, new Headers(headers), same);

test("metrics are for this machine, and for whoever has the token", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) expect(may(address), address).toBe(true);
  for (const address of ["198.51.100.1", "unknown", "127.evil.example", "::ffff:10.0.0.1", ""]) expect(may(address), address).toBe(false);
  expect(may("127.0.0.1", { "x-forwarded-for": "198.51.100.1" })).toBe(false);
  expect(may("198.51.100.1", {}, "undefined")).toBe(false);
  config.METRICS_TOKEN = "a token";
  expect([may("198.51.100.1", {}, "a token"), may("198.51.100.1", {}, "another")]).toEqual([true, false]);
  delete config.METRICS_TOKEN;
});

test("metrics count runs, queues, dead letters, errors and sessions, and name no one", async () => {
  const here = await studio(1);
  await (await person(here, "owner")).signIn();
  const project = here.projects[0] ?? "";
  await Db.systemSql`
    insert into job_runs (project_id, job, trigger, asked_by, asked_at, due_at, max_attempts, status)
    select ${project}, 'retention_cleanup', 'schedule', 'x', now(), now(), 5, status from unnest(array['ok', 'ok', 'dead_letter']) status`;
  await Db.systemSql`insert into queue_messages (queue, body, dead) values ('retention_cleanup', '{}', false), ('retention_cleanup', '{}', true)`;
  const text = await Health.metrics();
  expect(text.split("\n").filter((line) => line && !line.startsWith("#"))).toEqual([
    'bellwether_runs{job="retention_cleanup",status="dead_letter"} 1',
    'bellwether_runs{job="retention_cleanup",status="ok"} 2',
    'bellwether_queue_messages{queue="retention_cleanup",state="dead"} 1',
    'bellwether_queue_messages{queue="retention_cleanup",state="waiting"} 1',
    'bellwether_dead_letters{job="retention_cleanup"} 1',
    "bellwether_sessions 1",
  ]);
  expect(text).not.toContain(project);
});

test("a database that does not answer is said, not thrown at", async () => {
  expect(await Health.check()).toEqual({ service: "bellwether", database: "ok" });
  await database.close();
  Db.adopt(Db.serverPool("postgres://nobody@127.0.0.1:1/none", { max: 1 }));
  await expect(Health.check()).rejects.toMatchObject({ why: { code: "database_unavailable" } });
});
