import * as z from "zod";
import { api } from "#core/api/api.ts";
import { route } from "#core/api/route.ts";
import * as Binding from "#core/connectors/binding.ts";
import { Refused } from "#core/error.ts";
import { ReasonInfo } from "#core/jobs/reason.ts";
import * as Assignment from "#core/platform/assignment.ts";
import * as Project from "#core/platform/project.ts";
import * as Session from "#core/platform/session.ts";
import * as Sources from "#core/platform/sources.ts";
import { onHttp } from "#functions/door.ts";

const one = z.object({ id: z.uuid() });
const person = z.object({ id: z.uuid(), userId: z.uuid() });
const Answer = z.object({ project: Project.Info });
const Changed = z.object({ changed: z.boolean() });
const Listed = z.object({ sources: z.array(Binding.Info) });
const Fed = z.object({ sources: z.array(Binding.Info), runId: z.uuid().nullable(), reason: ReasonInfo });

export const app = api("projects", {
  projects_list: route(
    { answer: z.object({ projects: z.array(Project.Info), activeProjectId: z.uuid().nullable() }) },
    async ({ actor, session }) => ({ projects: await Project.list(actor), activeProjectId: session?.activeProjectId ?? null }),
  ),
  projects_create: route({ body: Project.Draft, answer: Answer, status: 201 }, async ({ actor, body }) => ({
    project: await Project.create(actor, body),
  })),
  projects_change: route({ params: one, body: Project.Change, answer: Answer }, async ({ actor, scope, body }) => ({
    project: await Project.change(actor, scope, body),
  })),
  projects_select: route({ params: one, answer: z.object({ activeProjectId: z.uuid() }) }, async ({ session, projectId }) => {
    if (!session) throw new Refused("session_required");
    await Session.select(session, projectId);
    return { activeProjectId: projectId };
  }),
  assignments_list: route({ params: one, answer: z.object({ assignments: z.array(Assignment.Info) }) }, async ({ scope }) => ({
    assignments: await Assignment.list(scope),
  })),
  assignments_add: route({ params: person, answer: Changed }, async ({ actor, scope, params }) => ({
    changed: await Assignment.add(actor, scope, params.userId),
  })),
  assignments_remove: route({ params: person, answer: Changed }, async ({ actor, scope, params }) => ({
    changed: await Assignment.remove(actor, scope, params.userId),
  })),
  sources_list: route({ params: one, answer: Listed }, async ({ scope }) => ({ sources: await Binding.all(scope) })),
  sources_replace: route(
    { params: one, body: z.strictObject({ sources: z.array(Binding.Draft).max(100) }), answer: Fed },
    ({ actor, scope, body }) => Sources.replace(actor, scope, body.sources),
  ),
  sources_remove: route({ params: one, answer: Fed }, ({ actor, scope }) => Sources.replace(actor, scope, [])),
});
export const handler = onHttp(app);
