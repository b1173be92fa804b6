import { afterEach, describe, expect, test } from "vitest";
import { at, byTime, NOW, names, nothingWrong, type Rec, workspace } from "#test/simulators/attio/asking.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type { Value } from "#test/simulators/attio/rows.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import * as Studio from "#test/simulators/attio/studio.ts";

afterEach(nothingWrong);

describe("records", () => {
  test("are listed by a query with limit and offset in its body, and nothing says how many there are", async () => {
    const { query, send, store } = workspace();
    for (let n = 0; n < 7; n++) Sample.company(store, `Company ${n}`, `c${n}.example`, at - 100 + n);
    const pages = [];
    for (const offset of [0, 3, 6, 9]) pages.push(names(await query("companies", { sorts: byTime, limit: 3, offset })).length);
    expect(pages).toEqual([3, 3, 1, 0]);
    const answer = await send("POST", "objects/companies/records/query", {});
    expect(Object.keys((await answer.json()) as object)).toEqual(["data"]);
  });

  test("have an id of three parts, times with nanoseconds, and every attribute as an array of typed values", async () => {
    const { query, store } = workspace();
    const { id } = Sample.company(store, "Acme", "acme.example", at + 0.061281);
    const [row] = await query("companies");
    expect(row?.id).toEqual({ workspace_id: store.workspaceId, object_id: store.objects.get("companies")?.id, record_id: id });
    expect(row?.created_at).toBe("2026-03-10T12:00:00.061281000Z");
    expect(row?.values.domains).toEqual([
      {
        active_from: "2026-03-10T12:00:00.061281000Z",
        active_until: null,
        created_by_actor: { type: "api-token", id: expect.any(String) },
        domain: "acme.example",
        root_domain: "acme.example",
        attribute_type: "domain",
      },
    ]);
    expect(row?.values.description).toEqual([]);
    expect(row).not.toHaveProperty("updated_at");
  });

  test("without sorts come in an order that is no one's promise, and so do those of one instant", async () => {
    const { query, store } = workspace();
    for (let n = 0; n < 20; n++) Sample.company(store, `Company ${n}`, undefined, at);
    const [plain, sorted] = [names(await query("companies")), names(await query("companies", { sorts: byTime }))];
    expect(names(await query("companies"))).toEqual(plain);
    Studio.reorder(store);
    expect(names(await query("companies"))).not.toEqual(plain);
    expect(names(await query("companies", { sorts: byTime }))).not.toEqual(sorted);
    expect(names(await query("companies", { sorts: byTime })).toSorted()).toEqual(sorted.toSorted());
  });

  test("tell of an edit by a new active_from alone; what was is in the history, never in a list", async () => {
    const { query, data, store, clock } = workspace();
    const { id } = Sample.deal(store, "Shop", { value: 100 });
    const stages = ["Proposal", "Won"];
    for (const [n, stage] of stages.entries()) {
      clock.set(new Date((at + 60 * (n + 1)) * 1_000), 0);
      Records.moveStage(store, { id, stage });
    }
    const [row] = await query("deals");
    expect(row?.values.stage).toHaveLength(1);
    expect(row?.values.stage?.[0]).toMatchObject({
      active_from: "2026-03-10T12:02:00.000000000Z",
      active_until: null,
      status: { title: "Won" },
    });
    expect(row?.values.value?.[0]?.active_from).toBe("2026-03-10T12:00:00.000000000Z");
    const history = await data<Value[]>("GET", `objects/deals/records/${id}/attributes/stage/values?show_historic=true`);
    expect(history.map((one) => [(one.status as { title: string }).title, one.active_until])).toEqual([
      ["Discovery", "2026-03-10T12:01:00.000000000Z"],
      ["Proposal", "2026-03-10T12:02:00.000000000Z"],
      ["Won", null],
    ]);
  });

  test("are made, asserted, patched, overwritten and deleted over the API", async () => {
    const { data, send, error, store } = workspace();
    const made = await data<Rec>("POST", "objects/companies/records", {
      data: { values: { name: [{ value: "Acme" }], domains: [{ domain: "acme.example" }], categories: [{ option: "Retail" }] } },
    });
    const path = `objects/companies/records/${made.id.record_id}`;
    const again = await data<Rec>("PUT", "objects/companies/records?matching_attribute=domains", {
      data: { values: { domains: ["acme.example", "acme.shop"], name: ["Acme Ltd"], categories: ["SaaS"] } },
    });
    expect(again.id).toEqual(made.id);
    expect([names([again]), again.values.domains?.length, again.values.categories?.length]).toEqual([["Acme Ltd"], 2, 1]);
    const patched = await data<Rec>("PATCH", path, { data: { values: { categories: ["Retail"] } } });
    expect(patched.values.categories).toHaveLength(2);
    const put = await data<Rec>("PUT", path, { data: { values: { categories: ["Retail"] } } });
    expect(put.values.categories).toHaveLength(1);
    expect(await error("POST", "objects/companies/records", { data: { values: { domains: ["acme.shop"] } } })).toContain("validation_type");
    expect(await error("PATCH", path, { data: { values: { categories: ["Nonsense"] } } })).toEqual([
      400,
      400,
      "invalid_request_error",
      "value_not_found",
    ]);
    expect(await error("POST", "objects/deals/records", { data: { values: { name: ["Deal"] } } })).toContain("missing_value");
    expect((await send("DELETE", path)).status).toBe(200);
    expect(await error("GET", path)).toEqual([404, 404, "invalid_request_error", "not_found"]);
    expect(store.records.size).toBe(0);
  });

  test("a merge leaves one, with everything that pointed at the other; while it runs both are a 404 that means wait", async () => {
    const { data, query, error, store, clock } = workspace();
    const [acme, twin] = [Sample.company(store, "Acme", "acme.example"), Sample.company(store, "Acme Inc", "acme.shop")];
    const { id } = Sample.deal(store, "Shop", { companyId: twin.id });
    Papers.addNote(store, { object: "companies", recordId: twin.id, title: "Call", content: "Hello" });
    Records.mergeRecords(store, { object: "companies", into: acme.id, from: twin.id, seconds: 30 });
    expect(await error("GET", `objects/companies/records/${acme.id}`)).toEqual([404, 404, "invalid_request_error", "merge_in_progress"]);
    clock.set(new Date(NOW.getTime() + 31_000), 0);
    const merged = await data<Rec>("GET", `objects/companies/records/${acme.id}`);
    expect(merged.values.domains?.map((one) => one.domain)).toEqual(["acme.example", "acme.shop"]);
    expect(await error("GET", `objects/companies/records/${twin.id}`)).toContain("not_found");
    const [deal] = await query("deals", { filter: { associated_company: { target_record_id: acme.id } } });
    expect(deal?.id.record_id).toBe(id);
    expect(await data("GET", `notes?parent_object=companies&parent_record_id=${acme.id}`)).toHaveLength(1);
  });

  test("an object that is switched off is neither listed nor found", async () => {
    const { data, error, store } = workspace();
    const { id } = Sample.deal(store, "Shop");
    Papers.addNote(store, { object: "deals", recordId: id, title: "Call", content: "Hello" });
    Studio.switchObject(store, { object: "deals", on: false });
    expect((await data<{ api_slug: string }[]>("GET", "objects")).map((one) => one.api_slug)).toEqual(["companies", "people"]);
    expect(await error("POST", "objects/deals/records/query", {})).toEqual([404, 404, "invalid_request_error", "not_found"]);
    expect(await data("GET", "notes")).toEqual([]);
  });
});
