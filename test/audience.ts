import { afterEach, beforeEach, expect } from "vitest";
import { config } from "#core/config.ts";
import { app } from "#functions/api/loops.ts";
import { start, worlds } from "#test/chat.ts";
import { call, person } from "#test/people.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import { faulty } from "#test/simulators/log.ts";
import { type Options, type Running, startLoops } from "#test/simulators/loops/server.ts";
import { pass, type World } from "#test/world.ts";

export const SYNC = "loops_contacts_sync";
export let loops: Running;
export async function open(options: Options = {}): Promise<void> {
  loops = await startLoops({ size: "empty", rateLimit: false, ...options });
  config.LOOPS_SECRET_KEY = loops.tokens.key;
  config.LOOPS_BASE_URL = loops.baseUrl;
}
/** For a test file that sends to a simulated Loops: an empty one for each test, whose requests were all the vendor's. */
export function audiences(): void {
  worlds();
  beforeEach(() => open());
  afterEach(async () => {
    expect(faulty(loops.log)).toEqual([]);
    await loops.close();
    delete config.LOOPS_SECRET_KEY;
    delete config.LOOPS_WEBHOOK_SECRET;
  });
}

export const add = (w: World, email: string, name = "Client") => People.createContact(w.sim.store, { name, email });
export const asked = (method: string) =>
  loops.log.entries.filter((entry) => entry.method === method && !entry.path.endsWith("/properties"));
export const audience = () => [...loops.store.contacts.values()].map((one) => one.email).toSorted();

/** A world whose projects are fed by all of one account and, where asked, send to Loops. */
export async function clients(emails: readonly string[], { projects = 1, enabled = true } = {}): Promise<World> {
  const w = await start(projects);
  for (const email of emails) add(w, email);
  const owner = await (await person(w, "owner")).signIn();
  for (let n = 0; n < projects; n++) {
    await w.bind(n);
    const path = `/loops/settings?project_id=${w.projects[n]}`;
    if (enabled) expect((await call(app, "PUT", path, owner, { enabled: true })).status).toBe(200);
  }
  await w.run("connectors_sync_cycle");
  return w;
}
export async function again(w: World): Promise<void> {
  pass(3_600);
  await w.run("connectors_sync_cycle");
  await w.run(SYNC);
}
