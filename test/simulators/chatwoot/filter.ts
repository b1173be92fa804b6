import { FILTER_OPERATORS } from "#test/simulators/chatwoot/behaviour.ts";
import type { Contact, Conversation } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";

/** Answered with 422 (CustomExceptions::CustomFilter). */
export class InvalidFilter extends Error {}

type Clause = { attribute_key?: unknown; filter_operator?: unknown; values?: unknown; query_operator?: unknown };
type Value = string | number | boolean | null | readonly string[];
type Columns<T> = Readonly<Record<string, { read: (row: T) => Value; date?: boolean }>>;

/** lib/filters/filter_keys.yml: there is no updated_at among them. */
const CONVERSATION: Columns<Conversation> = {
  status: { read: (row) => row.status },
  assignee_id: { read: (row) => row.assigneeId },
  inbox_id: { read: (row) => row.inboxId },
  team_id: { read: (row) => row.teamId },
  contact_id: { read: (row) => row.contactId },
  priority: { read: (row) => row.priority },
  display_id: { read: (row) => row.id },
  campaign_id: { read: () => null },
  labels: { read: (row) => row.labels },
  browser_language: { read: (row) => text(row.additional_attributes.browser_language) },
  conversation_language: { read: (row) => text(row.additional_attributes.conversation_language) },
  referer: { read: (row) => text(row.additional_attributes.referer) },
  mail_subject: { read: (row) => text(row.additional_attributes.mail_subject) },
  created_at: { read: (row) => row.created_at, date: true },
  last_activity_at: { read: (row) => row.last_activity_at, date: true },
};
const CONTACT: Columns<Contact> = {
  name: { read: (row) => row.name },
  email: { read: (row) => row.email },
  phone_number: { read: (row) => row.phone_number },
  identifier: { read: (row) => row.identifier },
  city: { read: (row) => text(row.additional_attributes.city) },
  country_code: { read: (row) => text(row.additional_attributes.country_code) },
  company_name: { read: (row) => text(row.additional_attributes.company_name) },
  blocked: { read: (row) => row.blocked },
  created_at: { read: (row) => row.created_at, date: true },
  last_activity_at: { read: (row) => row.last_activity_at, date: true },
};

export function conversationMatcher(body: unknown, store: Store): (row: Conversation) => boolean {
  const own: Columns<Conversation> = Object.fromEntries(
    store.customAttributes
      .filter((one) => one.model === "conversation_attribute")
      .map((one) => [one.key, { read: (row: Conversation) => text(row.custom_attributes[one.key]) }]),
  );
  return matcher(body, { ...own, ...CONVERSATION }, store.now());
}

export function contactMatcher(body: unknown, now = Date.now() / 1_000): (row: Contact) => boolean {
  return matcher(body, CONTACT, now);
}

/** AND binds tighter than OR, as the SQL that the real one builds. */
function matcher<T>(body: unknown, columns: Columns<T>, now: number): (row: T) => boolean {
  const given = (body as { payload?: unknown } | undefined)?.payload;
  const clauses: Clause[] = Array.isArray(given) ? given : [];
  const groups: ((row: T) => boolean)[][] = [[]];
  clauses.forEach((clause, n) => {
    const last = n === clauses.length - 1;
    const joiner = typeof clause.query_operator === "string" ? clause.query_operator.toUpperCase() : null;
    if (last && joiner !== null) throw new InvalidFilter('Invalid query operator. Query operator must be either "AND" or "OR".');
    if (!last && joiner !== "AND" && joiner !== "OR")
      throw new InvalidFilter('Invalid query operator. Query operator must be either "AND" or "OR".');
    (groups.at(-1) as ((row: T) => boolean)[]).push(clauseMatcher(clause, columns, now));
    if (joiner === "OR") groups.push([]);
  });
  return (row) => groups.some((group) => group.every((matches) => matches(row)));
}

function clauseMatcher<T>(clause: Clause, columns: Columns<T>, now: number): (row: T) => boolean {
  const key = String(clause.attribute_key);
  const column = columns[key];
  if (!column)
    throw new InvalidFilter(
      `Invalid attribute key - [${key}]. The key should be one of [${Object.keys(columns).join(",")}] or a custom attribute.`,
    );
  const operator = String(clause.filter_operator);
  if (!FILTER_OPERATORS.some((one) => one === operator))
    throw new InvalidFilter(`Invalid operator. The allowed operators for ${key} are [${FILTER_OPERATORS.join(",")}].`);
  const values = (Array.isArray(clause.values) ? clause.values : [clause.values]).map(String);
  if (operator === "is_present") return (row) => present(column.read(row));
  if (operator === "is_not_present") return (row) => !present(column.read(row));
  if (operator === "days_before") return (row) => Number(column.read(row)) < now - Number(values[0]) * 86_400;
  if (operator === "is_greater_than" || operator === "is_less_than") {
    // Date.iso8601: a date, without a time.
    if (column.date && !/^\d{4}-\d{2}-\d{2}$/.test(values[0] ?? ""))
      throw new InvalidFilter(`Invalid value. The values provided for ${key} are invalid`);
    const bound = column.date ? Date.parse(values[0] ?? "") / 1_000 : Number(values[0]);
    return (row) => (operator === "is_greater_than" ? Number(column.read(row)) > bound : Number(column.read(row)) < bound);
  }
  if (key === "status" && values.includes("all")) return () => true;
  const equal = (value: Value) =>
    Array.isArray(value) ? values.some((one) => value.includes(one)) : value !== null && values.includes(String(value));
  const has = (value: Value) =>
    values.some((one) =>
      String(value ?? "")
        .toLowerCase()
        .includes(one.toLowerCase()),
    );
  if (operator === "equal_to") return (row) => equal(column.read(row));
  if (operator === "not_equal_to") return (row) => !equal(column.read(row));
  if (operator === "contains") return (row) => has(column.read(row));
  if (operator === "does_not_contain") return (row) => !has(column.read(row));
  return (row) =>
    values.some((one) =>
      String(column.read(row) ?? "")
        .toLowerCase()
        .startsWith(one.toLowerCase()),
    );
}

const present = (value: Value): boolean => (Array.isArray(value) ? value.length > 0 : value !== null && value !== "");
const text = (value: unknown): string | null => (value === undefined || value === null ? null : String(value));
