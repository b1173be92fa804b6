import { afterEach, describe, expect, test } from "vitest";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type { Value } from "#test/simulators/attio/rows.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { type Options, type Simulated, simulated } from "#test/simulators/attio/server.ts";
import * as Studio from "#test/simulators/attio/studio.ts";
import { faulty } from "#test/simulators/log.ts";
import { specs } from "#test/simulators/spec.ts";

type Rec = { id: Record<string, string>; created_at: string; web_url: string; values: Record<string, Value[]> };
type Note = { id: { note_id: string }; title: string; content_plaintext: string; created_at: string };
type Task = { id: { task_id: string }; content_plaintext: string; is_completed: boolean; completed_at: string | null };
const NOW = new Date("2026-03-10T12:00:00Z");
const at = NOW.getTime() / 1_000;
const open: Simulated[] = [];
afterEach(() => {
  // Whatever a test did not announce as wrong must have been what the vendor describes.
  for (const sim of open.splice(0)) expect(faulty(sim.world.gate.log)).toEqual([]);
});

function workspace(options: Options = {}) {
  const sim = simulated({ size: "empty", now: NOW, ...options });
  sim.clock.set(NOW, 0);
  open.push(sim);
  const { store, tokens } = sim.world;
  const send = (method: string, path: string, body?: unknown, token = tokens.full) =>
    sim.app.request(`/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const data = async <T>(method: string, path: string, body?: unknown, token = tokens.full): Promise<T> => {
    const answer = await send(method, path, body, token);
    const text = await answer.text();
    expect([answer.status, answer.status === 200 ? "" : text], path).toEqual([200, ""]);
    return (JSON.parse(text) as { data: T }).data;
  };
  const query = (object: string, body: unknown = {}, token = tokens.full) =>
    data<Rec[]>("POST", `objects/${object}/records/query`, body, token);
  /** A refusal that is meant: it must not fail the test as a wrong request. */
  const error = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await send(method, path, body);
    sim.world.gate.log.entries.length = 0;
    const { status_code, type, code } = (await answer.json()) as Record<string, unknown>;
    return [answer.status, status_code, type, code];
  };
  return { ...sim, store, tokens, send, data, query, error };
}

const names = (rows: readonly Rec[]) => rows.map((row) => row.values.name?.[0]?.value ?? row.values.name?.[0]?.full_name);
const byTime = [{ direction: "asc", attribute: "created_at" }];

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

describe("notes, tasks and lists", () => {
  test("notes come ten at a time and at most fifty, the newest first", async () => {
    const { data, error, store } = workspace();
    const { id } = Sample.company(store, "Acme");
    for (let n = 0; n < 60; n++)
      Papers.addNote(store, { object: "companies", recordId: id, title: `Note ${n}`, content: "text", createdAt: at - 100 + n });
    const read = async (path: string) => (await data<Note[]>("GET", path)).map((one) => one.title);
    expect(await read("notes")).toEqual(Array.from({ length: 10 }, (_, n) => `Note ${59 - n}`));
    expect(await read("notes?limit=50&offset=50")).toHaveLength(10);
    expect(await error("GET", "notes?limit=51")).toContain("validation_type");
    expect(await read("notes?parent_object=people")).toEqual([]);
  });

  test("an edited note says nothing of it; a deleted one is gone", async () => {
    const { data, send, error, store } = workspace();
    const { id: recordId } = Sample.company(store, "Acme");
    const made = await data<Note>("POST", "notes", {
      data: { parent_object: "companies", parent_record_id: recordId, title: "Call", format: "markdown", content: "**Budget** agreed" },
    });
    expect(made).toMatchObject({ content_plaintext: "Budget agreed", content_markdown: "**Budget** agreed" });
    Papers.editNote(store, { id: made.id.note_id, content: "Budget cut" });
    const { content_plaintext, created_at } = await data<Note>("GET", `notes/${made.id.note_id}`);
    expect([content_plaintext, created_at]).toEqual(["Budget cut", made.created_at]);
    expect((await send("DELETE", `notes/${made.id.note_id}`)).status).toBe(200);
    expect(await error("GET", `notes/${made.id.note_id}`)).toContain("not_found");
  });

  test("tasks are made, completed, filtered, sorted and deleted", async () => {
    const { data, send, error, store, clock } = workspace();
    const acme = Sample.company(store, "Acme");
    const [member] = store.members.values();
    const made = await data<Task>("POST", "tasks", {
      data: {
        content: "Send the offer",
        format: "plaintext",
        deadline_at: "2026-03-12T09:00:00.000000000Z",
        is_completed: false,
        linked_records: [{ target_object: "companies", target_record_id: acme.id }],
        assignees: [{ workspace_member_email_address: member?.email }],
      },
    });
    expect(made).toMatchObject({ is_completed: false, completed_at: null, assignees: [{ referenced_actor_id: member?.id }] });
    clock.set(new Date(NOW.getTime() + 60_000), 0);
    Papers.addTask(store, { content: "Call" });
    const done = await data<Task>("PATCH", `tasks/${made.id.task_id}`, { data: { is_completed: true } });
    expect(done).toMatchObject({ is_completed: true, completed_at: "2026-03-10T12:01:00.000000000Z" });
    const read = async (query: string) => (await data<Task[]>("GET", `tasks?${query}`)).map((one) => one.content_plaintext);
    expect(await read("")).toEqual(["Send the offer", "Call"]);
    expect(await read("sort=created_at:desc")).toEqual(["Call", "Send the offer"]);
    expect(await read("is_completed=false")).toEqual(["Call"]);
    expect(await read(`linked_object=companies&linked_record_id=${acme.id}`)).toEqual(["Send the offer"]);
    expect(await read(`assignee=${member?.email}`)).toEqual(["Send the offer"]);
    expect(await error("GET", `tasks?linked_record_id=${acme.id}`)).toContain("validation_type");
    expect((await send("DELETE", `tasks/${made.id.task_id}`)).status).toBe(200);
    expect(await read("")).toEqual(["Call"]);
  });

  test("a list's entries point at records, which may stand in it twice", async () => {
    const { data, control, error, store } = workspace();
    const acme = Sample.company(store, "Acme");
    const mutate = (verb: string, args: unknown) =>
      control.request("/_sim/mutate", { method: "POST", body: JSON.stringify({ verb, args }) });
    await mutate("addList", { slug: "clients", name: "Clients", object: "companies" });
    const entry = { parent_record_id: acme.id, parent_object: "companies", entry_values: { remark: [{ value: "first" }] } };
    const made = await data<{ id: { entry_id: string } }>("POST", "lists/clients/entries", { data: entry });
    const same = await data<{ id: { entry_id: string } }>("PUT", "lists/clients/entries", { data: entry });
    expect(same.id).toEqual(made.id);
    await mutate("addToList", { list: "clients", recordId: acme.id });
    expect(await error("PUT", "lists/clients/entries", { data: entry })).toContain("multiple_match_results");
    expect(await data("POST", "lists/clients/entries/query", {})).toHaveLength(2);
    expect(await data("POST", "lists/clients/entries/query", { filter: { remark: "first" } })).toMatchObject([
      { parent_record_id: acme.id },
    ]);
    expect(await data("GET", `objects/companies/records/${acme.id}/entries`)).toMatchObject([{ list_api_slug: "clients" }, {}]);
    await mutate("removeFromList", { id: made.id.entry_id });
    expect(await data("POST", "lists/clients/entries/query", {})).toHaveLength(1);
  });
});

describe("tokens", () => {
  test("self tells the workspace, or that there is none", async () => {
    const { app, tokens, send, control } = workspace();
    const self = async (token: string) => (await (await send("GET", "self", undefined, token)).json()) as Record<string, unknown>;
    expect(await self(tokens.full)).toMatchObject({ active: true, workspace_name: "Foxglove Studio", token_type: "Bearer" });
    expect(await self("wrong")).toEqual({ active: false });
    expect((await app.request("/v2/objects")).status).toBe(401);
    await control.request("/_sim/mutate", { method: "POST", body: JSON.stringify({ verb: "revokeToken", args: { token: tokens.full } }) });
    expect(await self(tokens.full)).toEqual({ active: false });
    expect((await send("GET", "objects")).status).toBe(401);
  });

  test("one that has lost half of its rights sees half of the records and of what hangs on them, without a word", async () => {
    const { query, data, tokens, store } = workspace();
    for (let n = 0; n < 40; n++) {
      const { id: recordId } = Sample.company(store, `Company ${n}`);
      Papers.addNote(store, { object: "companies", recordId, title: `${n}`, content: "" });
    }
    const half = names(await query("companies", {}, tokens.half));
    expect(half.length).toBeGreaterThan(10);
    expect(half.length).toBeLessThan(30);
    expect(await data("GET", "notes?limit=50", undefined, tokens.half)).toHaveLength(half.length);
    Studio.narrow(store, { on: true });
    expect(names(await query("companies"))).toEqual(half);
  });
});

describe.skipIf(specs() === undefined)("held against the vendor's description", () => {
  test("what is not in it is refused as the vendor would, and noted", async () => {
    const { send, world } = workspace();
    const verdict = async (method: string, path: string, body?: unknown) => {
      const { status } = await send(method, path, body);
      const last = world.gate.log.entries.at(-1);
      world.gate.log.entries.length = 0;
      return [status, last?.verdict];
    };
    expect(await verdict("GET", "objects/companies/records")).toEqual([404, "invalid"]);
    expect(await verdict("GET", "activities")).toEqual([404, "invalid"]);
    expect(await verdict("GET", "tasks?is_completed=maybe")).toEqual([400, "invalid"]);
    expect(await verdict("GET", "notes/not-a-uuid")).toEqual([400, "invalid"]);
    expect(await verdict("POST", "objects/companies/records", { values: {} })).toEqual([400, "invalid"]);
    expect(await verdict("POST", "webhooks", { data: { target_url: "http://plain.example", subscriptions: [] } })).toEqual([
      400,
      "invalid",
    ]);
    expect(await verdict("POST", "objects/companies/records/query", { limit: 5, cursor: "x" })).toEqual([200, "unknown-param"]);
    expect(await verdict("GET", "notes?updated_after=2026")).toEqual([200, "unknown-param"]);
    expect(await verdict("GET", "meetings")).toEqual([501, "sim-drift"]);
  });

  test("an answer that the vendor would not give becomes a 500", async () => {
    const { send, world, store } = workspace();
    const row = Sample.company(store, "Acme");
    row.json = JSON.stringify({ id: row.id, values: {} });
    expect((await send("POST", "objects/companies/records/query", {})).status).toBe(500);
    expect(world.gate.log.entries.pop()).toMatchObject({ verdict: "sim-drift" });
  });
});
