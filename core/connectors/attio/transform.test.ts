import { describe, expect, test } from "vitest";
import * as Transform from "#core/connectors/attio/transform.ts";
import * as Values from "#core/connectors/attio/values.ts";

const WORKSPACE = "14beef7a-99f7-4534-a87e-70b564330a4c";
const RECORD = "bf071e1f-6035-429d-b874-d83ea64ea13b";
const actor = { type: "workspace-member", id: "50cf242c-7fa3-4cad-87d0-75b1af71c57b" };
/** A value as the description's `output-value` has it. */
const value = (attribute_type: string, own: object, from = "2023-01-01T15:00:00.061281000Z", until: string | null = null) => ({
  active_from: from,
  active_until: until,
  created_by_actor: actor,
  attribute_type,
  ...own,
});
const status = (title: string, from?: string) =>
  value(
    "status",
    { status: { id: { status_id: "s" }, title, is_archived: false, celebration_enabled: false, target_time_in_status: null } },
    from,
  );
const reference = (target_object: string, target_record_id: string) => value("record-reference", { target_object, target_record_id });
const record = (values: object, created_at: unknown = "2022-11-21T13:22:49.061281000Z") => ({
  id: { workspace_id: WORKSPACE, object_id: "97052eb9-e65e-443f-a297-f2d9a4a7f795", record_id: RECORD },
  created_at,
  web_url: `https://app.attio.com/w/deal/${RECORD}`,
  values,
});

test("a deal: its one id of three, stage with its own time, money as a number, a share of one, a day, and whom it refers to", () => {
  const deal = Transform.deal(
    record({
      name: [value("text", { value: "Website" })],
      stage: [status("In progress", "2024-05-06T07:08:09.123456789Z")],
      value: [value("currency", { currency_value: 1_234.5, currency_code: "EUR" })],
      probability: [value("number", { value: 70 })],
      expected_close_date: [value("date", { value: "2026-03-31" })],
      owner: [value("actor-reference", { referenced_actor_type: "workspace-member", referenced_actor_id: actor.id })],
      associated_company: [reference("companies", "c-1")],
      associated_people: [reference("people", "p-2"), reference("people", "p-1")],
      next_step: [value("text", { value: "Send the offer" })],
      last_email_interaction: [
        value("interaction", { interaction_type: "email", interacted_at: "2026-01-01T00:00:00Z", owner_actor: actor }),
      ],
    }),
  );
  expect(deal).toMatchObject({
    externalId: RECORD,
    title: "Website",
    stage: "In progress",
    stageChangedAt: new Date("2024-05-06T07:08:09.123Z"),
    amount: 1_234.5,
    currency: "EUR",
    probability: 0.7,
    expectedCloseDate: "2026-03-31",
    ownerExternalId: actor.id,
    accountExternalId: "c-1",
    peopleExternalIds: ["p-1", "p-2"],
    nextStep: "Send the offer",
    createdAt: new Date("2022-11-21T13:22:49.061Z"),
    changedUpstreamAt: new Date("2024-05-06T07:08:09.123Z"),
  });
  expect(Object.keys(deal.data)).not.toContain("last_email_interaction");
  expect(JSON.stringify(deal.data)).not.toContain("active_from");
});

test("attributes of other names and of types yet unknown are understood or kept", () => {
  const deal = Transform.deal(
    record({
      deal_name: [value("text", { value: "Shop" })],
      status: [value("select", { option: { id: {}, title: "Won", is_archived: false } })],
      acv: [value("number", { value: 90 })],
      likelihood: [value("rating", { value: 1 })],
      company: [value("text", { value: "c-9" })],
      horoscope: [value("zodiac", { sign: { name: "Leo" } })],
    }),
  );
  expect(deal).toMatchObject({ title: "Shop", stage: "Won", amount: 90, currency: null, probability: 1, accountExternalId: "c-9" });
  expect(deal.data).toMatchObject({ horoscope: [{ attribute_type: "zodiac", sign: { name: "Leo" } }] });
});

test("the same values in another order, or with values of the past, are the same data", () => {
  const [a, b] = [reference("people", "p-1"), reference("people", "p-2")];
  const past = value("text", { value: "Before" }, undefined, "2024-01-01T00:00:00.000000000Z");
  const one = Transform.deal(record({ associated_people: [a, b], name: [past, value("text", { value: "Now" })] }));
  const two = Transform.deal(record({ associated_people: [b, a], name: [value("text", { value: "Now" })] }));
  expect(one).toEqual(two);
  expect(one.title).toBe("Now");
});

describe("money", () => {
  const amount = (...held: object[]) => Values.amount(Values.active({ value: held }), ["value"]);
  test.each([
    ["1234.5", 1_234.5],
    ["1,234.50", 1_234.5],
    ["1.234.567,5", 1_234_567.5],
    ["1,234", null],
    ["EUR 5", null],
    ["", null],
  ])("a text %j means %s", (text, expected) => expect(amount(value("text", { value: text }))).toBe(expected));
  test("a number stays what it is, and one that no column takes is refused", () => {
    expect(amount(value("currency", { currency_value: 0, currency_code: "JPY" }))).toBe(0);
    expect(amount()).toBeNull();
    expect(() => amount(value("currency", { currency_value: 1e18 }))).toThrow(Values.Unreadable);
  });
});

test.each([
  [0.4, 0.4],
  [1, 1],
  [40, 0.4],
  [100, 1],
  [101, null],
  [-1, null],
])("a probability of %s is %s", (given, expected) => {
  expect(Values.probability(Values.active({ p: [value("number", { value: given })] }), ["p"])).toBe(expected);
});

test.each([
  ["2026-02-30", null],
  ["2026-03-10T23:00:00.000000000Z", "2026-03-10"],
  ["soon", null],
])("a day %s is %s", (given, expected) => {
  expect(Values.day(Values.active({ d: [value("date", { value: given })] }), ["d"])).toBe(expected);
});

test("a company's domains are compared as bindings name them; a person's parts of a name make one", () => {
  const company = Transform.company(
    record({
      domains: [
        value("domain", { domain: "Shop.Oakline.example", root_domain: "oakline.example" }),
        value("domain", { domain: "oakline.example" }),
      ],
      annual_revenue: [value("currency", { currency_value: 5e6, currency_code: "KRW" })],
    }),
  );
  expect(company).toMatchObject({
    name: null,
    domain: "shop.oakline.example",
    domains: ["oakline.example", "shop.oakline.example"],
    annualRevenue: 5e6,
  });
  expect(Transform.host("https://www.Acme.com/about?x")).toBe("acme.com");
  const person = Transform.person(
    record({
      name: [value("personal-name", { first_name: "Аня", last_name: "К", full_name: "" })],
      email_addresses: [value("email-address", { original_email_address: "A@x.example", email_address: "a@x.example" })],
      phone_numbers: [value("phone-number", { original_phone_number: "0800", phone_number: "+44800", country_code: "GB" })],
      company: [reference("companies", "c-1")],
    }),
  );
  expect(person).toMatchObject({
    fullName: "Аня К",
    email: "a@x.example",
    emails: ["a@x.example"],
    phones: ["+44800"],
    accountExternalId: "c-1",
  });
});

test("notes and tasks: objects by slug wherever Attio writes an id, completion dated where it is", () => {
  const slugOf = (object: string) => (object === "97052eb9" ? "people" : object);
  const note = Transform.note(
    {
      id: { workspace_id: WORKSPACE, note_id: "n-1" },
      parent_object: "97052eb9",
      parent_record_id: "p-1",
      title: "Call",
      meeting_id: null,
      content_plaintext: "nul \0 here",
      content_markdown: "",
      tags: [],
      created_by_actor: actor,
      created_at: "2026-01-02T03:04:05.000000000Z",
    },
    slugOf,
  );
  expect(note).toMatchObject({
    externalId: "n-1",
    recordObject: "people",
    linkedExternalIds: ["p-1"],
    note: "nul \ufffd here",
    sanitized: true,
  });
  const task = {
    id: { workspace_id: WORKSPACE, task_id: "t-1" },
    content_plaintext: "Call back\nand write",
    deadline_at: "2026-01-05T00:00:00.000000000Z",
    is_completed: true,
    linked_records: [
      { target_object_id: "97052eb9", target_record_id: "p-2" },
      { target_object_id: "companies", target_record_id: "c-1" },
    ],
    assignees: [{ referenced_actor_type: "workspace-member", referenced_actor_id: actor.id }],
    created_by_actor: actor,
    created_at: "2026-01-02T03:04:05.000000000Z",
  };
  expect(Transform.task(task, slugOf)).toMatchObject({
    ...{ title: "Call back", recordObject: "people", recordExternalId: "p-2", linkedExternalIds: ["c-1", "p-2"] },
    ...{ dueAt: new Date("2026-01-05T00:00:00Z"), isCompleted: true, completedAt: null, assigneeExternalIds: [actor.id] },
  });
  expect(Transform.task({ ...task, completed_at: "2026-01-03T00:00:00.5Z" }, slugOf).completedAt).toEqual(
    new Date("2026-01-03T00:00:00.500Z"),
  );
});

test.each([
  ["no id", { ...record({}), id: RECORD }],
  ["no time", record({}, "yesterday")],
])("a record with %s is refused", (_, raw) => {
  expect(() => Transform.company(raw)).toThrow(Values.Unreadable);
});

test("an instant or a day that no column can hold is none", () => {
  expect(Values.instant("+012000-01-01T00:00:00Z")).toBeNull();
  expect(Values.instant("9999-12-31T23:59:59.999999999Z")).toEqual(new Date("9999-12-31T23:59:59.999Z"));
  expect(Values.day({ close_date: [value("date", { value: "0000-01-01" })] }, ["close_date"])).toBeNull();
});
