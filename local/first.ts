import { randomUUID } from "node:crypto";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import * as Binding from "#core/connectors/binding.ts";
import * as Connection from "#core/connectors/connection.ts";
import { sql, transaction } from "#core/db.ts";
import { system } from "#core/scope.ts";

const BY = "setup";

/** A connection from CHATWOOT_*, and when the studio has no project yet, one that it feeds whole: so that a first start has something to do. */
export async function connectFromEnvironment(accountScopeId: string): Promise<void> {
  const { CHATWOOT_BASE_URL: url, CHATWOOT_API_TOKEN: apiToken, CHATWOOT_ACCOUNT_ID: account } = config;
  if (!url || !apiToken || !account) return;
  const draft = Connection.Draft.parse({
    source: "chatwoot",
    name: `Chatwoot ${account}`,
    baseUrl: url,
    externalAccount: account,
    apiToken,
  });
  await transaction(system, async () => {
    // Of two processes that start at once the second waits here, and finds what the first has made.
    const { id } = await Connection.create({ accountScopeId }, draft, BY);
    const [projects] = await sql<{ count: number }[]>`select count(*) from projects where account_scope_id = ${accountScopeId}`;
    if (!projects?.count) await projectFedBy(accountScopeId, { name: draft.name, timeZone: "UTC", language: "ru" }, id, []);
  });
}

/** A new project with one binding, to all of a connection or to some of its inboxes. */
export async function projectFedBy(
  accountScopeId: string,
  project: { name: string; timeZone: string; language: "ru" | "en" },
  connectionId: string,
  inboxIds: number[],
): Promise<string> {
  const id = randomUUID();
  await transaction(system, async () => {
    await sql`
      insert into projects (id, account_scope_id, name, time_zone, language, created_at, updated_at)
      values (${id}, ${accountScopeId}, ${project.name}, ${project.timeZone}, ${project.language}, ${Clock.now()}, ${Clock.now()})`;
    await Binding.replace({ projects: [id], accountScopeId }, [{ ...Binding.whole(connectionId), inboxIds }], BY);
  });
  return id;
}
