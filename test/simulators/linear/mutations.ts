import * as Papers from "#test/simulators/linear/papers.ts";
import { found } from "#test/simulators/linear/queries.ts";
import { Refusal } from "#test/simulators/linear/refusal.ts";
import type { Args, Context, Root } from "#test/simulators/linear/resolve.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import { addWebhook, removeWebhook } from "#test/simulators/linear/studio.ts";
import * as Verbs from "#test/simulators/linear/verbs.ts";

type Input = Readonly<Record<string, unknown>>;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Refers = readonly [Parameters<typeof found>[1], Parameters<typeof found>[2]];
const REFERS: Readonly<Record<string, Refers>> = {
  teamId: ["Team", "teams"],
  stateId: ["WorkflowState", "workflowStates"],
  projectId: ["Project", "projects"],
  cycleId: ["Cycle", "cycles"],
  assigneeId: ["User", "users"],
  leadId: ["User", "users"],
  statusId: ["ProjectStatus", "projectStatuses"],
  parentId: ["Issue", "issues"],
  issueId: ["Issue", "issues"],
  relatedIssueId: ["Issue", "issues"],
  labelIds: ["IssueLabel", "issueLabels"],
  addedLabelIds: ["IssueLabel", "issueLabels"],
};

/** An input as the verbs take it. Ids in it must name rows that the viewer may see; instants become milliseconds. */
function input(args: Args, context: Context): Input {
  const given = args.input as Input;
  if (given.id !== undefined && !UUID.test(String(given.id))) throw new Refusal("input", "Argument Validation Error: id must be a UUID");
  const read = ([key, value]: [string, unknown]): [string, unknown] => {
    const [type, table] = key === "parentId" && "body" in given ? (["Comment", "comments"] as const) : (REFERS[key] ?? []);
    if (type && table && Array.isArray(value)) return [key, value.map((id) => found(context, type, table, id).id)];
    if (type && table && typeof value === "string") return [key, found(context, type, table, value).id];
    return [key, key.endsWith("At") && typeof value === "string" ? Date.parse(value) : value];
  };
  return Object.fromEntries(Object.entries(given).map(read));
}

const done = (context: Context, rest: Record<string, unknown>) => ({ success: true, lastSyncId: context.store.version, ...rest });
const asWritten = (args: Args, context: Context) => ({ ...input(args, context), by: context.viewer.user.id }) as never;
const named = (args: Args, context: Context, type: "Issue" | "Comment", table: "issues" | "comments") =>
  found(context, type, table, args.id).id;
const own = (args: Args, context: Context) => ({ id: named(args, context, "Issue", "issues"), by: context.viewer.user.id });
const edit = (args: Args, context: Context, id: string) => ({ ...input(args, context), id, by: context.viewer.user.id }) as never;

export const MUTATIONS: Readonly<Record<string, Root>> = {
  /** An id that the client chose makes it idempotent: the second time answers with the first's issue. */
  issueCreate: (args, context) => {
    const { title, id, createdAt, ...rest } = input(args, context);
    const known = context.store.issues.get(String(id));
    if (known) return done(context, { issue: known });
    if (typeof title !== "string" || title.trim() === "") throw new Refusal("input", "Argument Validation Error: title must not be empty");
    const given = { ...rest, title, ...(id === undefined ? {} : { id }), ...(createdAt === undefined ? {} : { at: createdAt }) };
    return done(context, {
      issue: Verbs.createIssue(context.store, { ...given, by: context.viewer.user.id } as unknown as Verbs.NewIssue),
    });
  },
  issueUpdate: (args, context) => {
    const id = named(args, context, "Issue", "issues");
    const { trashed, ...rest } = input(args, context);
    if (trashed === true) Verbs.trashIssue(context.store, { id, by: context.viewer.user.id });
    if (trashed === false) Verbs.unarchiveIssue(context.store, { id, by: context.viewer.user.id });
    return done(context, { issue: Verbs.editIssue(context.store, { ...rest, id, by: context.viewer.user.id } as Verbs.IssueEdit) });
  },
  issueArchive: (args, context) => {
    const verb = args.trash === true ? Verbs.trashIssue : Verbs.archiveIssue;
    return done(context, { entity: verb(context.store, own(args, context)) });
  },
  issueUnarchive: (args, context) => done(context, { entity: Verbs.unarchiveIssue(context.store, own(args, context)) }),
  /** To the trash, for thirty days; an administrator may skip that. */
  issueDelete: (args, context) => {
    const given = own(args, context);
    if (args.permanentlyDelete !== true) return done(context, { entity: Verbs.trashIssue(context.store, given) });
    if (!context.viewer.user.admin) throw new Refusal("forbidden", "Only administrators can delete an issue permanently");
    const row = context.store.issues.get(given.id);
    Verbs.deleteIssue(context.store, given);
    return done(context, { entity: row ?? null });
  },
  commentCreate: (args, context) => {
    const { createdAt, ...rest } = input(args, context);
    const known = context.store.comments.get(String(rest.id));
    if (known) return done(context, { comment: known });
    if (typeof rest.body !== "string" || (rest.issueId === undefined && rest.projectId === undefined))
      throw new Refusal("input", "Argument Validation Error: a comment needs a body and an issue or project");
    const given = { ...rest, by: context.viewer.user.id, ...(createdAt === undefined ? {} : { at: createdAt }) };
    return done(context, { comment: Papers.addComment(context.store, given as unknown as Papers.NewComment) });
  },
  commentUpdate: (args, context) => {
    const id = named(args, context, "Comment", "comments");
    return done(context, { comment: Papers.editComment(context.store, edit(args, context, id)) });
  },
  commentDelete: (args, context) => {
    const id = named(args, context, "Comment", "comments");
    Papers.deleteComment(context.store, { id, by: context.viewer.user.id });
    return done(context, { entityId: id });
  },
  issueRelationCreate: (args, context) => done(context, { issueRelation: Verbs.addRelation(context.store, asWritten(args, context)) }),
  issueRelationDelete: (args, context) => {
    const { id } = found(context, "IssueRelation", "issueRelations", args.id);
    Verbs.removeRelation(context.store, { id });
    return done(context, { entityId: id });
  },
  projectUpdate: (args, context) => {
    const { id } = found(context, "Project", "projects", args.id);
    return done(context, { project: Papers.editProject(context.store, edit(args, context, id)) });
  },
  documentUpdate: (args, context) => {
    const { id } = found(context, "Document", "documents", args.id);
    return done(context, { document: Papers.editDocument(context.store, edit(args, context, id)) });
  },
  /** Only administrators, and applications with the admin scope (linear.app/developers/webhooks). */
  webhookCreate: (args, context) => {
    if (!context.viewer.user.admin) throw new Refusal("forbidden", "Only administrators can create webhooks");
    return done(context, { webhook: addWebhook(context.store, asWritten(args, context)) });
  },
  webhookDelete: (args, context) => {
    const row = found(context, "Webhook", "webhooks", args.id) as Rows.Webhook;
    removeWebhook(context.store, row);
    return done(context, { entityId: row.id });
  },
};
