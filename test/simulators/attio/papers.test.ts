import { afterEach, describe, expect, test } from "vitest";
import { at, NOW, nothingWrong, workspace } from "#test/simulators/attio/asking.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Sample from "#test/simulators/attio/sample.ts";

type Note = { id: { note_id: string }; title: string; content_plaintext: string; created_at: string };
type Task = { id: { task_id: string }; content_plaintext: string; is_completed: boolean; completed_at: string | null };
afterEach(nothingWrong);

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
