import type { Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";
import { type Reason, reason } from "#core/error.ts";

/** A warning in the event log of each project the connection feeds, once a day and reason. Inside a transaction of the reading's scope. */
export async function warn(reading: Reading, why: Reason): Promise<void> {
  await sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select p, ${reading.connection.accountScopeId}, 'process_warning', 'system', 'system', 'connection:' || ${reading.connection.id}::text, ${reading.now}, ${reading.now},
      jsonb_build_object('reason', ${why as never}::jsonb), 'warning:' || ${reading.connection.id}::text || ':' || ${why.code}::text || ':' || ${reading.now.toISOString().slice(0, 10)}::text
    from unnest(${reading.scope.projects as string[]}::uuid[]) as p
    on conflict (project_id, dedupe_key) do nothing`;
}

export const simulated = (name: string): Reason => reason("simulated_source", { connection: name });
export const setAside = (count: number): Reason => reason("set_aside", { count });
