import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";

const ROOM = 1_200;
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

type Piece = { heading: string; piece: string };
const pieces = (text: string) => asOwner(async () => [...(await sql<Piece[]>`select heading, piece from memory_pieces(${text})`)]);
const parts = async (text: string) =>
  (await asOwner(() => sql<{ part: string }[]>`select part from memory_cut(${text}) part`)).map(({ part }) => part);
const solid = (text: string): string => text.replace(/[ \t\r\n]+/g, "");

describe("a long text is cut", () => {
  const [words, sentence] = ["Слово и дело ".repeat(60), "One thing is sure. "];
  test.each([
    ["after a paragraph", `${words.trim()}\n\n${words.trim()}\n${"a b ".repeat(100)}`, words.trim()],
    ["else after a line", `${words.trim()}\n${words.trim()}`, words.trim()],
    ["else after a sentence", `${sentence.repeat(80)}`, sentence.repeat(63).trim()],
    ["else after a word", "word ".repeat(400), "word ".repeat(240).trim()],
    ["else anywhere", "x".repeat(3_000), "x".repeat(ROOM)],
  ])("%s", async (_, text, first) => {
    expect((await parts(text))[0]).toBe(first);
  });

  test("and none is lost, none is longer than 1,200 characters, each is part of it, no pair of surrogates is torn", async () => {
    const text = fc.array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.constantFrom("\n\n", "\n", ". ", " ", "😀".repeat(700), "д".repeat(900), "слово ".repeat(150)),
      ),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const whole = given.join("").replaceAll("\0", "");
        const cut = await parts(whole);
        expect(solid(cut.join(""))).toBe(solid(whole));
        for (const part of cut) {
          expect([...part].length).toBeLessThanOrEqual(ROOM);
          expect(part.isWellFormed()).toBe(true);
          expect(whole).toContain(part);
        }
      }),
      { seed: 20261121, numRuns: 40 },
    );
  });
});

test("a document is cut under its headings, and a piece is told the way to it", async () => {
  const code = "```\n# no heading\n```";
  const long = "A sentence. ".repeat(150).trim();
  const text = `before\n# Plan\n\n## Dates\nMay.\n${code}\n### Launch ##\nJune.\n## Money\n${long}\n# Empty\n# Last\r\nend`;
  const found = await pieces(text);
  expect(found.map(({ heading, piece }) => [heading, piece.slice(0, 30)])).toEqual([
    ["", "before"],
    ["Plan › Dates", `May.\n${code}`],
    ["Plan › Dates › Launch", "June."],
    ["Plan › Money", long.slice(0, 30)],
    ["Plan › Money", "A sentence. A sentence. A sent"],
    ["Empty", "Empty"],
    ["Last", "end"],
  ]);
  for (const { piece } of found) expect(text).toContain(piece);
});

test.each([
  ["Когда будет готово?", "ru"],
  ["When is it ready?", "en"],
  ["Пришлите invoice до пятницы", "ru"],
  ["Ship it today, спасибо", "en"],
  ["Schöne Grüße", "en"],
  ["12 000 ₸ 👍", "other"],
  ["ありがとう", "other"],
])("%j is in %s", async (text, language) => {
  expect(await asOwner(() => sql`select memory_language(${text}) as language`)).toEqual([{ language }]);
});
