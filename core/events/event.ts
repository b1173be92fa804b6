import * as z from "zod";
import { sql, transaction } from "#core/db.ts";
import { type EventActor, type EventType, vocabulary } from "#core/events/vocabulary.ts";
import { only, type ProjectScope } from "#core/scope.ts";

/** A row of the event log: what happened, when upstream says so, when we saw it. Ids, never text. */
export const Info = z.object({
  id: z.number(),
  eventType: z.enum(Object.keys(vocabulary) as [EventType, ...EventType[]]),
  source: z.enum(["chatwoot", "linear", "attio", "system"]),
  actor: z.enum(["client", "team", "system"] satisfies EventActor[]),
  sourceRef: z.string(),
  occurredAt: z.date(),
  observedAt: z.date(),
  payload: z.record(z.string(), z.unknown()),
});
export type Info = z.infer<typeof Info>;

/** `since` and `until` bound when it happened: from the one, up to but without the other. */
export type Filter = {
  type?: EventType | undefined;
  source?: Info["source"] | undefined;
  actor?: EventActor | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  before: number | undefined;
  limit: number;
};

/** In the order in which they were seen, newest first. */
export async function list(scope: ProjectScope, filter: Filter): Promise<Info[]> {
  const { type = null, source = null, actor = null, since = null, until = null, before = null, limit } = filter;
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, event_type, source, actor, source_ref, occurred_at, observed_at, payload from kag_event_log
      where project_id = ${only(scope)} and (${type}::text is null or event_type = ${type})
        and (${source}::text is null or source = ${source}) and (${actor}::text is null or actor = ${actor})
        and (${since}::timestamptz is null or occurred_at >= ${since}) and (${until}::timestamptz is null or occurred_at < ${until})
        and (${before}::bigint is null or id < ${before})
      order by id desc limit ${limit}`,
  );
}
