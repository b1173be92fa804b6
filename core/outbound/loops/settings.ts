import * as z from "zod";
import { type Caller, label } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { config } from "#core/config.ts";
import { sql, transaction } from "#core/db.ts";
import * as Audience from "#core/outbound/loops/audience.ts";
import * as Transform from "#core/outbound/loops/transform.ts";
import * as Audit from "#core/platform/audit.ts";
import type { ProjectScope } from "#core/scope.ts";

/** `hasKey`: whether the deployment has a key of Loops at all. */
export const Info = z.object({ enabled: z.boolean(), hasKey: z.boolean() });
export type Info = z.infer<typeof Info>;
/** One contact as it would be sent, and how that compares with what was. */
export const Planned = z.object({
  email: z.string(),
  userId: z.string(),
  properties: z.record(z.string(), z.string()),
  state: z.enum(["new", "changed", "sent", "refused"]),
});
export type Planned = z.infer<typeof Planned>;

export async function find(scope: ProjectScope): Promise<Info> {
  const [row] = await transaction(
    scope,
    () => sql<{ enabled: boolean }[]>`select enabled from loops_settings where project_id = any (${scope.projects as string[]}::uuid[])`,
  );
  return { enabled: row?.enabled ?? false, hasKey: config.LOOPS_SECRET_KEY !== undefined };
}

/** Switches a project on or off. Off, nothing more is sent; what Loops was told stays there. */
export async function change(actor: Caller, scope: ProjectScope, enabled: boolean): Promise<Info> {
  const [projectId = ""] = scope.projects;
  await transaction(scope, async () => {
    await sql`
      insert into loops_settings (project_id, enabled, changed_by, changed_at) values (${projectId}, ${enabled}, ${label(actor)}, ${Clock.now()})
      on conflict (project_id) do update set enabled = excluded.enabled, changed_by = excluded.changed_by, changed_at = excluded.changed_at, resume_after = null`;
    await Audit.record(actor, {
      action: enabled ? "loops_enabled" : "loops_disabled",
      entityType: "project",
      entityId: projectId,
      projectId,
    });
  });
  return find(scope);
}

/** Who would be sent if the project were switched on, by address after `after`. Nothing is. */
export async function preview(scope: ProjectScope, options: { after: string; limit: number }): Promise<Planned[]> {
  const [projectId = ""] = scope.projects;
  const audience = await Audience.open(scope.accountScopeId, projectId);
  const people = await transaction(audience.scope, () => Audience.list(audience, options.after, options.limit));
  return people.map((person) => {
    const contact = Transform.contact(scope.accountScopeId, person);
    const { email, userId, ...properties } = contact;
    const same = person.sent?.fingerprint === Transform.fingerprint(contact);
    return { email, userId, properties, state: person.sent === null ? "new" : same ? person.sent.status : "changed" };
  });
}
