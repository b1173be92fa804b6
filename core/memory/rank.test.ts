import { expect, test } from "vitest";
import { placed, type Row, spoken, type Term } from "#core/memory/features.ts";
import * as Rank from "#core/memory/rank.ts";
import { runs } from "#core/memory/runs.ts";

const row = (words: Record<string, number>, more: Partial<Row> = {}): Row => ({
  author: undefined,
  length: 8,
  counts: new Map(Object.entries(words)),
  turn: 0,
  window: 0,
  speech: true,
  ...more,
});
const term = (name: string, idf = 1): Term => ({ term: name, idf, naming: false });
const none = new Set<string>();
const scored = (score: number, n: number) => ({ row: n, score, why: {} });

test("a rare word says more than a common one, and a second time less than the first", () => {
  const { body } = placed([term("rare", 5), term("common", 1)], [[row({ rare: 1 }), row({ common: 1 }), row({ rare: 2 })]], 8, none);
  expect(body[0]).toBeGreaterThan((body[1] ?? 0) * 4);
  expect((body[2] ?? 0) / (body[0] ?? 1)).toBeLessThan(2);
  expect(body[2]).toBeGreaterThan(body[0] ?? 0);
});

test("the words beside a text count for it, and never those of another conversation", () => {
  const talk = [row({ invoice: 1 }), row({}), row({})];
  const { near, after_1, before_1, around } = placed([term("invoice")], [talk, [row({})]], 8, none);
  expect(near[1]).toBeGreaterThan(near[2] ?? 0);
  expect(near[2]).toBeGreaterThan(0);
  expect([before_1[1], after_1[0], near[3], around[3]]).toEqual([near[0], 0, 0, 0]);
});

test("who is named is asked about; of two, neither alone", () => {
  const talk = [row({}, { author: "a" }), row({}, { author: "b" })];
  expect(placed([], [talk], 8, new Set(["a"])).only_author).toEqual(Float32Array.of(1, 0));
  const both = placed([], [talk], 8, new Set(["a", "b"]));
  expect([both.author, both.only_author]).toEqual([Float32Array.of(1, 1), Float32Array.of(0, 0)]);
});

test("a reply takes from the question before it; a question of one's own is no reply", () => {
  const asked = { when: true, howMany: false, phrases: ["final draft"] };
  const before = { text: "When is it due?", author: "a", body: 0.7 };
  expect(spoken(asked, { text: "Tomorrow.", author: "b", speech: true, before }, 0.2)).toMatchObject({
    replies: 1,
    replies_to: 0.7,
    time_asked: 1,
    asks: 0,
  });
  expect(spoken(asked, { text: "Well?", author: "a", speech: true, before }, 0.2)).toMatchObject({ replies: 0, replies_to: 0, asks: 1 });
  expect(spoken(asked, { text: "В пятницу", author: undefined, speech: true, before: undefined }, 0)).toMatchObject({ time: 1, quoted: 0 });
  expect(spoken(asked, { text: "The Final Draft is here", author: undefined, speech: true, before: undefined }, 0)).toMatchObject({
    time: 0,
    quoted: 1,
  });
});

test("the shortlist holds what is allowed, the best first, and the earlier of two equals", () => {
  const columns = placed([term("a"), term("b")], [[row({ a: 1 }), row({ a: 1, b: 1 }), row({ a: 1 }), row({ a: 1, b: 1 })]], 8, none);
  const listed = Rank.shortlist(columns, { has: 2 }, (n) => n !== 3);
  expect(listed.map(({ row: n }) => n)).toEqual([1, 0, 2]);
  expect(listed[0]).toMatchObject({ score: 2, why: { has: 2 } });
});

test("cosines are told apart on a scale of their own", () => {
  const scale = Rank.scaled([0.9, 0.85, 0.8]);
  expect([0.9, 0.8, 0.1, undefined].map(scale)).toEqual([1, 0, -0.5, 0]);
  expect(Rank.scaled([0.9])(0.9)).toBe(0);
});

test("what the best mention rises by half of what its mention is above the last, and joins when it was not there", () => {
  const ranked = [scored(10, 0), scored(4, 1), scored(2, 2)].map((one, n) => ({ ...one, chunkNo: n + 1 }));
  const homes = [
    { chunkNo: 1, home: 3 },
    { chunkNo: 1, home: 9 },
  ];
  expect(Rank.hop(ranked, homes).map(({ chunkNo, score }) => [chunkNo, score])).toEqual([
    [1, 10],
    [9, 6],
    [3, 6],
    [2, 4],
  ]);
  expect(Rank.hop(ranked, []).map(({ chunkNo }) => chunkNo)).toEqual([1, 2, 3]);
});

test("a wide question gets places apart first, and loses nothing", () => {
  const ranked = [scored(9, 50), scored(8, 51), scored(7, 80), scored(6, 52), scored(5, 10)];
  expect(Rank.spread(ranked, () => "t").map((one) => one.row)).toEqual([50, 80, 10, 51, 52]);
  expect(Rank.spread(ranked, () => undefined)).toEqual(ranked);
  expect(Rank.spread(ranked.slice(0, 2), String).map((one) => one.row)).toEqual([50, 51]);
});

test("a conversation is cut where something was not read", () => {
  const chunks = [1, 2, 3, 7, 8].map((chunkNo) => ({ chunkNo }));
  const numbers = (found: { chunkNo: number }[][]) => found.map((run) => run.map(({ chunkNo }) => chunkNo));
  expect(
    numbers(
      runs(chunks, [
        [1, 2],
        [2, 3],
        [7, 8],
      ]),
    ),
  ).toEqual([
    [1, 2, 3],
    [7, 8],
  ]);
  expect(runs([], [])).toEqual([]);
});
