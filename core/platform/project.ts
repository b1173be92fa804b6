import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Caller, User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, systemSql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import * as Audit from "#core/platform/audit.ts";
import type { ProjectScope } from "#core/scope.ts";

export const STATUSES = ["active", "paused", "archived"] as const;
export type Status = (typeof STATUSES)[number];
const NEXT: Record<Status, readonly Status[]> = { active: ["paused", "archived"], paused: ["active", "archived"], archived: ["active"] };

// Names only: Intl also takes "+03:00", which Postgres reads with the other sign.
const timeZone = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/)
  .refine(isTimeZone, "not a time zone");

export const Info = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.enum(STATUSES),
  timeZone: z.string(),
  language: z.enum(["ru", "en"]),
  economyMode: z.boolean(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export const Draft = z.strictObject({
  name: z.string().trim().min(1).max(160),
  timeZone: timeZone.default("UTC"),
  language: z.enum(["ru", "en"]).default("ru"),
});
export type Draft = z.infer<typeof Draft>;

export const Change = z.strictObject({
  name: Draft.shape.name.optional(),
  status: z.enum(STATUSES).optional(),
  timeZone: timeZone.optional(),
  language: z.enum(["ru", "en"]).optional(),
  economyMode: z.boolean().optional(),
});
export type Change = z.infer<typeof Change>;

const columns = () => sql`id, name, status, time_zone, language, economy_mode, created_at, updated_at`;

/** The projects the caller may see: an owner all of the studio, a person those they are assigned to, a key those it is bound to. */
export async function list(actor: Caller): Promise<Info[]> {
  const { accountScopeId } = actor;
  const bound = actor.kind === "api_key" ? actor.projects : [];
  const [everything, person] = actor.kind === "user" ? [actor.role === "owner", actor.id] : [false, null];
  return systemSql<Info[]>`
    select p.id, p.name, p.status, p.time_zone, p.language, p.economy_mode, p.created_at, p.updated_at from projects p
    where p.account_scope_id = ${accountScopeId} and (${everything} or p.id = any (${bound as string[]}::uuid[])
      or exists (select from project_assignments a where a.project_id = p.id and a.user_id = ${person}::uuid))
    order by lower(p.name), p.id`;
}

/** Whether the caller may see a project, whatever its status. */
export async function seen(actor: Caller, id: string): Promise<boolean> {
  if (actor.kind === "api_key") return actor.projects.includes(id);
  const rows = await systemSql<{ id: string }[]>`
    select p.id from projects p
    where p.id = ${id} and p.account_scope_id = ${actor.accountScopeId} and (${actor.role === "owner"}
      or exists (select from project_assignments a where a.project_id = p.id and a.user_id = ${actor.id}))`;
  return rows.length === 1;
}

/** Throws `project_not_found` unless every project is the studio's. */
export async function refuseUnlessAll(actor: User, ids: readonly string[]): Promise<void> {
  const rows = await systemSql<{ id: string }[]>`
    select id from projects where id = any (${ids as string[]}::uuid[]) and account_scope_id = ${actor.accountScopeId}`;
  if (rows.length !== new Set(ids).size) throw new Refused("project_not_found");
}

/** Throws `validation_error` for a time zone that the database does not know, although Intl does. */
export async function create(actor: User, { name, timeZone: zone, language }: Draft): Promise<Info> {
  // Known beforehand, so that the row is one that its own transaction may see.
  const id = randomUUID();
  const now = Clock.now();
  return transaction({ projects: [id], accountScopeId: actor.accountScopeId }, async () => {
    await refuseUnlessKnown(zone);
    const [made] = await sql<Info[]>`
      insert into projects (id, account_scope_id, name, time_zone, language, created_at, updated_at)
      values (${id}, ${actor.accountScopeId}, ${name}, ${zone}, ${language}, ${now}, ${now}) returning ${columns()}`;
    if (!made) throw new Error("a project was not made");
    await Audit.record(actor, { action: "project_created", entityType: "project", entityId: id, projectId: id });
    return made;
  });
}

/** Throws `validation_error` as `create` does, `status_transition`, and `project_archived` for a change of an archived project that does not bring it back. */
export async function change(
  actor: Caller,
  scope: ProjectScope,
  { name, status, timeZone: zone, language, economyMode }: Change,
): Promise<Info> {
  const [id = ""] = scope.projects;
  return transaction(scope, async () => {
    const [before] = await sql<Info[]>`select ${columns()} from projects where id = ${id} for update`;
    if (!before) throw new Refused("project_not_found");
    const to = status ?? before.status;
    if (to !== before.status && !NEXT[before.status].includes(to)) throw new Refused("status_transition", { from: before.status, to });
    if (before.status === "archived" && to === "archived") throw new Refused("project_archived");
    if (zone !== undefined) await refuseUnlessKnown(zone);
    const [after] = await sql<Info[]>`
      update projects set name = coalesce(${name ?? null}, name), status = ${to}, time_zone = coalesce(${zone ?? null}, time_zone),
        language = coalesce(${language ?? null}, language), economy_mode = coalesce(${economyMode ?? null}, economy_mode), updated_at = ${Clock.now()}
      where id = ${id} returning ${columns()}`;
    if (!after) throw new Refused("project_not_found");
    if (before.economyMode && !after.economyMode) await release(id);
    const payload = differences(before, after);
    await Audit.record(actor, { action: "project_changed", entityType: "project", entityId: id, projectId: id, payload });
    return after;
  });
}

/** What economy mode held back is due now. */
async function release(id: string): Promise<void> {
  const paid = Object.entries(jobs).flatMap(([name, job]) => ("economy" in job ? [name] : []));
  const now = Clock.now();
  await sql`
    update scheduled_jobs set next_run_at = least(next_run_at, ${now}::timestamptz), updated_at = ${now} where project_id = ${id} and job = any (${paid}::text[])`;
  await sql`
    update job_runs set due_at = ${now}, reason = null
    where project_id = ${id} and job = any (${paid}::text[]) and status = 'queued' and reason ->> 'code' = 'economy_mode'`;
}

async function refuseUnlessKnown(zone: string): Promise<void> {
  const known = await sql`select from pg_timezone_names where lower(name) = lower(${zone}) limit 1`;
  if (known.length > 0) return;
  const message = "not a time zone of the database";
  throw new Refused("validation_error", { problem: `time_zone: ${message}` }, [{ path: "time_zone", message, code: "custom" }]);
}

function differences(before: Info, after: Info): Record<string, unknown> {
  const fields = { name: "name", status: "status", timeZone: "time_zone", language: "language", economyMode: "economy_mode" } as const;
  const keys = Object.keys(fields) as (keyof typeof fields)[];
  return Object.fromEntries(
    keys.filter((key) => before[key] !== after[key]).map((key) => [fields[key], { from: before[key], to: after[key] }]),
  );
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
