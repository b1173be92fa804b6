import type * as Rows from "#test/simulators/linear/rows.ts";
import * as Store from "#test/simulators/linear/store.ts";
import { timeOf, type When } from "#test/simulators/linear/verbs.ts";

type Workspace = Store.Store;
const base = (store: Workspace, kind: string, given: { id?: string } & When): Rows.Base => {
  const at = timeOf(store, given);
  return { id: given.id ?? Store.newId(store, kind), createdAt: at, updatedAt: at, archivedAt: null };
};

type NewUser = { id?: string; name: string; email: string; admin?: boolean; guest?: boolean; title?: string } & {
  teamIds?: readonly string[];
  timezone?: string;
} & When;
export function addUser(store: Workspace, given: NewUser): Rows.User {
  const row: Rows.User = {
    ...base(store, "user", given),
    name: given.name,
    displayName: given.email.split("@")[0] ?? given.name,
    email: given.email,
    active: true,
    admin: given.admin ?? false,
    guest: given.guest ?? false,
    timezone: given.timezone ?? "Europe/London",
    title: given.title ?? null,
    teamIds: [...(given.teamIds ?? store.teams.keys())],
  };
  store.users.set(row.id, row);
  Store.changed(store);
  return row;
}

type UserEdit = { id: string } & Partial<Pick<Rows.User, "name" | "email" | "active" | "admin" | "teamIds">> & When;
/** `active: false` is what suspending does: lists leave the user out, issues keep theirs. */
export function editUser(store: Workspace, given: UserEdit): Rows.User {
  const { id, at: _, by: __, ...next } = given;
  const row = Object.assign(Store.must(store.users, id, "user"), next, { updatedAt: timeOf(store, given) });
  Store.changed(store);
  return row;
}

const COLORS: Readonly<Record<Rows.StateType, string>> = {
  triage: "#fc7840",
  backlog: "#bec2c8",
  unstarted: "#e2e2e2",
  started: "#f2c94c",
  completed: "#5e6ad2",
  canceled: "#95a2b3",
  duplicate: "#95a2b3",
};
/** The states of a new team, those of the vendor's own templates. */
export const STATES: readonly (readonly [string, Rows.StateType])[] = [
  ["Triage", "triage"],
  ["Backlog", "backlog"],
  ["Todo", "unstarted"],
  ["In Progress", "started"],
  ["In Review", "started"],
  ["Done", "completed"],
  ["Canceled", "canceled"],
  ["Duplicate", "duplicate"],
];
export function addTeam(
  store: Workspace,
  given: { id?: string; key: string; name: string; description?: string; timezone?: string } & When,
): Rows.Team {
  const row: Rows.Team = {
    ...base(store, "team", given),
    key: given.key,
    name: given.name,
    description: given.description ?? null,
    color: "#5e6ad2",
    timezone: given.timezone ?? "Europe/London",
    nextNumber: 1,
  };
  store.teams.set(row.id, row);
  STATES.forEach(([name, type], position) => {
    const state = { ...base(store, "state", { ...given, id: Store.newId(store, "state") }), teamId: row.id, name, type, position };
    store.workflowStates.set(state.id, { ...state, color: COLORS[type] });
  });
  Store.changed(store);
  return row;
}

export function editState(
  store: Workspace,
  given: { id: string; name?: string; type?: string; color?: string } & When,
): Rows.WorkflowState {
  const { id, at: _, by: __, ...next } = given;
  const row = Object.assign(Store.must(store.workflowStates, id, "workflow state"), next, { updatedAt: timeOf(store, given) });
  Store.changed(store);
  return row;
}

type NewCycle = {
  id?: string;
  teamId: string;
  number: number;
  startsAt: number;
  endsAt: number;
  name?: string;
  completedAt?: number;
} & When;
export function addCycle(store: Workspace, given: NewCycle): Rows.Cycle {
  const { teamId, number, startsAt, endsAt } = given;
  const rest = { teamId, number, startsAt, endsAt, name: given.name ?? null, completedAt: given.completedAt ?? null };
  const row = { ...base(store, "cycle", given), ...rest };
  store.cycles.set(row.id, row);
  Store.changed(store);
  return row;
}

type NewLabel = { id?: string; name: string; color?: string; description?: string; teamId?: string | null } & {
  parentId?: string | null;
  isGroup?: boolean;
} & When;
export function addLabel(store: Workspace, given: NewLabel): Rows.Label {
  const row: Rows.Label = {
    ...base(store, "label", given),
    name: given.name,
    color: given.color ?? "#4ea7fc",
    description: given.description ?? null,
    teamId: given.teamId ?? null,
    parentId: given.parentId ?? null,
    isGroup: given.isGroup ?? false,
  };
  store.issueLabels.set(row.id, row);
  Store.changed(store);
  return row;
}

export function addProjectStatus(store: Workspace, given: { name: string; type: string; position: number; color?: string } & When) {
  const { name, type, position } = given;
  const row: Rows.ProjectStatus = { ...base(store, "project status", given), name, type, position, color: given.color ?? "#5e6ad2" };
  store.projectStatuses.set(row.id, row);
  Store.changed(store);
  return row;
}

type NewWebhook = { id?: string; url: string; resourceTypes: readonly string[]; secret?: string; label?: string; enabled?: boolean } & {
  teamId?: string | null;
  allPublicTeams?: boolean;
} & When;
export function addWebhook(store: Workspace, given: NewWebhook): Rows.Webhook {
  const row: Rows.Webhook = {
    ...base(store, "webhook", given),
    url: given.url,
    secret: given.secret ?? `lin_wh_${Store.newId(store, "secret").replaceAll("-", "")}`,
    label: given.label ?? null,
    enabled: given.enabled ?? true,
    resourceTypes: [...given.resourceTypes],
    teamId: given.teamId ?? null,
    allPublicTeams: given.allPublicTeams ?? given.teamId == null,
    creatorId: given.by ?? null,
  };
  store.webhooks.set(row.id, row);
  Store.changed(store);
  return row;
}
export function removeWebhook(store: Workspace, given: { id: string }): void {
  store.webhooks.delete(given.id);
  Store.changed(store);
}
