/** What the simulated workspace holds. Times are texts with nanoseconds, as Attio writes them: they sort as they are. */
export type ActorType = "api-token" | "workspace-member" | "system" | "app";
export type Actor = { type: ActorType; id: string | null };

/** One value of an attribute. Which further keys it has follows from its `attribute_type`. */
export type Value = {
  active_from: string;
  active_until: string | null;
  created_by_actor: Actor;
  attribute_type: ValueType;
  [key: string]: unknown;
};
export type ValueType =
  | "text"
  | "number"
  | "checkbox"
  | "currency"
  | "date"
  | "timestamp"
  | "rating"
  | "status"
  | "select"
  | "record-reference"
  | "actor-reference"
  | "domain"
  | "email-address"
  | "phone-number"
  | "personal-name";

/** A status of a status attribute, or an option of a select. */
export type Choice = { id: string; title: string; archived: boolean; celebrated: boolean };
export type Attribute = {
  id: string;
  slug: string;
  title: string;
  type: ValueType;
  system: boolean;
  writable: boolean;
  required: boolean;
  unique: boolean;
  multiple: boolean;
  /** Objects a record-reference may point at, by slug. */
  targets: readonly string[];
  choices: Choice[];
};
/** An object or a list: what has attributes. */
export type Shape = { kind: "objects" | "lists"; id: string; slug: string; created_at: string; attributes: Attribute[] };
export type ObjectShape = Shape & { kind: "objects"; singular: string; plural: string; off: boolean };
export type ListShape = Shape & { kind: "lists"; name: string; parent: string };

/** What carries values: a record or a list's entry. `past` holds the values that were, by slug. */
export type Holder = {
  id: string;
  created_at: string;
  created_by: Actor;
  values: Record<string, Value[]>;
  past: Record<string, Value[]>;
  json: string | undefined;
};
export type Row = Holder & { object: string; mergingUntil: number };
export type Entry = Holder & { listId: string; object: string; recordId: string };
export type Note = {
  id: string;
  object: string;
  recordId: string;
  title: string;
  markdown: string;
  created_at: string;
  created_by: Actor;
};
export type Task = {
  id: string;
  content: string;
  deadline_at: string | null;
  completed_at: string | null;
  linked: { object: string; recordId: string }[];
  assignees: string[];
  created_at: string;
  created_by: Actor;
};
export type Member = {
  id: string;
  first: string;
  last: string;
  email: string;
  access: "admin" | "member" | "suspended";
  created_at: string;
};
export type Subscription = { event_type: string; filter: Filter | null };
type Condition = { field: string; operator: "equals" | "not_equals"; value: string };
export type Filter = { $and: Condition[] } | { $or: Condition[] };
export type Webhook = { id: string; url: string; secret: string; subscriptions: Subscription[]; created_at: string };
