import { expect, test } from "vitest";
import { choose, coverage, relevance } from "#core/memory/answer.ts";

const weights = new Map([
  ["deadline", 3],
  ["logo", 4],
  ["client", 1],
]);
const passage = (score: number) => ({ score, author: new Set<string>(), terms: new Set<string>() });
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

const text = (author: string, ...terms: string[]) => ({
  score: 1,
  author: new Set([`n:${author}`, author]),
  terms: new Set([`n:${author}`, author, ...terms]),
});

test("a fit is what the best text covers, and many weak ones are no better than one", () => {
  expect(relevance(weights, [])).toEqual({ share: 0, enough: false });
  const weak = Array.from({ length: 20 }, () => text("ann", "client"));
  expect(relevance(weights, weak)).toEqual({ share: 0.125, enough: false });
  expect(relevance(weights, [...weak, text("ann", "logo", "deadline")])).toEqual({ share: 0.875, enough: true });
});

test("what another said is no answer to a question about somebody, unless it speaks of them", () => {
  const asked = new Map([...weights, ["n:ann", 1], ["ann", 1]]);
  const bob = text("bob", "logo", "deadline", "client");
  expect(relevance(asked, [bob, text("ann", "client")]).enough).toBe(false);
  expect(relevance(asked, [{ ...bob, terms: new Set([...bob.terms, "n:ann"]) }, text("ann", "client")]).enough).toBe(true);
  expect(relevance(asked, [bob]).enough).toBe(true);
});
