import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Idempotency from "#core/platform/idempotency.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { type Studio, studio } from "#test/studio.ts";

let database: TestDatabase;
let here: Studio;
const start = new Date("2026-11-02T09:00:00Z");
const at = (seconds: number) => Clock.set(new Date(start.getTime() + seconds * 1_000), 0);
beforeAll(async () => {
  database = await freshDatabase();
  here = await studio(1);
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

let n = 0;
const asked = (more: Partial<Idempotency.Asked> = {}): Idempotency.Asked => ({
  accountScopeId: here.accountScopeId,
  projectId: here.projects[0],
  caller: "user:1",
  method: "POST",
  path: "/things",
  key: `key ${n}`,
  fingerprint: "{}",
  ...more,
});
const claimed = async (request: Idempotency.Asked) => {
  const answer = await Idempotency.claim(request);
  if (!("claim" in answer)) throw new Error("it was answered");
  return answer.claim;
};
const inFlight = { why: { code: "idempotency_in_flight" } };
const mismatch = { why: { code: "idempotency_mismatch" } };
const done = { status: 201, body: '{"ok":true}' };

test("the same request has the same answer for a day, and is done again after", async () => {
  n++;
  at(0);
  await Idempotency.keep(asked(), await claimed(asked()), done);
  at(86_399);
  expect(await Idempotency.claim(asked())).toEqual({ answered: done });
  at(86_400);
  expect(await Idempotency.claim(asked())).toHaveProperty("claim");
});

test("the key is the caller's own, for one method and one path; with another body it is refused", async () => {
  n++;
  await Idempotency.keep(asked(), await claimed(asked()), done);
  for (const other of [{ caller: "user:2" }, { method: "PUT" }, { path: "/others" }, { key: "another" }]) {
    expect(await Idempotency.claim(asked(other))).toHaveProperty("claim");
  }
  await expect(Idempotency.claim(asked({ fingerprint: "[]" }))).rejects.toMatchObject(mismatch);
});

test("while the first is at work the second is refused; after a minute it takes over and the first keeps nothing", async () => {
  n++;
  at(0);
  const first = await claimed(asked());
  at(59);
  await expect(Idempotency.claim(asked())).rejects.toMatchObject(inFlight);
  at(60);
  await expect(Idempotency.claim(asked({ fingerprint: "[]" }))).rejects.toMatchObject(mismatch);
  const second = await claimed(asked());
  await Idempotency.keep(asked(), first, { status: 200, body: "late" });
  await Idempotency.forget(asked(), first);
  await expect(Idempotency.claim(asked())).rejects.toMatchObject(inFlight);
  await Idempotency.keep(asked(), second, done);
  expect(await Idempotency.claim(asked())).toEqual({ answered: done });
});

test("what is forgotten may be tried again", async () => {
  n++;
  await Idempotency.forget(asked(), await claimed(asked()));
  expect(await Idempotency.claim(asked())).toHaveProperty("claim");
});

test("of twenty at once one does the work", async () => {
  n++;
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => Idempotency.claim(asked())));
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
