import { afterAll, afterEach, beforeAll, expect } from "vitest";
import * as Clock from "#core/clock.ts";
import { systemSql } from "#core/db.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { type Options, type Running, startAttio } from "#test/simulators/attio/server.ts";
import { faulty } from "#test/simulators/log.ts";
import { connect, type World, world } from "#test/world.ts";

/** A studio whose one bound source is a simulated Attio workspace. */
export type Crm = Omit<World, "sim"> & { sim: Running };
let database: TestDatabase;
const open: { close: () => Promise<void>; crm: Running }[] = [];

/** For a test file that opens workspaces: as `worlds` is for chats. */
export function crms(): void {
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    Clock.reset();
    const ended = open.splice(0);
    for (const { close } of ended) await close();
    expect(ended.flatMap(({ crm }) => faulty(crm.log))).toEqual([]);
  });
  afterAll(() => database.close());
}

export async function startCrm(projects: number, options: Options = {}): Promise<Crm> {
  const w = await world(projects);
  const sim = await startAttio({ size: "empty", rateLimit: false, ...options });
  const close = async () => {
    await Promise.all([w.sim.close(), sim.close()]);
  };
  open.push({ close, crm: sim });
  const draft = { source: "attio" as const, baseUrl: sim.baseUrl, externalAccount: sim.workspaceId, apiToken: sim.tokens.full };
  return { ...w, ...(await connect(w, draft)), sim };
}

/** So many companies, a day ago and a second apart, each with a deal and a note on it. */
export function fill(w: Crm, count: number) {
  const { store } = w.sim;
  const at = Math.floor(store.now()) - 86_400;
  const companies = Array.from({ length: count }, (_, n) => Sample.company(store, `Company ${n}`, `c${n}.example`, at + n));
  const deals = companies.map((row, n) => Sample.deal(store, `Deal ${n}`, { value: n, companyId: row.id, createdAt: at + n }));
  for (const [n, row] of deals.entries())
    Papers.addNote(store, { object: "deals", recordId: row.id, title: `Note ${n}`, content: `On ${n}`, createdAt: at + n });
  return { companies, deals };
}

/** The Attio events of a project, in the order in which they were seen. */
export async function events(n: number, w: Crm): Promise<{ eventType: string; payload: Record<string, unknown>; occurredAt: Date }[]> {
  return systemSql<{ eventType: string; payload: Record<string, unknown>; occurredAt: Date }[]>`
    select event_type, payload, occurred_at from kag_event_log where project_id = ${w.projects[n] ?? ""} and source = 'attio' order by id`;
}

export const types = async (n: number, w: Crm): Promise<string[]> => (await events(n, w)).map((row) => row.eventType);
