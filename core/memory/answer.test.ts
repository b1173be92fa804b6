import { expect, test } from "vitest";
import { alike, choose, coverage, relevance } from "#core/memory/answer.ts";

const weights = new Map([
  ["deadline", 3],
  ["logo", 4],
  ["client", 1],
]);
const sentence = (n: number, start: number, ...terms: string[]) => ({ passage: n, start, end: start + 10, terms: new Set(terms) });

test("a text covers the share of the question's weight that its words carry", () => {
  expect(coverage(weights, new Set(["logo", "other"]))).toBe(0.5);
  expect(coverage(weights, new Set())).toBe(0);
  expect(coverage(new Map(), new Set(["logo"]))).toBe(0);
});

test("the sentence with the rare words comes first, though a better chunk has others; far down the words no longer do", () => {
  const first = (passage: number) => choose(weights, [sentence(0, 0, "client"), sentence(passage, 0, "logo", "deadline")])[0]?.passage;
  expect([first(1), first(9)]).toEqual([1, 0]);
});

test("one of each chunk and at most five, the longer of two that are worth the same", () => {
  const many = Array.from({ length: 9 }, (_, n) => sentence(n, 0));
  expect(choose(weights, many).map(({ passage }) => passage)).toEqual([0, 1, 2, 3, 4]);
  const title = { ...sentence(0, 0, "logo"), end: 4 };
  expect(choose(weights, [title, sentence(0, 5, "logo")])).toEqual([{ passage: 0, start: 5, end: 15 }]);
  expect(choose(weights, [])).toEqual([]);
});

test("what was said already counts less, and what is far weaker than the best is left out", () => {
  const [, second] = choose(weights, [sentence(0, 0, "logo"), sentence(1, 0, "logo"), sentence(1, 20, "deadline")]);
  expect(second).toMatchObject({ passage: 1, start: 20 });
  expect(choose(weights, [sentence(0, 0, "logo", "deadline", "client"), sentence(9, 0)])).toHaveLength(1);
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

test("what stands out by its likeness answers in other words, unless it is of somebody else", () => {
  const other = [text("bob", "client")];
  expect([0.1, 0.3].map((standing) => relevance(weights, other, standing).enough)).toEqual([false, true]);
  const asked = new Map([...weights, ["n:ann", 1], ["ann", 1]]);
  expect(relevance(asked, [text("bob", "logo", "deadline", "client"), text("ann", "client")], 0.3).enough).toBe(false);
});

test("in another language only what is near and stands out is enough; where little was found, what is near", () => {
  const cases = [alike(0.03, 0.5), alike(0.8, 0.05), alike(0.8, 0.2), alike(0.8), alike(0.03)];
  expect(cases.map(({ enough }) => enough)).toEqual([false, false, true, true, false]);
  expect([alike(0.8, 0.1).share, alike(0.8, 0.9).share, alike(0.8).share]).toEqual([0.25, 1, 0.8]);
});
