import { clean } from "#core/connectors/clean.ts";
import type { Raw } from "#core/connectors/linear/api.ts";
import { date, flag, id, instant, names, nodes, number, object, optional, required, text, whole } from "#core/connectors/linear/values.ts";
import type { EventActor } from "#core/events/vocabulary.ts";

type Stamp = string | null;
/** A team as a reference, with the key people know it by. */
export type TeamRef = { id: string | null; key: string | null };
/** What of a record a binding looks at. */
export type Coverable = {
  team: TeamRef;
  project: { id: string | null; slug: string | null; name: string | null };
  labels: string[];
};
export type Issue = {
  externalId: string;
  identifier: string;
  number: number | null;
  title: string;
  description: string | null;
  teamExternalId: string;
  teamKey: string | null;
  linearProjectExternalId: string | null;
  cycleExternalId: string | null;
  cycleName: string | null;
  parentExternalId: string | null;
  state: string;
  stateExternalId: string;
  stateType: string;
  priority: number | null;
  estimate: number | null;
  dueDate: Stamp;
  labels: string[];
  assigneeExternalId: string | null;
  assigneeName: string | null;
  creatorExternalId: string | null;
  creatorName: string | null;
  url: string | null;
  createdAt: string;
  updatedAt: string;
  startedAt: Stamp;
  completedAt: Stamp;
  canceledAt: Stamp;
  archivedAt: Stamp;
  trashed: boolean;
  blockedBy: string[];
  blockedByCount: number;
  blocked: boolean;
  sanitized: boolean;
  /** Who created it; not stored, but told with the event. */
  actor: EventActor;
};
export type Comment = {
  externalId: string;
  issueExternalId: string;
  parentExternalId: string | null;
  body: string | null;
  authorType: "user" | "bot" | "external" | null;
  authorExternalId: string | null;
  authorName: string | null;
  url: string | null;
  createdAt: string;
  updatedAt: string;
  editedAt: Stamp;
  archivedAt: Stamp;
  sanitized: boolean;
  actor: EventActor;
};
export type Paper = {
  externalId: string;
  linearProjectExternalId: string | null;
  issueExternalId: string | null;
  title: string;
  content: string | null;
  creatorExternalId: string | null;
  creatorName: string | null;
  url: string | null;
  createdAt: string;
  updatedAt: string;
  archivedAt: Stamp;
  trashed: boolean;
  sanitized: boolean;
};

/** State types in which nothing remains to be done. */
export const CLOSED = ["completed", "canceled", "duplicate"];

export function issue(raw: Raw): Issue {
  const { value, sanitized } = clean(raw);
  const [team, state, cycle] = [object(value.team), object(value.state), object(value.cycle)];
  const author = authorOf(value.creator, value.externalUserCreator, value.botActor);
  const blockedBy = blockersIn(value.inverseRelations);
  const cycleNumber = whole(cycle.number);
  return {
    externalId: id(value.id, "issue.id"),
    identifier: required(value.identifier, "issue.identifier"),
    number: whole(value.number),
    title: required(value.title, "issue.title"),
    description: text(value.description),
    teamExternalId: id(team.id, "issue.team.id"),
    teamKey: text(team.key),
    linearProjectExternalId: optional(object(value.project).id),
    cycleExternalId: optional(cycle.id),
    // Most cycles have no name; Linear itself shows their number then.
    cycleName: text(cycle.name) ?? (cycleNumber === null ? null : `Cycle ${cycleNumber}`),
    parentExternalId: optional(object(value.parent).id),
    state: required(state.name, "issue.state.name"),
    stateExternalId: id(state.id, "issue.state.id"),
    stateType: required(state.type, "issue.state.type"),
    priority: whole(value.priority),
    estimate: number(value.estimate),
    dueDate: date(value.dueDate),
    labels: names(value.labels),
    assigneeExternalId: optional(object(value.assignee).id),
    assigneeName: text(object(value.assignee).name),
    creatorExternalId: author.id,
    creatorName: author.name,
    url: text(value.url),
    createdAt: required(instant(value.createdAt), "issue.createdAt"),
    updatedAt: required(instant(value.updatedAt), "issue.updatedAt"),
    startedAt: instant(value.startedAt),
    completedAt: instant(value.completedAt),
    canceledAt: instant(value.canceledAt),
    archivedAt: instant(value.archivedAt),
    trashed: flag(value.trashed),
    blockedBy,
    blockedByCount: blockedBy.length,
    blocked: blockedBy.length > 0,
    sanitized,
    actor: author.actor,
  };
}

/** Those of an issue's incoming relations that hold it up: of type "blocks", from an issue that is still open. In order, each once. */
export function blockersIn(inverseRelations: unknown): string[] {
  const open = nodes(inverseRelations).flatMap((given) => {
    const relation = object(given);
    const blocker = object(relation.issue);
    const done = CLOSED.includes(String(object(blocker.state).type)) || instant(blocker.archivedAt) !== null || flag(blocker.trashed);
    return relation.type === "blocks" && !done ? [id(blocker.id, "relation.issue.id")] : [];
  });
  return [...new Set(open)].toSorted();
}

/** Undefined for a comment that is not an issue's: of a project update, a document, an initiative. */
export function comment(raw: Raw): Comment | undefined {
  const issueExternalId = optional(object(raw.issue).id);
  if (issueExternalId === null) return undefined;
  const { value, sanitized } = clean(raw);
  const author = authorOf(value.user, value.externalUser, value.botActor);
  return {
    externalId: id(value.id, "comment.id"),
    issueExternalId,
    parentExternalId: optional(value.parentId),
    body: text(value.body),
    authorType: author.type,
    authorExternalId: author.id,
    authorName: author.name,
    url: text(value.url),
    createdAt: required(instant(value.createdAt), "comment.createdAt"),
    updatedAt: required(instant(value.updatedAt), "comment.updatedAt"),
    editedAt: instant(value.editedAt),
    archivedAt: instant(value.archivedAt),
    sanitized,
    actor: author.actor,
  };
}

/** A document; of one in the trash nothing of the text stays. */
export function paper(raw: Raw): Paper {
  const { value, sanitized } = clean(raw);
  const creator = object(value.creator);
  const trashed = flag(value.trashed);
  return {
    externalId: id(value.id, "document.id"),
    linearProjectExternalId: optional(object(value.project).id),
    issueExternalId: optional(object(value.issue).id),
    title: trashed ? "" : (text(value.title) ?? ""),
    content: trashed ? null : text(value.content),
    creatorExternalId: optional(creator.id),
    creatorName: text(creator.name),
    url: text(value.url),
    createdAt: required(instant(value.createdAt), "document.createdAt"),
    updatedAt: required(instant(value.updatedAt), "document.updatedAt"),
    archivedAt: instant(value.archivedAt),
    trashed,
    sanitized,
  };
}

/** What routes an issue, from its own row or from where a comment or a document names it. */
export function coverable(raw: Raw): Coverable {
  const { value } = clean(raw);
  const project = object(value.project);
  return {
    team: teamRef(value.team),
    project: { id: optional(project.id), slug: text(project.slugId), name: text(project.name) },
    labels: names(value.labels),
  };
}

export const teamRef = (value: unknown): TeamRef => ({ id: optional(object(value).id), key: text(object(value).key) });

/** Guests and people who write from outside (Slack, Intercom, e-mail) are the client's; app users and integrations are nobody. */
function authorOf(
  user: unknown,
  external: unknown,
  bot: unknown,
): { type: "user" | "bot" | "external" | null; id: string | null; name: string | null; actor: EventActor } {
  const [person, outsider, robot] = [object(user), object(external), object(bot)];
  const of = (raw: Raw) => ({ id: optional(raw.id), name: text(raw.name) });
  if (optional(outsider.id) !== null) return { type: "external", ...of(outsider), actor: "client" };
  if (optional(person.id) !== null && !flag(person.app))
    return { type: "user", ...of(person), actor: flag(person.guest) ? "client" : "team" };
  if (optional(person.id) !== null) return { type: "bot", ...of(person), actor: "system" };
  const nobody = robot.name === undefined && robot.id === undefined;
  return { type: nobody ? null : "bot", ...of(robot), actor: "system" };
}
