import * as Attio from "attio-ts-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, startAttio } from "#test/simulators/attio/server.ts";
import { arm } from "#test/simulators/faults.ts";
import { faulty } from "#test/simulators/log.ts";

/** A client that nobody here has written, with checks of its own on every answer, against the simulator over a socket. */
let sim: Running;
beforeAll(async () => {
  sim = await startAttio({ size: "small", seed: 1 });
});
afterAll(async () => {
  expect(faulty(sim.log)).toEqual([]);
  await sim.close();
});
const connect = () => Attio.createAttioClient({ apiKey: sim.tokens.full, baseUrl: sim.baseUrl });
/** What an answer has under `data`; anything else is an error of the client's own. */
async function data<T>(answer: Promise<{ data?: { data: T } | undefined; error?: unknown }>): Promise<T> {
  const { data: body, error } = await answer;
  if (!body) throw error;
  return body.data;
}

describe("attio-ts-sdk", () => {
  test("reads the workspace's records, lists, notes, tasks and members", async () => {
    const client = connect();
    const query = (body: Record<string, unknown>) =>
      data(Attio.postV2ObjectsByObjectRecordsQuery({ client, path: { object: "deals" }, body }));
    expect(await query({ limit: 500 })).toHaveLength(60);
    const won = await query({ filter: Attio.filters.eq("stage", "Won"), sorts: [{ attribute: "created_at", direction: "desc" }] });
    expect(won.length).toBeGreaterThan(3);
    expect(won.map((one) => one.values.stage?.[0])).toMatchObject(won.map(() => ({ status: { title: "Won" } })));
    expect(await data(Attio.getV2Lists({ client }))).toHaveLength(3);
    expect(await data(Attio.postV2ListsByListEntriesQuery({ client, path: { list: "active_clients" }, body: {} }))).toHaveLength(4);
    expect(await data(Attio.getV2Notes({ client, query: { limit: 50, offset: 120 } }))).toHaveLength(30);
    expect(await data(Attio.getV2Tasks({ client }))).toHaveLength(60);
    expect(await data(Attio.getV2WorkspaceMembers({ client }))).toHaveLength(6);
    const attributes = await data(Attio.getV2ByTargetByIdentifierAttributes({ client, path: { target: "objects", identifier: "deals" } }));
    expect(attributes.map((one) => one.api_slug)).toContain("expected_close_date");
  });

  test("writes records, notes and tasks, and reads them back", async () => {
    const client = connect();
    const made = await data(
      Attio.postV2ObjectsByObjectRecords({
        client,
        path: { object: "companies" },
        body: { data: { values: { name: Attio.value.string("Plainwater"), domains: Attio.value.domain("plainwater.example") } } },
      }),
    );
    const same = await data(
      Attio.putV2ObjectsByObjectRecords({
        client,
        path: { object: "companies" },
        query: { matching_attribute: "domains" },
        body: { data: { values: { domains: Attio.value.domain("plainwater.example"), description: Attio.value.text("Our rival") } } },
      }),
    );
    expect(same).toMatchObject({ id: made.id, values: { description: [{ value: "Our rival" }] } });
    const { record_id } = made.id;
    const parent = { parent_object: "companies", parent_record_id: record_id };
    await data(Attio.postV2Notes({ client, body: { data: { ...parent, title: "Met", format: "plaintext", content: "At the fair" } } }));
    const task = await data(
      Attio.postV2Tasks({
        client,
        body: {
          data: {
            content: "Call them",
            format: "plaintext",
            deadline_at: null,
            is_completed: false,
            linked_records: [{ target_object: "companies", target_record_id: record_id }],
            assignees: [],
          },
        },
      }),
    );
    const done = await data(
      Attio.patchV2TasksByTaskId({ client, path: { task_id: task.id.task_id }, body: { data: { is_completed: true } } }),
    );
    expect(done.completed_at).toMatch(/^\d{4}-\d\d-\d\dT.*000Z$/);
    expect(await data(Attio.getV2Notes({ client, query: parent }))).toMatchObject([{ content_plaintext: "At the fair" }]);
    const path = { object: "companies", record_id };
    await Attio.deleteV2ObjectsByObjectRecordsByRecordId({ client, path });
    const gone = data(Attio.getV2ObjectsByObjectRecordsByRecordId({ client, path }));
    await expect(gone).rejects.toMatchObject({ status: 404, code: "not_found" });
  });

  test("waits for the vendor's date after a 429, and comes through a bad gateway", async () => {
    arm(sim.faults, { kind: "status", status: 429, retryAfter: "date", seconds: 1 });
    arm(sim.faults, { kind: "status", status: 503, html: true, nth: 2 });
    expect(await Attio.listTasks({ client: connect() })).toHaveLength(61);
  });
});
