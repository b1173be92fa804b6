import { type Caller, label } from "#core/actor.ts";
import * as Binding from "#core/connectors/binding.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import { jobs } from "#core/jobs/catalogue.ts";
import { type ReasonInfo, told } from "#core/jobs/reason.ts";
import * as Request from "#core/jobs/request.ts";
import * as Audit from "#core/platform/audit.ts";
import type { ProjectScope } from "#core/scope.ts";

/** How a project is fed now, and the sync that makes it so: its run, or why none was asked for. */
export type Fed = { sources: Binding.Info[]; runId: string | null; reason: ReasonInfo };

/** Sets what feeds the scope's one project. An archived one can only lose sources. */
export async function replace(actor: Caller, scope: ProjectScope, drafts: readonly Binding.Draft[]): Promise<Fed> {
  const projectId = scope.projects[0] ?? "";
  const changed = await transaction(scope, async () => {
    const [project] = await sql<{ status: string }[]>`select status from projects where id = ${projectId}`;
    if (!project) throw new Refused("project_not_found");
    if (project.status === "archived" && drafts.length > 0) throw new Refused("project_archived");
    if (!(await Binding.replace(scope, drafts, label(actor)))) return false;
    const payload = { connection_ids: [...new Set(drafts.map((draft) => draft.connectionId))] };
    await Audit.record(actor, { action: "sources_replaced", entityType: "project", entityId: projectId, projectId, payload });
    return true;
  });
  const asked = changed ? await askForSync(actor, scope) : { runId: null, reason: null };
  return { sources: await Binding.all(scope), ...asked };
}

/** Asks for the sync that brings what was bound. The sources stand whether or not the sync can be asked for: a paused project is read when it is resumed. */
export async function askForSync(actor: Caller, scope: ProjectScope): Promise<{ runId: string | null; reason: ReasonInfo }> {
  try {
    return { runId: await Request.ask(jobs, scope, "connectors_sync_cycle", { trigger: "cascade", by: label(actor) }), reason: null };
  } catch (error) {
    if (error instanceof Refused) return { runId: null, reason: told(error.why) };
    throw error;
  }
}
