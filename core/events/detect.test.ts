import { expect, test } from "vitest";
import { cues } from "#core/events/detect.ts";
import { SAID } from "#test/said.ts";

test.each(SAID)("%s: %s", (by, text, ...expected) => {
  expect(cues(text, by)).toEqual(expected);
});

test("a message without text says nothing", () => {
  expect(cues(null, "client")).toEqual([]);
});

const LONG = 150_000;
test.each([
  "approve ",
  "not approved ",
  "согласовано не ",
  "please ",
  "нужно ",
  "можно ещё ",
  "approved, if ",
  "the ",
  "<a ",
  "<",
  "&",
  "> approve\n",
  "On 1 ",
  "from approved ",
  "в работу ",
  "a@",
  " \t",
  "ап",
  "ввввап",
  "ПП",
  "could you could we also ",
  "waiting for the your a final ",
  "подтвердите этот этот ",
  "go ahead ",
  "all good ",
  "ok ok yes go ahead but ",
  "approve. ",
  "а'",
])("150,000 characters of %j are judged at once", (piece) => {
  const text = `approve ${piece.repeat(LONG / piece.length)} ещё договор`;
  const took = Array.from({ length: 3 }, () => {
    const began = performance.now();
    cues(text, "client");
    return performance.now() - began;
  });
  expect(Math.min(...took)).toBeLessThan(1_000);
});
