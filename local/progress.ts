import { connectorOf } from "#core/connectors/sources.ts";
import { sql, systemSql, transaction } from "#core/db.ts";

export type Progress = { conversations: number; messages: number; done: boolean };

/** How far the first cycle is: what is stored, and whether every stream of every bound connection has reached its end once. */
export async function progress(): Promise<Progress> {
  const connections = await systemSql<{ id: string; source: string; ended: string[] }[]>`
    select c.id, c.source, array(select stream from connector_sync_state t where t.connection_id = c.id and t.last_success_at is not null) as ended
    from connections c where exists (select from project_sources s where s.connection_id = c.id)`;
  const done =
    connections.length > 0 &&
    connections.every(({ source, ended }) => connectorOf(source).cycle.every((stream) => ended.includes(stream.name)));
  const scopes = await systemSql<{ accountScopeId: string; projects: string[] }[]>`
    select account_scope_id, array_agg(id::text) as projects from projects group by account_scope_id`;
  const stored = { conversations: 0, messages: 0 };
  for (const scope of scopes) {
    const [row] = await transaction(
      scope,
      () => sql<{ conversations: number; messages: number }[]>`
      select (select count(*) from cw_conversations) as conversations, (select count(*) from cw_messages) as messages`,
    );
    stored.conversations += row?.conversations ?? 0;
    stored.messages += row?.messages ?? 0;
  }
  return { ...stored, done };
}

/** Tells how far the first cycle is, every few seconds until it is done. Silent when it was done before this start. */
export async function tellFirstCycle(say: (line: string) => void, stopped: AbortSignal): Promise<void> {
  const began = performance.now();
  if ((await progress()).done) return;
  let told = -1;
  while (!stopped.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { conversations, messages, done } = await progress();
    if (done)
      return say(
        `first cycle done: ${conversations} conversations, ${messages} messages in ${((performance.now() - began) / 1_000).toFixed(1)} s`,
      );
    if (messages === told) continue;
    told = messages;
    say(`reading: ${conversations} conversations, ${messages} messages so far`);
  }
}
