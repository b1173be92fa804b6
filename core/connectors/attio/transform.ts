import type { Raw } from "#core/connectors/attio/api.ts";
import * as Values from "#core/connectors/attio/values.ts";
import { clean } from "#core/connectors/clean.ts";

type Record_ = {
  externalId: string;
  data: object;
  createdAt: Date;
  changedUpstreamAt: Date | null;
  sanitized: boolean;
};
export type Company = Record_ & {
  name: string | null;
  domain: string | null;
  domains: string[];
  description: string | null;
  stage: string | null;
  annualRevenue: number | null;
};
export type Person = Record_ & {
  accountExternalId: string | null;
  fullName: string | null;
  email: string | null;
  emails: string[];
  phones: string[];
  role: string | null;
};
export type Deal = Record_ & {
  accountExternalId: string | null;
  peopleExternalIds: string[];
  title: string | null;
  stage: string | null;
  stageChangedAt: Date | null;
  amount: number | null;
  currency: string | null;
  probability: number | null;
  expectedCloseDate: string | null;
  nextStep: string | null;
  ownerExternalId: string | null;
};
export type Activity = {
  externalId: string;
  activityType: "note" | "task";
  recordObject: string | null;
  recordExternalId: string | null;
  linkedExternalIds: string[];
  title: string | null;
  note: string | null;
  actorExternalId: string | null;
  occurredAt: Date;
  dueAt: Date | null;
  completedAt: Date | null;
  isCompleted: boolean | null;
  assigneeExternalIds: string[];
  data: object;
  sanitized: boolean;
};
export type Member = { externalId: string; name: string | null; email: string | null; accessLevel: string | null };
export type Entry = { externalId: string; recordObject: string; recordExternalId: string; createdAt: Date | null };

/** The slug of an object, from its slug or its id: Attio writes either. */
export type SlugOf = (object: string) => string;

const STAGE = ["stage", "status", "deal_stage"];
const AMOUNT = ["amount", "amount_estimate", "value", "deal_value", "acv"];
const TITLE_LENGTH = 200;

export function company(raw: Raw): Company {
  const { values, ...common } = record(raw, "company");
  const domains = Values.texts(values, ["domains", "domain", "website", "company_domain"]).map(host).filter(Boolean);
  return {
    ...common,
    name: Values.text(values, ["name", "company_name", "legal_name"]),
    domain: domains[0] ?? null,
    domains: domains.toSorted(),
    description: Values.text(values, ["description"]),
    stage: Values.text(values, ["stage", "account_stage", "lifecycle_stage"]),
    annualRevenue: Values.amount(values, ["annual_revenue", "revenue", "arr", "acv"]),
  };
}

export function person(raw: Raw): Person {
  const { values, ...common } = record(raw, "person");
  const emails = Values.texts(values, ["email_addresses", "email", "emails"]);
  return {
    ...common,
    accountExternalId: Values.references(values, ["company", "associated_company", "account", "organization"])[0] ?? null,
    fullName: Values.text(values, ["name", "full_name"]),
    email: emails[0] ?? null,
    emails,
    phones: Values.texts(values, ["phone_numbers", "phone", "phones"]),
    role: Values.text(values, ["job_title", "role", "title"]),
  };
}

export function deal(raw: Raw): Deal {
  const { values, ...common } = record(raw, "deal");
  const [stage] = Values.first(values, STAGE);
  const [value] = Values.first(values, AMOUNT);
  return {
    ...common,
    accountExternalId:
      Values.references(values, ["associated_company", "account_id", "account", "company_id", "company", "organization"])[0] ?? null,
    peopleExternalIds: Values.references(values, ["associated_people", "people", "contacts"]).toSorted(),
    title: Values.text(values, ["name", "title", "deal_name", "opportunity_name"]),
    stage: Values.text(values, STAGE),
    stageChangedAt: stage ? Values.instant(stage.active_from) : null,
    amount: Values.amount(values, AMOUNT),
    currency: typeof value?.currency_code === "string" ? value.currency_code : null,
    probability: Values.probability(values, ["probability", "win_probability", "likelihood"]),
    expectedCloseDate: Values.day(values, ["expected_close_date", "close_date", "target_close_date", "estimated_close_date"]),
    nextStep: Values.text(values, ["next_step", "next_action", "next_task"]),
    ownerExternalId: Values.references(values, ["owner", "deal_owner"])[0] ?? null,
  };
}

export function note(raw: Raw, slugOf: SlugOf): Activity {
  const { value, sanitized } = clean(raw);
  const recordExternalId = text(value.parent_record_id);
  const actor = Values.object(value.created_by_actor);
  return {
    ...NEITHER,
    externalId: id(value.id, "note_id", "note"),
    activityType: "note",
    recordObject: objectOf(value.parent_object, slugOf),
    recordExternalId,
    linkedExternalIds: recordExternalId === null ? [] : [recordExternalId],
    title: text(value.title),
    note: text(value.content_plaintext),
    actorExternalId: text(actor.id),
    occurredAt: created(value.created_at, "note"),
    data: { meeting_id: value.meeting_id ?? null, tags: Array.isArray(value.tags) ? value.tags : [], actor_type: actor.type ?? null },
    sanitized,
  };
}

export function task(raw: Raw, slugOf: SlugOf): Activity {
  const { value, sanitized } = clean(raw);
  const linked = list(value.linked_records)
    .map((one) => ({ object: objectOf(one.target_object_id ?? one.target_object, slugOf), recordId: text(one.target_record_id) }))
    .filter((one): one is { object: string | null; recordId: string } => one.recordId !== null);
  const actor = Values.object(value.created_by_actor);
  const content = text(value.content_plaintext);
  return {
    ...NEITHER,
    externalId: id(value.id, "task_id", "task"),
    activityType: "task",
    recordObject: linked[0]?.object ?? null,
    recordExternalId: linked[0]?.recordId ?? null,
    linkedExternalIds: [...new Set(linked.map((one) => one.recordId))].toSorted(),
    title: content?.split("\n", 1)[0]?.slice(0, TITLE_LENGTH).toWellFormed() ?? null,
    note: content,
    actorExternalId: text(actor.id),
    occurredAt: created(value.created_at, "task"),
    dueAt: Values.instant(value.deadline_at),
    completedAt: Values.instant(value.completed_at),
    isCompleted: value.is_completed === true,
    assigneeExternalIds: list(value.assignees)
      .flatMap((one) => text(one.referenced_actor_id) ?? [])
      .toSorted(),
    data: { linked_records: linked.map((one) => ({ object: one.object, record_id: one.recordId })), actor_type: actor.type ?? null },
    sanitized,
  };
}

export function member(raw: Raw): Member {
  const { value } = clean(raw);
  const name = [text(value.first_name), text(value.last_name)].filter(Boolean).join(" ");
  return {
    externalId: id(value.id, "workspace_member_id", "member"),
    name: name === "" ? null : name,
    email: text(value.email_address),
    accessLevel: text(value.access_level),
  };
}

export function entry(raw: Raw, slugOf: SlugOf): Entry {
  const recordExternalId = text(raw.parent_record_id);
  if (recordExternalId === null) throw new Values.Unreadable("entry.parent_record_id is missing");
  return {
    externalId: id(raw.id, "entry_id", "entry"),
    recordObject: objectOf(raw.parent_object, slugOf) ?? "",
    recordExternalId,
    createdAt: Values.instant(raw.created_at),
  };
}

/** The id of a raw record as far as it can be told, for naming one that cannot be read. */
export function nameOf(raw: unknown, key: string): string {
  const found = Values.object(Values.object(raw).id)[key];
  return typeof found === "string" && found !== "" ? found : "?";
}

const NEITHER = { dueAt: null, completedAt: null, isCompleted: null, assigneeExternalIds: [] };

function record(raw: Raw, kind: string): Record_ & { values: Record<string, Raw[]> } {
  const { value, sanitized } = clean(raw);
  const values = Values.active(value.values);
  return {
    externalId: id(value.id, "record_id", kind),
    values,
    data: Values.kept(values),
    createdAt: created(value.created_at, kind),
    changedUpstreamAt: Values.newest(values),
    sanitized,
  };
}

/** The one part of a composite id that names the thing itself. */
function id(value: unknown, key: string, kind: string): string {
  const found = Values.object(value)[key];
  if (typeof found !== "string" || found === "") throw new Values.Unreadable(`${kind}.id.${key} is missing`);
  return found;
}

function created(value: unknown, kind: string): Date {
  const at = Values.instant(value);
  if (!at) throw new Values.Unreadable(`${kind}.created_at cannot be read`);
  return at;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const list = (value: unknown): Raw[] => (Array.isArray(value) ? value.map(Values.object) : []);
const objectOf = (value: unknown, slugOf: SlugOf): string | null => (typeof value === "string" && value !== "" ? slugOf(value) : null);

/** A domain as bindings name it: "https://www.Acme.com/about" is acme.com. */
export function host(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/^www\./, "")
    .replace(/[/?#].*$/, "");
}
