import { randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import { sql, transaction } from "#core/db.ts";
import { system } from "#core/scope.ts";

const BY = "setup";
const TITLES: Record<string, string> = { chatwoot: "Chatwoot", linear: "Linear", attio: "Attio" };

/** The connections that CHATWOOT_*, LINEAR_* and ATTIO_* describe whole. */
function described(): Connection.Draft[] {
  const wanted = [
    {
      source: "chatwoot",
      baseUrl: config.CHATWOOT_BASE_URL,
      apiToken: config.CHATWOOT_API_TOKEN,
      externalAccount: config.CHATWOOT_ACCOUNT_ID,
    },
    { source: "linear", baseUrl: config.LINEAR_BASE_URL, apiToken: config.LINEAR_API_TOKEN, externalAccount: config.LINEAR_WORKSPACE_ID },
    { source: "attio", baseUrl: config.ATTIO_BASE_URL, apiToken: config.ATTIO_API_TOKEN, externalAccount: config.ATTIO_WORKSPACE_ID },
  ];
  for (const one of wanted) refuseHalf(one);
  return wanted
    .filter((one) => one.apiToken !== undefined)
    .map((one) => Connection.Draft.parse({ ...one, name: `${TITLES[one.source]} ${one.externalAccount}` }));
}

type Wanted = {
  source: string;
  baseUrl?: string | undefined;
  apiToken?: string | undefined;
  externalAccount?: string | number | undefined;
};

/** Some of a source's variables without the others would otherwise show as nothing happening. */
function refuseHalf({ source, baseUrl, apiToken, externalAccount }: Wanted): void {
  const prefix = source.toUpperCase();
  const account = `${prefix}_${source === "chatwoot" ? "ACCOUNT_ID" : "WORKSPACE_ID"}`;
  const given = { [`${prefix}_BASE_URL`]: baseUrl, [`${prefix}_API_TOKEN`]: apiToken, [account]: externalAccount };
  const missing = Object.keys(given).filter((name) => given[name] === undefined);
  // Linear's and Attio's base URLs have a default, which says nothing of what was meant.
  const asked = apiToken !== undefined || externalAccount !== undefined || (source === "chatwoot" && baseUrl !== undefined);
  if (!asked || missing.length === 0) return;
  throw new Error(`${TITLES[source]} needs ${Object.keys(given).join(", ")}; not set: ${missing.join(", ")}.`);
}

/**
 * Connects what the environment describes; when no project of the studio is fed by a real source yet, makes one that it all feeds whole, so that a first
 * start has something to do. Throws when a source is described by half.
 */
export async function connectFromEnvironment(accountScopeId: string): Promise<void> {
  const drafts = described();
  if (drafts.length === 0) return;
  await transaction(system, async () => {
    const bindings: Binding.Draft[] = [];
    // Of two processes that start at once the second waits here, and finds what the first has made.
    for (const draft of drafts) bindings.push(Binding.whole((await Connection.create({ accountScopeId }, draft, BY)).id));
    const [projects] = await sql<{ count: number }[]>`
      select count(distinct s.project_id) from project_sources s join connections c on c.id = s.connection_id
      where s.account_scope_id = ${accountScopeId} and not c.simulated`;
    if (projects?.count) return;
    await projectFedBy(accountScopeId, { name: drafts[0]?.name ?? "Project", timeZone: "UTC", language: "ru" }, bindings);
  });
}

/** A new project, fed by these bindings. */
export async function projectFedBy(
  accountScopeId: string,
  project: { name: string; timeZone: string; language: "ru" | "en" },
  bindings: readonly Binding.Draft[],
): Promise<string> {
  const id = randomUUID();
  await transaction(system, async () => {
    await sql`
      insert into projects (id, account_scope_id, name, time_zone, language, created_at, updated_at)
      values (${id}, ${accountScopeId}, ${project.name}, ${project.timeZone}, ${project.language}, ${Clock.now()}, ${Clock.now()})`;
    await Binding.replace({ projects: [id], accountScopeId }, bindings, BY);
  });
  return id;
}
