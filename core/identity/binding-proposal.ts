import * as z from "zod";
import { label, type User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import * as Binding from "#core/connectors/binding.ts";
import { sql, transaction } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import type { ReasonInfo } from "#core/jobs/reason.ts";
import * as Audit from "#core/platform/audit.ts";
import * as Project from "#core/platform/project.ts";
import * as Sources from "#core/platform/sources.ts";
import type { AccountScope } from "#core/scope.ts";

export const STATUSES = ["proposed", "accepted", "dismissed"] as const;

/** How a part of each kind is bound. */
const FILTER = {
  inbox: (id: string) => ({ inboxIds: [Number(id)] }),
  contact_company: (id: string) => ({ companies: [id] }),
  attio_company: (id: string) => ({ companies: [id] }),
  linear_project: (id: string) => ({ linearProjectIds: [id] }),
  team: (id: string) => ({ teamIds: [id] }),
} as const;
type Kind = keyof typeof FILTER;

/** Something of a connection that is thought to be the client's, why, and the project it feeds by name already. */
export const Part = z.object({
  source: z.enum(["chatwoot", "linear", "attio"]),
  connectionId: z.uuid(),
  kind: z.enum(Object.keys(FILTER) as [Kind, ...Kind[]]),
  id: z.string(),
  name: z.string(),
  reason: z.enum(["client", "same_name", "name_within", "telling_word", "similar_name", "email_domain"]),
  confidence: z.number(),
  boundTo: z.uuid().nullable(),
});
export const Info = z.object({
  id: z.uuid(),
  client: z.string(),
  confidence: z.number(),
  parts: z.array(Part),
  evidenceRefs: z.array(z.string()),
  status: z.enum(STATUSES),
  acceptedProjectId: z.uuid().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  createdAt: z.date(),
});
export type Info = z.infer<typeof Info>;

export type Filter = {
  status: (typeof STATUSES)[number] | "all";
  after: { confidence: number; id: string } | undefined;
  limit: number;
};

const columns = () =>
  sql`id, client, confidence::float8 as confidence, parts, evidence_refs, status, accepted_project_id, decided_by, decided_at, created_at`;

/** Most confident first. */
export async function list(scope: AccountScope, { status, after, limit }: Filter): Promise<Info[]> {
  return transaction(
    scope,
    () =>
      sql<Info[]>`
      select ${columns()} from binding_proposals
      where account_scope_id = ${scope.accountScopeId} and (${status} = 'all' or status = ${status})
        and (${after?.confidence ?? null}::numeric is null or (confidence, id) < (${after?.confidence ?? null}, ${after?.id ?? null}::uuid))
      order by confidence desc, id desc limit ${limit}`,
  );
}

export type Accepted = { proposal: Info; runId: string | null; reason: ReasonInfo };

/** Binds the parts to a project, beside all that feeds it, and asks for a sync. Throws `conflict` for a proposal that is accepted already. */
export async function accept(actor: User, id: string, projectId: string): Promise<Accepted> {
  await Project.refuseUnlessAll(actor, [projectId]);
  const scope = { projects: [projectId], accountScopeId: actor.accountScopeId };
  const proposal = await transaction(scope, async () => {
    const { parts, status } = await get(scope, id);
    if (status === "accepted") throw new Refused("conflict", { thing: "a binding of this proposal" });
    const [project] = await sql<{ status: string }[]>`select status from projects where id = ${projectId}`;
    if (project?.status === "archived") throw new Refused("project_archived");
    const added = parts.map((part) => ({ ...Binding.whole(part.connectionId), ...FILTER[part.kind](part.id) }));
    await Binding.replace(scope, [...(await Binding.all(scope)), ...added], label(actor));
    const payload = { connection_ids: [...new Set(parts.map((part) => part.connectionId))] };
    await Audit.record(actor, { action: "binding_proposal_accepted", entityType: "binding_proposal", entityId: id, projectId, payload });
    return decide(actor, scope, id, "accepted", projectId);
  });
  return { proposal, ...(await Sources.askForSync(actor, scope)) };
}

/** Says that the parts are not one client's: the company is not proposed again. Throws `conflict` for a proposal that is accepted. */
export async function dismiss(actor: User, id: string): Promise<Info> {
  const scope = { accountScopeId: actor.accountScopeId };
  return transaction(scope, async () => {
    const { status } = await get(scope, id);
    if (status === "accepted") throw new Refused("conflict", { thing: "a binding of this proposal" });
    await Audit.record(actor, { action: "binding_proposal_dismissed", entityType: "binding_proposal", entityId: id });
    return decide(actor, scope, id, "dismissed", null);
  });
}

async function get(scope: AccountScope, id: string): Promise<Info> {
  const [row] = await sql<Info[]>`
    select ${columns()} from binding_proposals where id = ${id} and account_scope_id = ${scope.accountScopeId} for update`;
  if (!row) throw new Refused("not_found", { thing: "proposal" });
  return row;
}

async function decide(
  actor: User,
  scope: AccountScope,
  id: string,
  status: "accepted" | "dismissed",
  projectId: string | null,
): Promise<Info> {
  const now = Clock.now();
  await sql`
    update binding_proposals set status = ${status}, accepted_project_id = ${projectId}, decided_by = ${label(actor)}, decided_at = ${now}, updated_at = ${now}
    where id = ${id} and account_scope_id = ${scope.accountScopeId}`;
  return get(scope, id);
}
