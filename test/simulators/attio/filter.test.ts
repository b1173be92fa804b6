import { afterEach, describe, expect, test } from "vitest";
import { at, names, nothingWrong, workspace } from "#test/simulators/attio/asking.ts";
import * as Sample from "#test/simulators/attio/sample.ts";

afterEach(nothingWrong);

describe("filters", () => {
  const filled = () => {
    const made = workspace();
    const { store } = made;
    const acme = Sample.company(store, "Acme", "acme.example", at - 300);
    Sample.company(store, "Северный чай", "sevchai.example", at - 200);
    Sample.company(store, "Nobody", undefined, at - 100);
    Sample.person(store, "Ada Lovelace", "ada@acme.example", acme.id);
    for (const [n, stage] of ["Won", "Lost", "Proposal"].entries())
      Sample.deal(store, `Deal ${n}`, { stage, value: (n + 1) * 1_000, companyId: acme.id });
    return { ...made, acme };
  };

  test("compare by equality, by operators and by the fields of a value", async () => {
    const { query, acme } = filled();
    const found = async (object: string, filter: unknown) => names(await query(object, { filter })).toSorted();
    expect(await found("companies", { name: "Acme" })).toEqual(["Acme"]);
    expect(await found("companies", { name: { $contains: "ЧАЙ" } })).toEqual(["Северный чай"]);
    expect(await found("companies", { domains: { $not_empty: false } })).toEqual(["Nobody"]);
    expect(await found("people", { email_addresses: "ada@acme.example" })).toEqual(["Ada Lovelace"]);
    expect(await found("people", { name: { first_name: { $eq: "Ada" } } })).toEqual(["Ada Lovelace"]);
    expect(await found("people", { company: { target_object: "companies", target_record_id: acme.id } })).toEqual(["Ada Lovelace"]);
    expect(await found("deals", { stage: { $in: ["Won", "Lost"] } })).toEqual(["Deal 0", "Deal 1"]);
    expect(await found("deals", { value: { currency_value: { $gte: 2_000, $lt: 3_000 } } })).toEqual(["Deal 1"]);
    expect(await found("deals", { $or: [{ stage: "Won" }, { $and: [{ value: { $gt: 2_500 } }, { name: "Deal 2" }] }] })).toEqual([
      "Deal 0",
      "Deal 2",
    ]);
    expect(await found("deals", { $not: { stage: "Won" } })).toEqual(["Deal 1", "Deal 2"]);
  });

  test("compare instants whatever digits they have", async () => {
    const { query } = filled();
    const since = (instant: string) => query("companies", { filter: { created_at: { $gt: instant } } });
    expect(await since("2026-03-10T11:56:40Z")).toHaveLength(1);
    expect(await since("2026-03-10T11:56:39.999999Z")).toHaveLength(2);
    expect(await since("2026-03-10T11:56:40.000000001Z")).toHaveLength(1);
  });

  test("refuse what they do not know", async () => {
    const { error } = filled();
    const refused = [400, 400, "invalid_request_error", "filter_error"];
    for (const filter of [{ updated_at: { $gt: "2026" } }, { name: { $like: "A%" } }, { $or: { name: "Acme" } }])
      expect(await error("POST", "objects/companies/records/query", { filter })).toEqual(refused);
    expect(await error("POST", "objects/companies/records/query", { sorts: [{ direction: "asc", attribute: "updated_at" }] })).toEqual(
      refused,
    );
  });
});
