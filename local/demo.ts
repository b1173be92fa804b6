import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import { systemSql, transaction } from "#core/db.ts";
import { projectFedBy } from "#local/first.ts";

export type Demo = { close: () => Promise<void>; controlUrl: string };
type Size = "small" | "large";
type Kept = { seed: number; size: Size; now: string; connectionId?: string };

/**
 * The demo agency: a simulated Chatwoot in this process, connected, one project for each of its clients. What it holds is a function of its seed, size
 * and first moment, which are kept, so that the next start finds the same account and imports nothing twice.
 */
export async function startDemo(folder: string, accountScopeId: string, size: Size): Promise<Demo> {
  // The simulator is a tool of the tests: loaded here only, and only for the demo.
  const { startChatwoot } = await import("#test/simulators/chatwoot/server.ts");
  const { CLIENTS } = await import("#test/simulators/cast.ts");
  const path = join(folder, "demo.json");
  const kept: Kept = await readFile(path, "utf8").then(JSON.parse, () => ({ seed: 1, size, now: Clock.now().toISOString() }));
  const sim = await startChatwoot({ size: kept.size, seed: kept.seed, filledAt: new Date(kept.now), validate: false, rateLimit: false });
  const [known] = await systemSql<{ id: string }[]>`select id from connections where id = ${kept.connectionId ?? null}::uuid and simulated`;
  if (known) {
    // Its port is another one at each start; the account behind it is the same.
    await systemSql`update connections set base_url = ${sim.baseUrl} where id = ${known.id}`;
  } else {
    const draft = Connection.Draft.parse({
      source: "chatwoot",
      name: "Demo Chatwoot (simulated)",
      baseUrl: sim.baseUrl,
      externalAccount: String(sim.accountId),
      apiToken: sim.tokens.admin,
    });
    const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "demo", true));
    const inboxes = [...sim.store.inboxes.values()];
    for (const client of CLIENTS) {
      const mine = inboxes.filter((inbox) => inbox.name === client.inbox).map((inbox) => inbox.id);
      const project = { name: client.project, timeZone: client.timeZone, language: client.language };
      await projectFedBy(accountScopeId, project, [{ ...Binding.whole(id), inboxIds: mine }]);
    }
    kept.connectionId = id;
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${JSON.stringify(kept)}\n`);
  }
  return { close: sim.close, controlUrl: sim.controlUrl };
}
