import type * as Rows from "#test/simulators/linear/rows.ts";
import { uuid } from "#test/simulators/uuid.ts";

export type Notice = {
  action: "create" | "update" | "remove";
  type: string;
  data: Record<string, unknown>;
  updatedFrom?: Record<string, unknown>;
  actorId: string | null;
  url: string | null;
};
/** One workspace in memory. Verbs change it, `read.ts` reads it; `version` moves with every change and is what lists are cached by. */
export type Store = {
  organization: Rows.Base & { name: string; urlKey: string };
  /** Epoch seconds, as the clock has it. */
  now: () => number;
  version: number;
  made: number;
  users: Map<string, Rows.User>;
  teams: Map<string, Rows.Team>;
  workflowStates: Map<string, Rows.WorkflowState>;
  cycles: Map<string, Rows.Cycle>;
  projectStatuses: Map<string, Rows.ProjectStatus>;
  projects: Map<string, Rows.Project>;
  issueLabels: Map<string, Rows.Label>;
  issues: Map<string, Rows.Issue>;
  comments: Map<string, Rows.Comment>;
  issueRelations: Map<string, Rows.Relation>;
  documents: Map<string, Rows.Document>;
  history: Map<string, Rows.History>;
  webhooks: Map<string, Rows.Webhook>;
  access: Map<string, Rows.Access>;
  lists: Map<string, { version: number; found: unknown }>;
  listeners: Set<(notice: Notice) => void>;
};

/** A workspace with nothing in it. */
export function empty(options: { name?: string; urlKey?: string; now?: () => number } = {}): Store {
  const now = options.now ?? (() => Date.now() / 1_000);
  return {
    organization: {
      id: uuid("organization"),
      name: options.name ?? "Studio",
      urlKey: options.urlKey ?? "studio",
      createdAt: 0,
      updatedAt: 0,
      archivedAt: null,
    },
    now,
    version: 0,
    made: 0,
    users: new Map(),
    teams: new Map(),
    workflowStates: new Map(),
    cycles: new Map(),
    projectStatuses: new Map(),
    projects: new Map(),
    issueLabels: new Map(),
    issues: new Map(),
    comments: new Map(),
    issueRelations: new Map(),
    documents: new Map(),
    history: new Map(),
    webhooks: new Map(),
    access: new Map(),
    lists: new Map(),
    listeners: new Set(),
  };
}

/** Epoch milliseconds. */
export const instant = (store: Store): number => Math.trunc(store.now() * 1_000);

/** The same verbs in the same order give the same ids. */
export function newId(store: Store, kind: string): string {
  store.made += 1;
  return uuid(`${kind}:${store.made}`);
}

export function changed(store: Store): void {
  store.version += 1;
}

/** Computed once per state of the store. */
export function cached<T>(store: Store, key: string, compute: () => T): T {
  const held = store.lists.get(key);
  if (held?.version === store.version) return held.found as T;
  // Keys carry what clients send: a store that stands still must not keep every filter ever made.
  if (store.lists.size > 200) store.lists.clear();
  const found = compute();
  store.lists.set(key, { version: store.version, found });
  return found;
}

/** Rows by one of their keys, for the lists that hang from a row. */
export function grouped<T>(store: Store, name: string, rows: Iterable<T>, key: (row: T) => string | null): Map<string | null, T[]> {
  return cached(store, `by ${name}`, () => Map.groupBy(rows, key));
}

export const issue = (store: Store, id: string): Rows.Issue => must(store.issues, id, "issue");
export const team = (store: Store, id: string): Rows.Team => must(store.teams, id, "team");
export const state = (store: Store, id: string): Rows.WorkflowState => must(store.workflowStates, id, "workflow state");

export function must<T>(rows: ReadonlyMap<string, T>, id: string, what: string): T {
  const found = rows.get(id);
  if (found === undefined) throw new Error(`The simulated workspace has no ${what} ${id}.`);
  return found;
}

export function counts(store: Store): Record<string, number> {
  const names = [
    "users",
    "teams",
    "workflowStates",
    "cycles",
    "projects",
    "issueLabels",
    "issues",
    "comments",
    "issueRelations",
    "documents",
  ];
  return Object.fromEntries(names.map((name) => [name, (store[name as "issues"] as Map<string, unknown>).size]));
}
