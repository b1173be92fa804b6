import { beforeEach, expect, test } from "vitest";
import { sql } from "#core/db.ts";
import { asOwner } from "#test/database.ts";
import { openai } from "#test/embedding.ts";
import { answer, asked, extraction, index, PROMISE, run, told, w, write } from "#test/extraction.ts";
import { arm, disarm, type Fault } from "#test/simulators/faults.ts";
import { pass } from "#test/world.ts";

extraction();
const FACT = "Ольга Летова promised Sends the texts.";
beforeEach(() => {
  openai.world.answer = answer([PROMISE]);
});

/** So many threads; the first one's message, the oldest, is the one with a fact. */
async function threads(count: number): Promise<void> {
  for (let n = 1; n <= count; n++)
    await write(
      [
        {
          id: n,
          text: n === 1 ? "As we said on the phone, I will send the texts by Friday." : `Thread ${n}, of which there is little to be told.`,
        },
      ],
      n,
    );
  await index();
}
const fail = (status: number, times: number, code: string | null = null) => {
  const fault: Fault = { kind: "status", status, route: "POST chat/completions", times };
  arm(openai.faults, { ...fault, body: JSON.stringify({ error: { message: "x", type: "invalid_request_error", param: null, code } }) });
};
const errors = () =>
  asOwner(
    () => sql<{ ref: string; problem: string }[]>`
  select thread_ref as ref, error -> 'params' ->> 'problem' as problem from kag_extractions where error is not null order by 1`,
  );
const later = async (seconds = 3_600) => {
  pass(seconds);
  return run();
};

test.each([400, 413, 422])("a part that is refused with HTTP %i keeps its reason, and does not keep the others", async (status) => {
  await threads(2);
  fail(status, 1, "invalid_prompt");
  const problem = `HTTP ${status}, invalid_prompt`;
  expect(await run()).toMatchObject({
    status: "ok",
    reason: { code: "upstream", params: { problem } },
    counters: { parts: 2, facts: 1, failed: 1 },
  });
  expect(await told()).toEqual([FACT]);
  expect(await errors()).toEqual([{ ref: `cw:${w.connectionId}:2`, problem }]);
  expect(await later(86_400)).toMatchObject({ reason: null, counters: { parts: 0 } });
});

test("a part over which the server falls lets the others by, and is asked again in six hours", async () => {
  await threads(2);
  fail(500, 3);
  expect(await run()).toMatchObject({ status: "ok", reason: { code: "upstream" }, counters: { parts: 2, facts: 1, failed: 1 } });
  expect(await later()).toMatchObject({ counters: { parts: 0 } });
  expect(await later(6 * 3_600)).toMatchObject({ reason: null, counters: { parts: 1, failed: 0 } });
  expect(await errors()).toEqual([]);
});

test("several refusals in a row end the run; the next one is at others", async () => {
  await threads(7);
  fail(400, 0);
  expect(await run()).toMatchObject({ status: "ok", reason: { code: "upstream" }, counters: { parts: 5, failed: 5 } });
  expect(asked).toEqual([]);
  disarm(openai.faults);
  expect(await later()).toMatchObject({ reason: null, counters: { parts: 2, facts: 1, failed: 0 } });
});

test("a server that falls every time ends the run before all are asked; no part of it is first for ever", async () => {
  await threads(4);
  fail(500, 0);
  expect(await run()).toMatchObject({ status: "ok", reason: { code: "upstream" }, counters: { parts: 2, failed: 2 } });
  disarm(openai.faults);
  expect(await later()).toMatchObject({ reason: null, counters: { parts: 2, facts: 1, failed: 0 } });
});

test("a refused key ends the run, and no part is to blame for it", async () => {
  await threads(2);
  fail(401, 1, "invalid_api_key");
  expect(await run()).toMatchObject({ reason: { code: "auth" }, counters: { parts: 0 } });
  expect(await errors()).toEqual([]);
  expect(await later()).toMatchObject({ counters: { parts: 2, facts: 1 } });
});
