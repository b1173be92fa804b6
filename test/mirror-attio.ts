import { sql, transaction } from "#core/db.ts";
import type { ProjectScope } from "#core/scope.ts";
import type { Note, Row, Task, Value } from "#test/simulators/attio/rows.ts";
import type { Store } from "#test/simulators/attio/store.ts";

type Rows = Record<string, unknown>[];
export type Mirror = { companies: Rows; people: Rows; deals: Rows; notes: Rows; tasks: Rows; members: Rows };

/** What of a workspace is wanted: by default all of it. */
export type Wanted = { company?: (row: Row) => boolean; person?: (row: Row, deals: Row[]) => boolean; deal?: (row: Row) => boolean };

const all = () => true;
/** What Postgres cannot hold becomes U+FFFD here as there: written once more, independently of the product. */
const storable = (text: unknown): string | null =>
  typeof text !== "string" || text.trim() === "" ? null : text.replaceAll("\0", "\ufffd").toWellFormed().trim();
const whole = (text: string): string | null => (text === "" ? null : text.replaceAll("\0", "\ufffd").toWellFormed());
const second = (stamp: unknown): number | null => (typeof stamp === "string" ? Math.floor(Date.parse(stamp) / 1_000) : null);
const byId = (rows: Rows): Rows => rows.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
const many = (row: Row, slug: string): Value[] => row.values[slug] ?? [];
const one = (row: Row, slug: string): Value | undefined => many(row, slug)[0];

/** What the simulated workspace holds of what is `wanted`, as the mirror should show it. */
export function upstream(store: Store, { company = all, person = all, deal = all }: Wanted = {}): Mirror {
  const of = (object: string, wanted: (row: Row) => boolean) =>
    store.objects.get(object)?.off ? [] : [...store.records.values()].filter((row) => row.object === object && wanted(row));
  const [companies, deals] = [of("companies", company), of("deals", deal)];
  const people = of("people", (row) => person(row, deals));
  const held = new Set([...companies, ...people, ...deals].map((row) => row.id));
  const everything = company === all && person === all && deal === all;
  return {
    companies: byId(companies.map(companyRow)),
    people: byId(people.map(personRow)),
    deals: byId(deals.map(dealRow)),
    notes: byId([...store.notes.values()].filter((note) => everything || held.has(note.recordId)).map(noteRow)),
    tasks: byId([...store.tasks.values()].filter((task) => everything || task.linked.some((link) => held.has(link.recordId))).map(taskRow)),
    members: byId([...store.members.values()].map((row) => ({ id: row.id, name: `${row.first} ${row.last}`.trim(), access: row.access }))),
  };
}

/** What one project's mirror holds and shows. */
export async function mirror(scope: ProjectScope): Promise<Mirror> {
  return transaction(scope, async () => ({
    companies: await sql<Rows>`
      select external_id as id, name, domains, annual_revenue::float8 as revenue, floor(extract(epoch from created_at))::bigint as created
      from attio_accounts_raw where deleted_at is null`.then(plain),
    people: await sql<Rows>`
      select external_id as id, full_name as name, emails, phones, role, account_external_id as company from attio_people_raw where deleted_at is null`.then(
      plain,
    ),
    deals: await sql<Rows>`
      select external_id as id, title, stage, floor(extract(epoch from stage_changed_at))::bigint as moved, amount::float8, currency, probability::float8,
        expected_close_date::text as close, next_step as next, owner_external_id as owner, account_external_id as company, people_external_ids as people
      from attio_opportunities_raw where deleted_at is null`.then(plain),
    notes: await sql<Rows>`
      select external_id as id, title, note, record_object as object, record_external_id as record, floor(extract(epoch from occurred_at))::bigint as created
      from attio_activities_raw where activity_type = 'note' and deleted_at is null`.then(plain),
    tasks: await sql<Rows>`
      select external_id as id, note, is_completed as done, floor(extract(epoch from completed_at))::bigint as completed,
        floor(extract(epoch from due_at))::bigint as due, linked_external_ids as linked, assignee_external_ids as assignees
      from attio_activities_raw where activity_type = 'task' and deleted_at is null`.then(plain),
    members: await sql<Rows>`select external_id as id, name, access_level as access from attio_members_raw where deleted_at is null`.then(
      plain,
    ),
  }));
}

const plain = (rows: Rows): Rows => byId(rows.map((row) => ({ ...row })));

function companyRow(row: Row): Record<string, unknown> {
  return {
    id: row.id,
    name: storable(one(row, "name")?.value),
    domains: many(row, "domains")
      .map((value) => String(value.domain))
      .toSorted(),
    revenue: (one(row, "annual_revenue")?.currency_value as number | undefined) ?? null,
    created: second(row.created_at),
  };
}

function personRow(row: Row): Record<string, unknown> {
  return {
    id: row.id,
    name: storable(one(row, "name")?.full_name),
    emails: many(row, "email_addresses").map((value) => value.email_address),
    phones: many(row, "phone_numbers").map((value) => value.phone_number),
    role: storable(one(row, "job_title")?.value),
    company: one(row, "company")?.target_record_id ?? null,
  };
}

function dealRow(row: Row): Record<string, unknown> {
  const percent = one(row, "probability")?.value as number | undefined;
  return {
    id: row.id,
    title: storable(one(row, "name")?.value),
    stage: (one(row, "stage")?.status as { title: string } | undefined)?.title ?? null,
    moved: second(one(row, "stage")?.active_from),
    amount: (one(row, "value")?.currency_value as number | undefined) ?? null,
    currency: one(row, "value")?.currency_code ?? null,
    probability: percent === undefined ? null : percent > 1 ? percent / 100 : percent,
    close: one(row, "expected_close_date")?.value ?? null,
    next: storable(one(row, "next_step")?.value),
    owner: one(row, "owner")?.referenced_actor_id ?? null,
    company: one(row, "associated_company")?.target_record_id ?? null,
    people: many(row, "associated_people")
      .map((value) => String(value.target_record_id))
      .toSorted(),
  };
}

function noteRow(note: Note): Record<string, unknown> {
  const text = note.markdown.replace(/^#+ |\*\*|^- /gm, "");
  return {
    id: note.id,
    title: whole(note.title),
    note: whole(text),
    object: note.object,
    record: note.recordId,
    created: second(note.created_at),
  };
}

function taskRow(task: Task): Record<string, unknown> {
  return {
    id: task.id,
    note: whole(task.content),
    done: task.completed_at !== null,
    completed: second(task.completed_at),
    due: second(task.deadline_at),
    linked: [...new Set(task.linked.map((link) => link.recordId))].toSorted(),
    assignees: task.assignees.toSorted(),
  };
}
