import * as z from "zod";
import * as Clock from "#core/clock.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import type { ProjectScope } from "#core/scope.ts";

const MAX = 200;
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(MAX)
    .default([])
    .transform((items) => [...new Set(items)]);

/** What a person gives to bind part of a connection. An empty list does not narrow; a conversation passes every kind of list that is given. */
export const Draft = z.object({
  connectionId: z.uuid(),
  inboxIds: list(z.number().int().positive()),
  labels: list(z.string().trim().min(1).max(200)),
  companies: list(z.string().trim().min(1).max(200)),
});
export type Draft = z.infer<typeof Draft>;

export const Info = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  inboxIds: z.array(z.number()),
  labels: z.array(z.string()),
  companies: z.array(z.string()),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export async function all(scope: ProjectScope): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, connection_id, inbox_ids, labels, companies, created_at from project_sources
      where project_id = any (${scope.projects as string[]}::uuid[]) and removed_at is null order by created_at, id`,
  );
}

/**
 * Sets what feeds the scope's one project; answers whether anything changed. What is no longer covered is taken out by the next sync, what is newly
 * covered is back-filled by it. Inside the caller's transaction of that scope, beside its audit row.
 */
export async function replace(scope: ProjectScope, drafts: readonly Draft[], by: string): Promise<boolean> {
  const [projectId = ""] = scope.projects;
  const now = Clock.now();
  const wanted = [...new Set(drafts.map((draft) => draft.connectionId))];
  // Locked as they will be written, in one order: two projects may be bound to one connection at once.
  const known = await sql<
    { id: string }[]
  >`select id from connections where id = any (${wanted}::uuid[]) and account_scope_id = ${scope.accountScopeId} order by id for no key update`;
  if (known.length !== wanted.length) throw new Refused("not_found", { thing: "connection" });
  const rows = drafts.map((draft) => ({ ...draft, key: keyOf(draft) }));
  const current = await sql<Info[]>`
    select id, connection_id, inbox_ids, labels, companies, created_at from project_sources where project_id = ${projectId} and removed_at is null for update`;
  const dropped = current.filter((binding) => !rows.some((row) => row.key === keyOf(binding)));
  const added = [...new Map(rows.map((row) => [row.key, row])).values()].filter(
    (row) => !current.some((binding) => keyOf(binding) === row.key),
  );
  const touched = [...new Set([...dropped, ...added].map((binding) => binding.connectionId))];
  if (touched.length === 0) return false;
  await sql`update project_sources set removed_at = ${now} where id = any (${dropped.map((binding) => binding.id)}::uuid[])`;
  for (const { connectionId, inboxIds, labels, companies } of added) {
    await sql`
      insert into project_sources (project_id, account_scope_id, connection_id, inbox_ids, labels, companies, created_by, created_at)
      values (${projectId}, ${scope.accountScopeId}, ${connectionId}, ${inboxIds}::bigint[], ${labels}::text[], ${companies}::text[], ${by}, ${now})`;
  }
  await sql`update connections set bindings_changed_at = ${now} where id = any (${touched}::uuid[])`;
  return true;
}

function keyOf(binding: Pick<Draft, "connectionId" | "inboxIds" | "labels" | "companies">): string {
  const { connectionId, inboxIds, labels, companies } = binding;
  return JSON.stringify([connectionId, inboxIds.toSorted((a, b) => a - b), labels.toSorted(), companies.toSorted()]);
}
