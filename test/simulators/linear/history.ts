import type * as Rows from "#test/simulators/linear/rows.ts";
import { newId, type Store } from "#test/simulators/linear/store.ts";

/** What the history of an issue tells of, and the names it tells it by. */
const TOLD: Readonly<Record<string, string>> = {
  stateId: "StateId",
  assigneeId: "AssigneeId",
  cycleId: "CycleId",
  projectId: "ProjectId",
  teamId: "TeamId",
  parentId: "ParentId",
  priority: "Priority",
  estimate: "Estimate",
  dueDate: "DueDate",
  title: "Title",
};

export function record(
  store: Store,
  issue: Rows.Issue,
  before: Partial<Rows.Issue>,
  given: { at: number; by: string | null; marks?: Record<string, unknown> },
): void {
  const told = Object.entries(before).flatMap(([key, was]) =>
    TOLD[key]
      ? [
          [`from${TOLD[key]}`, was],
          [`to${TOLD[key]}`, issue[key as keyof Rows.Issue]],
        ]
      : [],
  );
  const marks: Record<string, unknown> = { ...given.marks };
  if ("description" in before) marks.updatedDescription = true;
  if (before.labelIds) {
    marks.addedLabelIds = issue.labelIds.filter((id) => !before.labelIds?.includes(id));
    marks.removedLabelIds = before.labelIds.filter((id) => !issue.labelIds.includes(id));
  }
  const changes = { ...Object.fromEntries(told), ...marks };
  if (Object.keys(changes).length === 0) return;
  const id = newId(store, "history");
  store.history.set(id, { id, issueId: issue.id, actorId: given.by, changes, createdAt: given.at, updatedAt: given.at, archivedAt: null });
}

const TABLES: Readonly<Record<string, "workflowStates" | "users" | "cycles" | "projects" | "teams" | "issues">> = {
  State: "workflowStates",
  Assignee: "users",
  Cycle: "cycles",
  Project: "projects",
  Team: "teams",
  Parent: "issues",
};

/** A field of a history entry: an id or value as stored, the row it names, or null where this did not change; undefined for what is not told. */
export function changeOf(store: Store, entry: Rows.History, field: string): unknown {
  const { changes } = entry;
  if (field === "addedLabels" || field === "removedLabels") {
    const ids = changes[field === "addedLabels" ? "addedLabelIds" : "removedLabelIds"] as string[] | undefined;
    return ids?.flatMap((id) => store.issueLabels.get(id) ?? []) ?? null;
  }
  const [, side, noun] = /^(from|to)(State|Assignee|Cycle|Project|Team|Parent)$/.exec(field) ?? [];
  if (side && noun) return store[TABLES[noun] as "users"].get(String(changes[`${side}${noun}Id`])) ?? null;
  return changes[field];
}
