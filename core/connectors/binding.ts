import * as z from "zod";
import * as Clock from "#core/clock.ts";
import type { Source } from "#core/connectors/connection.ts";
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

/** The kinds of filter, and the sources that know each. An empty list does not narrow; a row passes every kind of list that is given. */
export const FILTERS = {
  inboxIds: ["chatwoot"],
  labels: ["chatwoot", "linear"],
  /** Chatwoot: names. Attio: record ids or domains. */
  companies: ["chatwoot", "attio"],
  teamIds: ["linear"],
  linearProjectIds: ["linear"],
  listIds: ["attio"],
  dealIds: ["attio"],
} as const satisfies Record<string, readonly Source[]>;
type Kind = keyof typeof FILTERS;
const KINDS = Object.keys(FILTERS) as Kind[];

const word = z.string().trim().min(1).max(200);
/** What a person gives to bind part of a connection. */
export const Draft = z.strictObject({
  connectionId: z.uuid(),
  inboxIds: list(z.number().int().positive()),
  labels: list(word),
  companies: list(word),
  teamIds: list(word),
  linearProjectIds: list(word),
  listIds: list(word),
  dealIds: list(word),
});
export type Draft = z.infer<typeof Draft>;

/** Whether a binding takes a part only. */
export const narrows = (binding: Pick<Draft, Kind>): boolean => KINDS.some((kind) => binding[kind].length > 0);

export const Info = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  inboxIds: z.array(z.number()),
  labels: z.array(z.string()),
  companies: z.array(z.string()),
  teamIds: z.array(z.string()),
  linearProjectIds: z.array(z.string()),
  listIds: z.array(z.string()),
  dealIds: z.array(z.string()),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

/** All of a connection: a binding that narrows nothing. */
export const whole = (connectionId: string): Draft => Draft.parse({ connectionId });

/** The columns of a binding's filters, as a fragment. */
export const columns = () => sql`inbox_ids, labels, companies, team_ids, linear_project_ids, list_ids, deal_ids`;

export async function all(scope: ProjectScope): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select id, connection_id, ${columns()}, created_at from project_sources
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
    { id: string; source: Source }[]
  >`select id, source from connections where id = any (${wanted}::uuid[]) and account_scope_id = ${scope.accountScopeId} order by id for no key update`;
  if (known.length !== wanted.length) throw new Refused("not_found", { thing: "connection" });
  for (const draft of drafts) refuseForeignFilters(draft, known.find((one) => one.id === draft.connectionId)?.source);
  const rows = drafts.map((draft) => ({ ...draft, key: keyOf(draft) }));
  const current = await sql<Info[]>`
    select id, connection_id, ${columns()}, created_at from project_sources where project_id = ${projectId} and removed_at is null for update`;
  const dropped = current.filter((binding) => !rows.some((row) => row.key === keyOf(binding)));
  const added = [...new Map(rows.map((row) => [row.key, row])).values()].filter(
    (row) => !current.some((binding) => keyOf(binding) === row.key),
  );
  const touched = [...new Set([...dropped, ...added].map((binding) => binding.connectionId))];
  if (touched.length === 0) return false;
  await sql`update project_sources set removed_at = ${now} where id = any (${dropped.map((binding) => binding.id)}::uuid[])`;
  await sql`
    insert into project_sources (project_id, account_scope_id, connection_id, ${columns()}, created_by, created_at)
    select ${projectId}, ${scope.accountScopeId}, "connectionId", "inboxIds", labels, companies, "teamIds", "linearProjectIds", "listIds", "dealIds", ${by}, ${now}
    from jsonb_to_recordset(${added as never}::jsonb) as b ("connectionId" uuid, "inboxIds" bigint[], labels text[], companies text[], "teamIds" text[],
      "linearProjectIds" text[], "listIds" text[], "dealIds" text[])`;
  await sql`update connections set bindings_changed_at = ${now} where id = any (${touched}::uuid[])`;
  return true;
}

function refuseForeignFilters(draft: Draft, source: Source | undefined): void {
  const foreign = KINDS.filter((kind) => draft[kind].length > 0 && !FILTERS[kind].some((one) => one === source));
  if (foreign.length === 0) return;
  throw new Refused("validation_error", { problem: `${source} cannot be narrowed by ${foreign.join(", ")}` });
}

function keyOf(binding: Pick<Draft, "connectionId" | Kind>): string {
  return JSON.stringify([binding.connectionId, ...KINDS.map((kind) => binding[kind].map(String).toSorted())]);
}
