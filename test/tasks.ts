import { afterAll, afterEach, beforeAll, expect } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Options, type Running, startLinear } from "#test/simulators/linear/server.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";
import { faulty } from "#test/simulators/log.ts";
import { connect, type World, world } from "#test/world.ts";

/** A studio whose one bound source is a simulated Linear workspace. */
export type Tasks = Omit<World, "sim"> & { sim: Running; team: (n: number) => string };
let database: TestDatabase;
const open: { close: () => Promise<void>; tasks: Running }[] = [];

/** For a test file that opens workspaces: as `worlds` is for chats. */
export function workspaces(): void {
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    Clock.reset();
    const ended = open.splice(0);
    for (const { close } of ended) await close();
    expect(ended.flatMap(({ tasks }) => faulty(tasks.log))).toEqual([]);
  });
  afterAll(() => database.close());
}

/** One workspace, connected with the administrator's token unless told; its clock is the product's. */
export async function startTasks(projects: number, options: Options = {}, token: keyof Running["tokens"] = "admin"): Promise<Tasks> {
  const w = await world(projects);
  const sim = await startLinear({ size: "empty", rateLimit: false, now: () => Clock.now(), ...options });
  const close = async () => {
    await Promise.all([w.sim.close(), sim.close()]);
  };
  open.push({ close, tasks: sim });
  const draft = { source: "linear" as const, baseUrl: sim.baseUrl, externalAccount: sim.organizationId, apiToken: sim.tokens[token] };
  return { ...w, ...(await connect(w, draft)), sim, team: (n) => [...sim.store.teams.keys()][n] ?? "" };
}

/** An issue of the first team, an hour old unless told. */
export function task({ sim, team }: Tasks, given: Partial<Verbs.NewIssue> = {}) {
  return Verbs.createIssue(sim.store, { teamId: team(0), title: `Issue ${sim.store.made}`, at: ago(sim, 3_600), ...given });
}

/** An instant upstream, so many seconds back, in epoch milliseconds. */
export const ago = (sim: Running, seconds: number): number => Math.trunc((sim.store.now() - seconds) * 1_000);

export const requests = (w: Tasks): string[] => w.sim.log.entries.map((entry) => entry.query.operation ?? "");

/** The Linear events of a project, in the order in which they were seen. */
export async function events(n: number, w: Tasks): Promise<{ eventType: string; actor: string; payload: Record<string, unknown> }[]> {
  return systemSql<{ eventType: string; actor: string; payload: Record<string, unknown> }[]>`
    select event_type, actor, payload from kag_event_log where project_id = ${w.projects[n] ?? ""} and source = 'linear' order by id`;
}
export const types = async (n: number, w: Tasks): Promise<string[]> => (await events(n, w)).map((row) => row.eventType);
