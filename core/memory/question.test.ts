import { expect, test } from "vitest";
import { names } from "#core/memory/names.ts";
import { language, naming, parse } from "#core/memory/question.ts";
import { countsOf, weighed } from "#core/memory/terms.ts";

test.each([
  ["Джона", "Джон"],
  ["Jon", "Джон"],
  ["Джон", "John"],
  ["Кэролайн", "Caroline"],
  ["Melanie", "Мелани"],
  ["Mel", "Melanie"],
  ["Мариной", "Марина"],
  ["Gina", "Джина"],
])("%s names %s", (word, name) => expect(names(word, name)).toBe(true));

test.each([
  ["may", "Мария"],
  ["дом", "Дмитрий"],
  ["Anna", "Igor"],
  ["Мария", "Марк"],
  ["I", "Ян"],
])("%s does not name %s", (word, name) => expect(names(word, name)).toBe(false));

test("a person of several words is named by all of them, or by the first in a capital", () => {
  expect(naming(parse("What did the Project Manager say?"), "Project Manager")).toEqual(["Project", "Manager"]);
  expect(naming(parse("what did anna petrova promise"), "Anna Petrova")).toEqual(["anna", "petrova"]);
  expect(naming(parse("What did Anna promise?"), "Anna Petrova")).toEqual(["Anna"]);
  expect(naming(parse("How is the project going?"), "Project Manager")).toEqual([]);
  expect(naming(parse("anything"), "…")).toEqual([]);
});

test("what a question asks for shows in its wording, in both languages", () => {
  expect(parse("When did he call?")).toMatchObject({ when: true, howMany: false, wide: false });
  expect(parse("В каком году это было?")).toMatchObject({ when: true });
  expect(parse("Сколько стоит сайт?")).toMatchObject({ howMany: true, when: false });
  expect(parse("Summarize the discussion of the budget.")).toMatchObject({ wide: true });
  expect(parse("Что обсуждали на встрече?")).toMatchObject({ wide: true });
});

test("codes and addresses stay whole, quotation marks make phrases, and there is an end to it", () => {
  const question = parse('Who wrote "Final Draft" to billing@example.com about ABC-123?');
  expect(question.tokens).toEqual(expect.arrayContaining(["billing@example.com", "ABC-123"]));
  expect(question.phrases).toEqual(["final draft"]);
  expect(parse("a\0b").tokens).toEqual(["a", "b"]);
  expect(parse(Array.from({ length: 2_000 }, (_, n) => `w${n}`).join(" ")).tokens).toHaveLength(120);
  expect(parse("").tokens).toEqual([]);
});

test("a language is told by its letters", () => {
  expect(["Когда ABC?", "When is it?", "123 !"].map(language)).toEqual(["ru", "en", undefined]);
});

test("rare words weigh most, words that only ask little, and a sound belongs to its word", () => {
  const known = [
    { word: "Anna", term: "anna", df: 3 },
    { word: "Anna", term: "n:ann", df: 8 },
    { word: "discuss", term: "discuss", df: 3 },
    { word: "logo", term: "logo", df: 3 },
  ];
  const terms = weighed(known, [], 100);
  expect(terms.map(({ head }) => head)).toEqual(["logo", "anna", "discuss"]);
  expect(terms[1]?.terms).toEqual(["anna", "n:ann"]);
  const counts = countsOf(terms, [
    { term: "anna", chunkNos: [1], counts: [2] },
    { term: "n:ann", chunkNos: [1, 2], counts: [1, 1] },
  ]);
  expect([counts.get(1)?.get("anna"), counts.get(2)?.get("anna")]).toEqual([2, 1]);
});

test("a word of the same root counts less than the word itself, and alone where nobody says that", () => {
  const [own, lone] = weighed(
    [{ word: "подпись", term: "подпис", df: 3 }],
    [
      { word: "подпись", term: "подписа", df: 9 },
      { word: "публикация", term: "опублику", df: 9 },
    ],
    100,
  );
  expect([own?.terms, own?.kin, own?.df]).toEqual([["подпис"], ["подписа"], 3]);
  expect([lone?.head, lone?.terms, lone?.kin]).toEqual(["опублику", [], ["опублику"]]);
  const counts = countsOf(
    [own, lone].flatMap((one) => one ?? []),
    [
      { term: "подпис", chunkNos: [1], counts: [1] },
      { term: "подписа", chunkNos: [1, 2], counts: [1, 1] },
      { term: "опублику", chunkNos: [2], counts: [1] },
    ],
  );
  expect(counts.get(1)?.get("подпис")).toBe(1);
  expect(counts.get(2)?.get("подпис")).toBeGreaterThan(0);
  expect(counts.get(2)?.get("подпис")).toBeLessThan(1);
  expect(counts.get(2)?.get("опублику")).toBeLessThan(1);
});
