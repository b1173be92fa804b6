import { sql, systemSql, transaction } from "#core/db.ts";
import { say as inWords, type Reason } from "#core/error.ts";

type Stored = { conversations: number; messages: number; issues: number; comments: number; deals: number };
export type Progress = Stored & { done: boolean };

/** How far the first cycle is: what is stored, and whether every stream of every bound connection has reached its end once. */
export async function progress(): Promise<Progress> {
  const [connections] = await systemSql<{ bound: number; ended: number }[]>`
    select count(*) as bound, count(*) filter (where c.last_read_ended_at is not null and t.streams > 0 and t.open = 0) as ended
    from connections c
    cross join lateral (
      select count(*) as streams, count(*) filter (where last_success_at is null) as open from connector_sync_state where connection_id = c.id) as t
    where exists (select from project_sources s where s.connection_id = c.id)`;
  const done = connections !== undefined && connections.bound > 0 && connections.ended === connections.bound;
  const scopes = await systemSql<{ accountScopeId: string; projects: string[] }[]>`
    select account_scope_id, array_agg(id::text) as projects from projects group by account_scope_id`;
  const stored: Stored = { conversations: 0, messages: 0, issues: 0, comments: 0, deals: 0 };
  for (const scope of scopes) {
    const [row] = await transaction(
      scope,
      () => sql<Stored[]>`
      select (select count(*) from cw_conversations) as conversations, (select count(*) from cw_messages) as messages,
        (select count(*) from linear_issues_raw) as issues, (select count(*) from linear_comments_raw) as comments,
        (select count(*) from attio_opportunities_raw) as deals`,
    );
    for (const key of Object.keys(stored) as (keyof Stored)[]) stored[key] += row?.[key] ?? 0;
  }
  return { ...stored, done };
}

/** What keeps a connection from being read, in words. */
async function failed(): Promise<string[]> {
  const rows = await systemSql<{ name: string; reason: Reason }[]>`
    select name, last_read_reason as reason from connections where last_read_status = 'failed' and last_read_reason is not null order by name`;
  return rows.map(({ name, reason }) => `${name} cannot be read: ${inWords(reason)}`);
}

/** Tells how far the first cycle is, every few seconds until it is done. Silent when it was done before this start. */
export async function tellFirstCycle(say: (line: string) => void, stopped: AbortSignal): Promise<void> {
  const began = performance.now();
  if ((await progress()).done) return;
  let told = "";
  const failures = new Set<string>();
  while (!stopped.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { done, ...stored } = await progress();
    const held = Object.entries(stored)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", ");
    if (done) return say(`first cycle done: ${held} in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    for (const line of await failed()) {
      if (!failures.has(line)) say(line);
      failures.add(line);
    }
    if (held === told) continue;
    told = held;
    say(`reading: ${held} so far`);
  }
}
