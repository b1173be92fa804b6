import { expect, test } from "vitest";
import { choose, coverage } from "#core/memory/answer.ts";

const weights = new Map([
  ["deadline", 3],
  ["logo", 4],
  ["client", 1],
]);
const passage = (score: number) => ({ score, similarity: undefined, terms: new Set<string>() });
const sentence = (n: number, start: number, ...terms: string[]) => ({ passage: n, start, end: start + 10, terms: new Set(terms) });

test("a text covers the share of the question's weight that its words carry", () => {
  expect(coverage(weights, new Set(["logo", "other"]))).toBe(0.5);
  expect(coverage(weights, new Set())).toBe(0);
  expect(coverage(new Map(), new Set(["logo"]))).toBe(0);
});

test("the sentence with the rare words comes first, though a better chunk has others", () => {
  const chosen = choose(weights, [passage(1), passage(0.9)], [sentence(0, 0, "client"), sentence(1, 0, "logo", "deadline")]);
  expect(chosen[0]).toEqual({ passage: 1, start: 0, end: 10 });
});

test("what was said already counts less, no chunk gives more than two, and no answer more than five", () => {
  const same = Array.from({ length: 9 }, (_, n) => sentence(n, 0, "logo", "deadline"));
  const other = sentence(9, 0, "client", "logo");
  const scores = [...same.map(() => passage(1)), passage(1)];
  expect(choose(weights, scores, [...same, other])).toHaveLength(5);
  const one = Array.from({ length: 6 }, (_, n) => sentence(0, n * 10, "logo"));
  expect(choose(weights, [passage(1)], one)).toHaveLength(2);
  expect(choose(weights, [], [])).toEqual([]);
  expect(choose(weights, [passage(0)], one)).toEqual([]);
});

test("a sentence far weaker than the best is left out", () => {
  expect(choose(weights, [passage(1), passage(0.3)], [sentence(0, 0, "logo", "deadline", "client"), sentence(1, 0)])).toHaveLength(1);
});
