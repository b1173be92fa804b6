/** One workspace's rows, named as in Linear's schema. Instants are epoch milliseconds; dates without a time are "2026-03-10". */
export type Base = { id: string; createdAt: number; updatedAt: number; archivedAt: number | null };

export type User = Base & {
  name: string;
  displayName: string;
  email: string;
  active: boolean;
  admin: boolean;
  guest: boolean;
  timezone: string;
  title: string | null;
  /** A guest and a member see the teams they are in; an administrator sees all. */
  teamIds: string[];
};
export type Team = Base & { key: string; name: string; description: string | null; color: string; timezone: string; nextNumber: number };
export const STATE_TYPES = ["triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate"] as const;
export type StateType = (typeof STATE_TYPES)[number];
export type WorkflowState = Base & { teamId: string; name: string; type: StateType; color: string; position: number };
export type Cycle = Base & {
  teamId: string;
  number: number;
  name: string | null;
  startsAt: number;
  endsAt: number;
  completedAt: number | null;
};
export type ProjectStatus = Base & { name: string; type: string; color: string; position: number };
export type Project = Base & {
  name: string;
  description: string;
  content: string | null;
  color: string;
  icon: string | null;
  slugId: string;
  statusId: string;
  leadId: string | null;
  creatorId: string | null;
  memberIds: string[];
  teamIds: string[];
  startDate: string | null;
  targetDate: string | null;
  priority: number;
  health: string | null;
  startedAt: number | null;
  completedAt: number | null;
  canceledAt: number | null;
  trashed: boolean | null;
};
export type Label = Base & {
  name: string;
  color: string;
  description: string | null;
  teamId: string | null;
  parentId: string | null;
  isGroup: boolean;
};
export type Issue = Base & {
  teamId: string;
  number: number;
  previousIdentifiers: string[];
  title: string;
  description: string | null;
  priority: number;
  estimate: number | null;
  dueDate: string | null;
  stateId: string;
  projectId: string | null;
  cycleId: string | null;
  assigneeId: string | null;
  creatorId: string | null;
  parentId: string | null;
  labelIds: string[];
  startedAt: number | null;
  completedAt: number | null;
  canceledAt: number | null;
  triagedAt: number | null;
  autoArchivedAt: number | null;
  trashed: boolean | null;
};
export type Comment = Base & {
  body: string;
  issueId: string | null;
  projectId: string | null;
  userId: string | null;
  parentId: string | null;
  editedAt: number | null;
  resolvedAt: number | null;
  resolvingUserId: string | null;
  resolvingCommentId: string | null;
  quotedText: string | null;
};
export type Relation = Base & { type: string; issueId: string; relatedIssueId: string };
export type Document = Base & {
  title: string;
  content: string | null;
  color: string | null;
  icon: string | null;
  slugId: string;
  /** Of one of these it is a part. */
  projectId: string | null;
  issueId: string | null;
  teamId: string | null;
  creatorId: string | null;
  updatedById: string | null;
  trashed: boolean | null;
};
/** One entry of an issue's history: what changed from and to, by the names that the schema gives them. */
export type History = Base & { issueId: string; actorId: string | null; changes: Readonly<Record<string, unknown>> };
export type Webhook = Base & {
  url: string;
  secret: string;
  label: string | null;
  enabled: boolean;
  resourceTypes: string[];
  teamId: string | null;
  allPublicTeams: boolean;
  creatorId: string | null;
};
/** Who a token speaks for. `teamIds` narrows what it sees below what its user sees. */
export type Access = { token: string; kind: "key" | "oauth"; userId: string; teamIds: string[] | null; revoked: boolean };
