import { expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Connection from "#core/connectors/connection.ts";
import type { Connector } from "#core/connectors/connector.ts";
import * as Read from "#core/connectors/read.ts";
import { connectorOf } from "#core/connectors/sources.ts";
import { systemSql, transaction } from "#core/db.ts";
import { budget } from "#core/jobs/budget.ts";
import type { Run } from "#core/jobs/run.ts";
import { start, talk, worlds } from "#test/chat.ts";
import { mirror, upstream } from "#test/mirror.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import { pass, type World } from "#test/world.ts";

const CYCLE = "connectors_sync_cycle";
worlds();

/** A project that was read with one inbox and is bound to another since. */
async function moved() {
  const w = await start(1);
  const second = People.addInbox(w.sim.store, { name: "Second" });
  const [a, b] = [talk(w, 3), talk(w, 3, { inboxId: second.id })];
  await w.bind(0, { inboxIds: [a.inboxId] });
  await w.run(CYCLE);
  pass(900);
  await w.bind(0, { inboxIds: [second.id] });
  return { w, now: upstream(w.sim.store, (row) => row.id === b.id, false) };
}

/** Prunes and reads no stream; `seconds` of budget. */
async function prune(w: World, seconds: number, connector: Partial<Connector>): Promise<Read.Read> {
  const [connection] = await Connection.feeding(w.scope(0).projects[0] ?? "");
  if (!connection) throw new Error("no connection");
  const run = { trigger: "schedule", checkpoint: transaction } as unknown as Run;
  const reading = await Read.open(run, connection, budget({ seconds, requests: 0 }));
  return Read.read(run, reading, { ...(await connectorOf("chatwoot")), ...connector }, [], 0);
}

const removed = async () => (await systemSql`select id from project_sources where removed_at is not null`).length;

test("a prune that is cut short is a partial read, and the next goes on with it", async () => {
  const { w, now } = await moved();
  expect((await prune(w, 0, { prune: async (_, limit) => limit })).status).toBe("partial");
  expect(await removed()).toBe(1);
  pass(900);
  await w.run(CYCLE);
  expect(await removed()).toBe(0);
  expect(await mirror(w.scope(0))).toEqual(now);
});

test("a binding that is removed while another change is pruned for is not forgotten with it", async () => {
  const { w } = await moved();
  await systemSql`update connections set bindings_changed_at = ${new Date(Clock.now().getTime() - 60_000)}`;
  expect((await prune(w, 60, {})).status).toBe("ok");
  expect(await removed()).toBe(1);
});
