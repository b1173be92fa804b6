import type { Reading } from "#core/connectors/connector.ts";
import { sql } from "#core/db.ts";
import { type Reason, reason } from "#core/error.ts";

/** A warning in the event log of each project the connection feeds. Inside a transaction of the reading's scope. */
export async function warn(reading: Reading, why: Reason): Promise<void> {
  await warnEach(reading, new Map(reading.scope.projects.map((project) => [project, why])));
}

/** To each project its own warning, once a day and code. Inside a transaction of the reading's scope. */
export async function warnEach(reading: Reading, warnings: ReadonlyMap<string, Reason>): Promise<void> {
  const rows = [...warnings].map(([project, why]) => ({ project, why }));
  if (rows.length === 0) return;
  await sql`
    insert into kag_event_log (project_id, account_scope_id, event_type, source, actor, source_ref, occurred_at, observed_at, payload, dedupe_key)
    select project, ${reading.connection.accountScopeId}, 'process_warning', 'system', 'system', 'connection:' || ${reading.connection.id}::text, ${reading.now}, ${reading.now},
      jsonb_build_object('reason', why), 'warning:' || ${reading.connection.id}::text || ':' || (why ->> 'code') || ':' || ${reading.now.toISOString().slice(0, 10)}::text
    from jsonb_to_recordset(${rows as never}::jsonb) as w (project uuid, why jsonb)
    on conflict (project_id, dedupe_key) do nothing`;
}

export const simulated = (name: string): Reason => reason("simulated_source", { connection: name });
export const setAside = (count: number): Reason => reason("set_aside", { count });
