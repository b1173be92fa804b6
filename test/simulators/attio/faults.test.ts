import { describe, expect, test } from "vitest";
import * as Records from "#test/simulators/attio/records.ts";
import * as Sample from "#test/simulators/attio/sample.ts";
import { type Options, simulated, startAttio } from "#test/simulators/attio/server.ts";
import { arm, type Fault, ODD_TEXTS } from "#test/simulators/faults.ts";
import { faulty } from "#test/simulators/log.ts";

type Row = { created_at: string; values: { name: { value: string }[]; stage: { status: { title: string } }[] } };
const NOW = new Date("2026-03-10T12:00:00Z");
const at = NOW.getTime() / 1_000;
const QUERY = "POST objects/:object/records/query";

function workspace(fault?: Fault, options: Options = {}) {
  const sim = simulated({ size: "empty", now: NOW, ...options });
  sim.clock.set(NOW, 0);
  const { store, tokens, gate } = sim.world;
  const rows = Array.from({ length: 6 }, (_, n) => Sample.deal(store, `Deal ${n + 1}`, { createdAt: at - 100 + n }));
  if (fault) arm(gate.faults, fault);
  const headers = { authorization: `Bearer ${tokens.full}`, "content-type": "application/json" };
  const page = (n = 1) => {
    const body = JSON.stringify({ sorts: [{ direction: "asc", attribute: "created_at" }], limit: 2, offset: (n - 1) * 2 });
    return sim.app.request("/v2/objects/deals/records/query", { method: "POST", headers, body });
  };
  const names = async (n: number) =>
    ((await (await page(n)).json()) as { data: Row[] }).data.map((row) => row.values.name[0]?.value.at(-1));
  return { ...sim, ...gate, store, rows, headers, page, names };
}

describe("limits", () => {
  test("are 100 reads and 25 writes a second, told with an HTTP date", async () => {
    const { app, headers, clock, log } = workspace();
    const read = () => app.request("/v2/objects", { headers });
    const write = () => app.request("/v2/notes/00000000-0000-4000-a000-000000000000", { method: "DELETE", headers });
    const reads = [];
    for (let n = 0; n < 102; n++) reads.push((await read()).status);
    expect([reads.indexOf(429), reads.filter((one) => one === 429).length]).toEqual([100, 2]);
    const writes = [];
    for (let n = 0; n < 26; n++) writes.push((await write()).status);
    expect(writes.indexOf(429)).toBe(25);
    const refused = await read();
    expect(refused.headers.get("retry-after")).toBe("Tue, 10 Mar 2026 12:00:01 GMT");
    expect(await refused.json()).toMatchObject({ status_code: 429, type: "rate_limit_error" });
    clock.set(new Date(NOW.getTime() + 1_000), 0);
    expect((await read()).status).toBe(200);
    expect(faulty(log)).toEqual([]);
  });

  test("queries have a cost that counts for ten seconds", async () => {
    const { app, headers, clock } = workspace();
    const filter = { $and: Array.from({ length: 40 }, (_, n) => ({ name: `Deal ${n}` })) };
    const ask = async () =>
      app.request("/v2/objects/deals/records/query", { method: "POST", headers, body: JSON.stringify({ filter, limit: 500 }) });
    const statuses = [];
    for (let n = 0; n < 10; n++) {
      clock.set(new Date(NOW.getTime() + n * 900), 0);
      statuses.push((await ask()).status);
    }
    expect(statuses.indexOf(429)).toBe(9);
    expect((await ask()).headers.get("retry-after")).toBe("Tue, 10 Mar 2026 12:00:10 GMT");
    clock.set(new Date(NOW.getTime() + 10_500), 0);
    expect((await ask()).status).toBe(200);
  });

  test("can be off", async () => {
    const { app, headers } = workspace(undefined, { rateLimit: false });
    for (let n = 0; n < 150; n++) expect((await app.request("/v2/objects", { headers })).status).toBe(200);
  });
});

describe("faults", () => {
  test("429 comes with seconds, a date, a date in the past, more than a minute, or nothing", async () => {
    const { page, faults } = workspace();
    const waits = async (fault: Omit<Extract<Fault, { kind: "status" }>, "kind" | "status">) => {
      arm(faults, { kind: "status", status: 429, ...fault });
      const answer = await page();
      expect(await answer.json()).toMatchObject({ code: "rate_limit_exceeded" });
      return answer.headers.get("retry-after");
    };
    expect(await waits({ retryAfter: 2 })).toBe("2");
    expect(await waits({ retryAfter: "date", seconds: 2 })).toBe("Tue, 10 Mar 2026 12:00:02 GMT");
    expect(await waits({ retryAfter: "date", seconds: -60 })).toBe("Tue, 10 Mar 2026 11:59:00 GMT");
    expect(await waits({ retryAfter: "date", seconds: 600 })).toBe("Tue, 10 Mar 2026 12:10:00 GMT");
    expect(await waits({})).toBeNull();
  });

  test("a gateway's HTML, a token taken back, and a scope lost for one route", async () => {
    const { page, app, headers, faults } = workspace({ kind: "status", status: 502, html: true });
    expect((await page()).headers.get("content-type")).toBe("text/html");
    arm(faults, { kind: "status", status: 401 });
    expect(await (await page()).json()).toMatchObject({ status_code: 401, type: "auth_error" });
    arm(faults, { kind: "status", status: 403, route: "GET notes*", times: 0 });
    for (let n = 0; n < 3; n++) expect((await app.request("/v2/notes", { headers })).status).toBe(403);
    expect((await page()).status).toBe(200);
  });

  test("truncated JSON, a byte order mark and a wrong content type come with 200", async () => {
    const { page, faults } = workspace({ kind: "truncate" });
    const cut = await page();
    expect(cut.status).toBe(200);
    await expect(cut.json()).rejects.toThrow();
    arm(faults, { kind: "bom" });
    expect([...new Uint8Array(await (await page()).arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    arm(faults, { kind: "contentType", body: "<html>maintenance</html>" });
    expect((await page()).headers.get("content-type")).toBe("text/html");
  });

  test("rows come twice, a page is short or empty though more follow", async () => {
    const { names, faults } = workspace({ kind: "duplicate", nth: 2, route: QUERY });
    expect([await names(1), await names(2)]).toEqual([
      ["1", "2"],
      ["2", "3", "4", "3"],
    ]);
    arm(faults, { kind: "shortPage", keep: 1 });
    expect([await names(1), await names(2)]).toEqual([["1"], ["3", "4"]]);
    arm(faults, { kind: "emptyPage", nth: 2 });
    expect([await names(1), await names(2), await names(3)]).toEqual([["1", "2"], [], ["5", "6"]]);
  });

  test("a deletion between two pages moves a row past the reader, an insertion brings one twice", async () => {
    const { names, faults, store, rows } = workspace();
    arm(faults, { kind: "hook", nth: 2, verb: "deleteRecord", args: { object: "deals", id: rows[0]?.id } });
    expect([await names(1), await names(2)]).toEqual([
      ["1", "2"],
      ["4", "5"],
    ]);
    arm(faults, { kind: "hook", nth: 2, run: () => Sample.deal(store, "Deal 0", { createdAt: at - 200 }) });
    expect([await names(1), await names(2)]).toEqual([
      ["2", "3"],
      ["3", "4"],
    ]);
  });

  test("one record is damaged: null, a missing key, a status no one knows, odd text, five megabytes", async () => {
    const { page, faults, log } = workspace();
    arm(faults, { kind: "patch", row: 0, key: "created_at", value: null });
    arm(faults, { kind: "patch", row: 0, key: "values.stage.0.status.title", value: "Frozen" });
    arm(faults, { kind: "patch", row: 1, key: "values.name.0.value", value: ODD_TEXTS.nul + ODD_TEXTS.loneSurrogate + ODD_TEXTS.rtl });
    arm(faults, { kind: "patch", row: 1, key: "values.stage", remove: true });
    arm(faults, { kind: "pad", row: 1, key: "web_url", bytes: 5_000_000 });
    const text = await (await page()).text();
    const [first, second] = (JSON.parse(text) as { data: Row[] }).data;
    expect(text.length).toBeGreaterThan(2_000_000);
    expect([first?.created_at, first?.values.stage[0]?.status.title]).toEqual([null, "Frozen"]);
    expect(second?.values.name[0]?.value).toContain("before\u0000after");
    expect(second?.values).not.toHaveProperty("stage");
    expect(faulty(log)).toEqual([]);
  });

  test("a new stage can be real as well: one that the workspace has added", async () => {
    const { app, headers, rows, control } = workspace();
    const verb = { verb: "addChoice", args: { object: "deals", attribute: "stage", title: "Frozen 🧊" } };
    await control.request("/_sim/mutate", { method: "POST", body: JSON.stringify(verb) });
    const moved = await app.request(`/v2/objects/deals/records/${rows[0]?.id}`, {
      method: "PATCH",
      headers,
      body: JSON.stringify({ data: { values: { stage: [{ status: "Frozen 🧊" }] } } }),
    });
    expect(((await moved.json()) as { data: Row }).data.values.stage[0]?.status.title).toBe("Frozen 🧊");
  });

  test("over a socket: a reset in the body, and a hang that ends with the client", async () => {
    const sim = await startAttio({ size: "small", now: NOW });
    const headers = { authorization: `Bearer ${sim.tokens.full}` };
    const url = `${sim.baseUrl}/v2/tasks`;
    arm(sim.faults, { kind: "reset" });
    await expect(fetch(url, { headers }).then((one) => one.text())).rejects.toThrow();
    arm(sim.faults, { kind: "hang" });
    await expect(fetch(url, { headers, signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(await fetch(url, { headers }).then((one) => one.json())).toHaveProperty("data");
    await sim.close();
  });
});

describe("the control plane", () => {
  test("arms faults, changes the workspace, moves the clock, tells the log, starts over", async () => {
    const { control, page, store, rows } = workspace();
    const post = async (path: string, body: unknown = {}) => {
      const answer = await control.request(`/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
      return [answer.status, await answer.json()] as const;
    };
    expect(await post("fault", { kind: "status", status: 503 })).toEqual([200, { armed: 1 }]);
    expect((await page()).status).toBe(503);
    expect((await post("fault", { kind: "nonsense" }))[0]).toBe(400);
    expect((await post("mutate", { verb: "nonsense" }))[0]).toBe(400);
    await post("clock", { now: "2026-04-01T00:00:00Z", speed: 0 });
    const [status, answer] = await post("mutate", [
      { verb: "moveStage", args: { id: rows[0]?.id, stage: "Won" } },
      { verb: "addNote", args: { object: "deals", recordId: rows[0]?.id, title: "Signed", content: "At last" } },
    ]);
    expect([status, (answer as { results: unknown[] }).results[1]]).toMatchObject([200, { created_at: "2026-04-01T00:00:00.000000000Z" }]);
    expect(Records.recordOf(store, Records.shapeOf(store, "deals"), rows[0]?.id ?? "").values.stage?.[0]).toMatchObject({
      active_from: "2026-04-01T00:00:00.000000000Z",
    });
    const log = (await (await control.request("/_sim/log")).json()) as { total: number; entries: { fault: string }[] };
    expect([log.total, log.entries[0]?.fault]).toEqual([1, "status"]);
    expect((await post("reset"))[1]).toMatchObject({ deals: 0, notes: 0, members: 6 });
  });
});
