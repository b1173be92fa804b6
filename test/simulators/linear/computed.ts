import type { Tables, TypeName } from "#test/simulators/linear/graph.ts";
import type * as Rows from "#test/simulators/linear/rows.ts";
import { grouped, instant, type Store } from "#test/simulators/linear/store.ts";
import type { Viewer } from "#test/simulators/linear/viewer.ts";

type Reader<T extends TypeName> = (row: Tables[T], store: Store, viewer: Viewer) => unknown;
const PRIORITIES = ["No priority", "Urgent", "High", "Medium", "Low"] as const;
const relations = (store: Store, key: "issueId" | "relatedIssueId", id: string, type: string) =>
  (grouped(store, `issueRelations.${key}`, store.issueRelations.values(), (row) => row[key]).get(id) ?? []).some(
    (one) => one.type === type,
  );
const url = (store: Store, rest: string) => `https://linear.app/${store.organization.urlKey}/${rest}`;
const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
const issuesOf = (store: Store, key: "projectId" | "cycleId", id: string) =>
  grouped(store, `issues.${key}`, store.issues.values(), (row) => row[key]).get(id) ?? [];
function progress(store: Store, key: "projectId" | "cycleId", id: string): number {
  const open = issuesOf(store, key, id).filter((one) => one.canceledAt === null && one.trashed === null);
  return open.length === 0 ? 0 : open.filter((one) => one.completedAt !== null).length / open.length;
}
const neighbours = (store: Store, row: Rows.Cycle) => [...store.cycles.values()].filter((one) => one.teamId === row.teamId);

export const identifier = (store: Store, row: Rows.Issue): string => `${store.teams.get(row.teamId)?.key}-${row.number}`;
export const isPast = (row: Rows.Cycle, now: number): boolean => row.endsAt <= now;
export const isActive = (row: Rows.Cycle, now: number): boolean => row.startsAt <= now && now < row.endsAt;

/** What is not in a row but follows from it. */
export const COMPUTED: { readonly [T in TypeName]?: Readonly<Record<string, Reader<T>>> } = {
  Issue: {
    identifier: (row, store) => identifier(store, row),
    url: (row, store) => url(store, `issue/${identifier(store, row)}/${slug(row.title)}`),
    branchName: (row, store) => `${identifier(store, row).toLowerCase()}-${slug(row.title)}`,
    priorityLabel: (row) => PRIORITIES[row.priority] ?? "No priority",
    sortOrder: (row) => -row.number,
    boardOrder: (row) => -row.number,
    prioritySortOrder: (row) => row.priority * 1_000 - row.number,
    addedToTeamAt: (row) => row.createdAt,
    hasBlockedByRelations: (row, store) => relations(store, "relatedIssueId", row.id, "blocks"),
    hasBlockingRelations: (row, store) => relations(store, "issueId", row.id, "blocks"),
    hasDuplicateRelations: (row, store) => relations(store, "issueId", row.id, "duplicate"),
    hasRelatedRelations: (row, store) =>
      relations(store, "issueId", row.id, "related") || relations(store, "relatedIssueId", row.id, "related"),
    sharedAccess: () => ({
      disallowedIssueFields: [],
      isShared: false,
      sharedWithCount: 0,
      sharedWithUsers: [],
      viewerHasOnlySharedAccess: false,
    }),
  },
  Comment: {
    url: (row, store) => {
      const found = row.issueId === null ? undefined : store.issues.get(row.issueId);
      return url(store, `${found ? `issue/${identifier(store, found)}` : "project"}#comment-${row.id.slice(0, 8)}`);
    },
    bodyData: (row) =>
      JSON.stringify({ type: "doc", content: [{ type: "paragraph", content: row.body ? [{ type: "text", text: row.body }] : [] }] }),
  },
  Project: {
    url: (row, store) => url(store, `project/${slug(row.name)}-${row.slugId}`),
    state: (row, store) => store.projectStatuses.get(row.statusId)?.type,
    priorityLabel: (row) => PRIORITIES[row.priority] ?? "No priority",
    progress: (row, store) => progress(store, "projectId", row.id),
    scope: (row, store) => issuesOf(store, "projectId", row.id).reduce((sum, one) => sum + (one.estimate ?? 1), 0),
    labelIds: () => [],
  },
  Cycle: {
    progress: (row, store) => progress(store, "cycleId", row.id),
    isActive: (row, store) => isActive(row, instant(store)),
    isPast: (row, store) => isPast(row, instant(store)),
    isFuture: (row, store) => row.startsAt > instant(store),
    isNext: (row, store) => {
      const future = neighbours(store, row).filter((one) => one.startsAt > instant(store));
      return row.startsAt === Math.min(...future.map((one) => one.startsAt));
    },
    isPrevious: (row, store) => {
      const past = neighbours(store, row).filter((one) => isPast(one, instant(store)));
      return row.endsAt === Math.max(...past.map((one) => one.endsAt));
    },
  },
  Team: {
    displayName: (row) => row.name,
    activeCycle: (row, store) => [...store.cycles.values()].find((one) => one.teamId === row.id && isActive(one, instant(store))) ?? null,
    issueCount: (row, store) =>
      (grouped(store, "issues.teamId", store.issues.values(), (one) => one.teamId).get(row.id) ?? []).filter((one) => !one.archivedAt)
        .length,
    viewerCanLeave: (row, _, viewer) => viewer.user.teamIds.includes(row.id),
    viewerCanJoin: (row, _, viewer) => !viewer.user.teamIds.includes(row.id),
  },
  User: {
    isMe: (row, _, viewer) => row.id === viewer.user.id,
    url: (row, store) => url(store, `profiles/${row.displayName}`),
    initials: (row) =>
      row.name
        .split(" ")
        .map((word) => word[0] ?? "")
        .join("")
        .slice(0, 2),
    owner: (row) => row.admin,
    createdIssueCount: (row, store) =>
      grouped(store, "issues.creatorId", store.issues.values(), (one) => one.creatorId).get(row.id)?.length ?? 0,
  },
  Document: { url: (row, store) => url(store, `document/${slug(row.title)}-${row.slugId}`) },
  Organization: {
    userCount: (_, store) => store.users.size,
    createdIssueCount: (_, store) => store.issues.size,
    projectStatuses: (_, store) => [...store.projectStatuses.values()],
  },
  IssueHistory: {
    actors: (row, store) => (row.actorId === null ? null : [store.users.get(row.actorId)].filter((one) => one !== undefined)),
  },
  Webhook: { teamIds: (row) => (row.teamId === null ? null : [row.teamId]) },
};

export function computed(type: string, field: string): Reader<never> | undefined {
  return (COMPUTED as Readonly<Record<string, Readonly<Record<string, Reader<never>>>>>)[type]?.[field];
}
