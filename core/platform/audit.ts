import * as z from "zod";
import { type Actor, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";

export const STATUSES = ["ok", "refused", "failed", "warning"] as const;

/** One act: who did what to what. Ids and settings, never message text, never secrets. */
export const Info = z.object({
  id: z.number(),
  projectId: z.uuid().nullable(),
  actor: z.string(),
  actorKind: z.enum(["user", "api_key", "job", "webhook", "nobody"]),
  actorId: z.string().nullable(),
  action: z.string(),
  entityType: z.string().nullable(),
  entityId: z.string().nullable(),
  status: z.enum(STATUSES),
  requestId: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export type Filter = { action?: string | undefined; before?: number | undefined; limit: number };

/** Newest first: what was done in the scope's projects, and to the studio itself unless an API key asks, whose world is its projects. */
export async function list(actor: Actor, scope: ProjectScope, { action, before, limit }: Filter): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, project_id, actor, actor_kind, actor_id, action, entity_type, entity_id, status, request_id, payload, created_at from audit_events
      where (project_id = any (${scope.projects as string[]}::uuid[]) or (project_id is null and ${actor.kind !== "api_key"}))
        and (${action ?? null}::text is null or action = ${action ?? null}) and (${before ?? null}::bigint is null or id < ${before ?? null})
      order by id desc limit ${limit}`,
  );
}

export type Act = {
  action: string;
  entityType: string;
  entityId?: string;
  projectId?: string;
  /** Of an actor that belongs to none. */
  accountScopeId?: string;
  status?: (typeof STATUSES)[number];
  payload?: Record<string, unknown>;
};

/** Writes the act down inside the caller's open transaction: what is rolled back was never done. */
export async function record(actor: Actor, act: Act): Promise<void> {
  const accountScopeId = "accountScopeId" in actor ? actor.accountScopeId : act.accountScopeId;
  const id = "id" in actor ? actor.id : null;
  const requestId = "requestId" in actor ? actor.requestId : null;
  await sql`
    insert into audit_events (project_id, account_scope_id, actor, actor_kind, actor_id, action, entity_type, entity_id, status, request_id, payload, created_at)
    values (${act.projectId ?? null}, ${accountScopeId ?? null}, ${label(actor)}, ${actor.kind}, ${id}, ${act.action}, ${act.entityType}, ${act.entityId ?? null},
      ${act.status ?? "ok"}, ${requestId ?? null}, ${(act.payload ?? {}) as never}::jsonb, ${Clock.now()})`;
}
