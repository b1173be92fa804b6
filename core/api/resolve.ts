import type { Caller } from "#core/actor.ts";
import type { Operation } from "#core/api/operation.ts";
import { Refused } from "#core/error.ts";
import * as Project from "#core/platform/project.ts";
import type { Session } from "#core/platform/session.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type Named = { path: string | undefined; query: string | undefined; header: string | undefined };

/**
 * The one project a call touches: named in the path, the query or the header, else the session's active one, else the only one of a key. Throws
 * `active_project_required` when none is meant, and `project_not_found` alike for one that does not exist and one that may not be seen.
 */
export async function resolve(operation: Operation, actor: Caller, session: Session | undefined, named: Named): Promise<string> {
  const inPath = operation.path.startsWith("/projects/:id");
  const given = inPath ? (named.path ?? "") : (named.query ?? named.header);
  if (given === undefined) return implied(actor, session);
  const id = given.toLowerCase();
  // A session's active project was found to be seen when the session was.
  if (UUID.test(id) && (id === session?.activeProjectId || (await Project.seen(actor, id)))) return id;
  throw new Refused("project_not_found");
}

function implied(actor: Caller, session: Session | undefined): string {
  const only = actor.kind === "api_key" && actor.projects.length === 1 ? actor.projects[0] : undefined;
  const id = session?.activeProjectId ?? only;
  if (!id) throw new Refused("active_project_required");
  return id;
}
