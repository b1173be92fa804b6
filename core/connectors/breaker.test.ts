import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as Clock from "#core/clock.ts";
import * as Breaker from "#core/connectors/breaker.ts";
import { freshDatabase, type TestDatabase } from "#test/database.ts";
import { pass } from "#test/world.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(() => Clock.reset());
afterAll(() => database.close());

const open = expect.objectContaining({ why: expect.objectContaining({ code: "circuit_open" }) });
const cause = new Error("no answer");

async function trip(host: string): Promise<void> {
  const breaker = await Breaker.enter(host);
  for (let n = 0; n < 4; n++) await breaker.failed(cause);
  await expect(breaker.failed(cause)).rejects.toEqual(open);
}

test("the fifth failure in a row opens it for everyone, whichever read they came from", async () => {
  const [one, other] = [await Breaker.enter("a.test"), await Breaker.enter("a.test")];
  await one.failed(cause);
  await one.failed(cause);
  await other.failed(cause);
  await other.failed(cause);
  await expect(one.failed(cause)).rejects.toEqual(open);
  await expect(Breaker.enter("a.test")).rejects.toEqual(open);
  await Breaker.enter("b.test");
});

test("a success between starts the count again", async () => {
  const breaker = await Breaker.enter("c.test");
  for (let n = 0; n < 4; n++) await breaker.failed(cause);
  await breaker.succeeded();
  for (let n = 0; n < 4; n++) await breaker.failed(cause);
  await Breaker.enter("c.test");
});

test("after its rest one read is let through; its success closes the breaker, its failure opens it again", async () => {
  await trip("d.test");
  pass(31);
  const probe = await Breaker.enter("d.test");
  await expect(Breaker.enter("d.test")).rejects.toEqual(open);
  await expect(probe.failed(cause)).rejects.toEqual(open);
  pass(31);
  await (await Breaker.enter("d.test")).succeeded();
  await Promise.all([Breaker.enter("d.test"), Breaker.enter("d.test")]);
});
