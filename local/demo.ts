import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import * as Secret from "#core/connectors/secret.ts";
import { systemSql, transaction } from "#core/db.ts";
import { projectFedBy } from "#local/first.ts";

/** `announce`: where the product listens, so that the sources tell it of what happens; it is another port at each start. */
export type Demo = { announce: (url: string) => Promise<void>; close: () => Promise<void> };
type Size = "small" | "large";
type Kept = { seed: number; size: Size; now: string; connections: Partial<Record<Connection.Source, string>> };
/** What of a simulated source a project of the agency is bound to. */
type Source = { source: Connection.Source; baseUrl: string; externalAccount: string; apiToken: string; close: () => Promise<void> };

/**
 * The demo agency: a simulated Chatwoot, Linear and Attio in this process, connected, and one project for each of its clients, fed by all three. What they
 * hold is a function of the seed, the size and the first moment, which are kept, so that the next start finds the same and imports nothing twice.
 */
export async function startDemo(folder: string, accountScopeId: string, size: Size): Promise<Demo> {
  const path = join(folder, "demo.json");
  const kept: Kept = await readFile(path, "utf8").then(JSON.parse, () => ({
    seed: 1,
    size,
    now: Clock.now().toISOString(),
    connections: {},
  }));
  // The simulators are tools of the tests: loaded here only, and only for the demo.
  const { startAgency } = await import("#test/simulators/agency.ts");
  const { sources, clients, subscribe } = await startAgency({
    size: kept.size,
    seed: kept.seed,
    filledAt: new Date(kept.now),
    validate: false,
    rateLimit: false,
  });
  const first = Object.keys(kept.connections).length === 0;
  for (const one of sources) kept.connections[one.source] = await connect(accountScopeId, one, kept.connections[one.source]);
  if (first) {
    for (const { client, parts } of clients) {
      const project = { name: client.project, timeZone: client.timeZone, language: client.language };
      const bindings = parts.map(({ source, ...part }) => ({ ...Binding.whole(kept.connections[source] ?? ""), ...part }));
      await projectFedBy(accountScopeId, project, bindings);
    }
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${JSON.stringify(kept)}\n`);
  }
  const addressOf = (url: string, source: Connection.Source) => `${url}/webhooks/${source}/${kept.connections[source]}`;
  const announce = async (url: string) => {
    const secrets = subscribe({ chatwoot: addressOf(url, "chatwoot"), linear: addressOf(url, "linear"), attio: addressOf(url, "attio") });
    const ids = sources.map(({ source }) => kept.connections[source] ?? "");
    await systemSql`
      update connections c set webhook_secret = s.sealed
      from unnest(${ids}::uuid[], ${sources.map(({ source }, n) => Secret.seal(secrets[source], Secret.forWebhooks(ids[n] ?? "")))}::text[]) as s (id, sealed)
      where c.id = s.id and c.simulated`;
  };
  return { announce, close: async () => void (await Promise.all(sources.map((one) => one.close()))) };
}

/** Its port is another one at each start; the account behind it is the same. */
async function connect(accountScopeId: string, given: Source, known: string | undefined): Promise<string> {
  const moved = await systemSql<{ id: string }[]>`
    update connections set base_url = ${given.baseUrl} where id = ${known ?? null}::uuid and simulated returning id`;
  if (moved[0]) return moved[0].id;
  const { close: _, ...account } = given;
  const draft = Connection.Draft.parse({ ...account, name: `Demo ${given.source} (simulated)` });
  const { id } = await transaction({ accountScopeId }, () => Connection.create({ accountScopeId }, draft, "demo", true));
  return id;
}
