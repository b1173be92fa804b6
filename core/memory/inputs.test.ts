import { expect, test } from "vitest";
import { hash, inputs } from "#core/memory/inputs.ts";

const chunk = { title: null, author: null, text: "On Friday.", before: [] };
const texts = (more: object) => inputs({ ...chunk, ...more }).map(({ part, text }) => [part, text]);

test("a chunk is its author and text on one line, and that after what was said before", () => {
  const before = [
    { author: "Anna", text: "When\n is  it due?" },
    { author: null, text: "  " },
  ];
  expect(texts({ author: "Boris", before })).toEqual([
    ["turn", "Boris: On Friday."],
    ["window", "Anna: When is it due?\nBoris: On Friday."],
  ]);
});

test("both parts of a text with nothing before it have one hash, so that it is asked for once", () => {
  const [turn, window] = inputs(chunk);
  expect(turn?.hash).toBe(hash("On Friday."));
  expect(window?.hash).toBe(turn?.hash);
});

test("a title stands before a text that does not say it", () => {
  expect(texts({ title: "Plan › Dates" })[0]).toEqual(["turn", "Plan › Dates\nOn Friday."]);
  expect(texts({ title: "Friday" })[0]).toEqual(["turn", "On Friday."]);
});

test("nothing is made of a text of spaces, and a window that would be too long is the text alone", () => {
  expect(inputs({ ...chunk, text: " \n\t " })).toEqual([]);
  const [turn, window] = inputs({ ...chunk, before: [{ author: null, text: "слово ".repeat(4_000) }] });
  expect(window?.text).toBe(turn?.text);
});
