import { kept, objects } from "#test/simulators/attio/attributes.ts";
import type {
  Actor,
  Attribute,
  Entry,
  ListShape,
  Member,
  Note,
  ObjectShape,
  Row,
  Shape,
  Task,
  Webhook,
} from "#test/simulators/attio/rows.ts";
import { mix } from "#test/simulators/random.ts";
import { uuid } from "#test/simulators/uuid.ts";

/** What a webhook tells: ids, and who did it. Never a value. */
export type Notice = { event_type: string; id: Record<string, string>; actor: Actor; [key: string]: unknown };
/** One workspace in memory. The verbs change it, `query.ts` reads it. */
export type Store = {
  workspaceId: string;
  workspaceName: string;
  now: () => number;
  objects: Map<string, ObjectShape>;
  records: Map<string, Row>;
  lists: Map<string, ListShape>;
  entries: Map<string, Entry>;
  notes: Map<string, Note>;
  tasks: Map<string, Task>;
  members: Map<string, Member>;
  webhooks: Map<string, Webhook>;
  next: number;
  /** The order of what is not sorted, and of equals in what is: a number that the verb `reorder` changes. */
  order: number;
  /** The token sees half of the records: someone took rights from it. */
  narrowed: boolean;
  listeners: Set<(notice: Notice) => void>;
};

/** A workspace with its objects and nothing in them. `now` gives epoch seconds. */
export function empty(options: { workspaceName?: string; now?: () => number } = {}): Store {
  return {
    workspaceId: uuid("workspace"),
    workspaceName: options.workspaceName ?? "Studio",
    now: options.now ?? (() => Date.now() / 1_000),
    objects: objects("2024-01-15T09:30:00.000000000Z"),
    records: new Map(),
    lists: new Map(),
    entries: new Map(),
    notes: new Map(),
    tasks: new Map(),
    members: new Map(),
    webhooks: new Map(),
    next: 1,
    order: 1,
    narrowed: false,
    listeners: new Set(),
  };
}

/** Epoch seconds as Attio writes them: "2026-03-10T12:00:00.061281000Z". */
export function stamp(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const whole = Math.floor(micros / 1e6);
  return `${new Date(whole * 1_000).toISOString().slice(0, 19)}.${String(micros - whole * 1e6).padStart(6, "0")}000Z`;
}

export const stampNow = (store: Store): string => stamp(store.now());
export const newId = (store: Store, kind: string): string => uuid(`${kind}:${store.next++}`);
/** The integration's own writes. */
export const API: Actor = { type: "api-token", id: uuid("api-token") };
export const by = (memberId: string): Actor => ({ type: "workspace-member", id: memberId });

export function object(store: Store, slugOrId: string): ObjectShape | undefined {
  const found = store.objects.get(slugOrId) ?? [...store.objects.values()].find((one) => one.id === slugOrId);
  return found?.off ? undefined : found;
}

export function list(store: Store, slugOrId: string): ListShape | undefined {
  return store.lists.get(slugOrId) ?? [...store.lists.values()].find((one) => one.slug === slugOrId);
}

export function attribute(shape: Shape, slugOrId: string): Attribute | undefined {
  return shape.attributes.find((one) => one.slug === slugOrId || one.id === slugOrId);
}

export function record(store: Store, object: string, id: string): Row | undefined {
  const found = store.records.get(id);
  return found?.object === object ? found : undefined;
}

/** Half of the records, the same half each time, and what hangs on them. */
export function sees(store: Store, narrow: boolean, recordId: string): boolean {
  return !(narrow || store.narrowed) || Number.parseInt(recordId.slice(0, 2), 16) % 2 === 0;
}

/** Where something stands in the order of the day. */
export function place(store: Store, id: string): number {
  return mix(Number.parseInt(id.slice(0, 8), 16), store.order);
}

export function addListShape(store: Store, slug: string, name: string, parent: string, own: Attribute[]): ListShape {
  const attributes = [...own, ...kept(slug)];
  const shape: ListShape = { kind: "lists", id: uuid(`list:${slug}`), slug, name, parent, created_at: stampNow(store), attributes };
  store.lists.set(shape.id, shape);
  return shape;
}

export function must<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The simulated workspace has no ${what}.`);
  return found;
}

export function counts(store: Store): Record<string, number> {
  const of = (object: string) => [...store.records.values()].filter((one) => one.object === object).length;
  return {
    companies: of("companies"),
    people: of("people"),
    deals: of("deals"),
    lists: store.lists.size,
    entries: store.entries.size,
    notes: store.notes.size,
    tasks: store.tasks.size,
    members: store.members.size,
  };
}
