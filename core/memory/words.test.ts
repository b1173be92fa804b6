import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "#core/db.ts";
import { asOwner, freshDatabase, type TestDatabase } from "#test/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** The terms of a text, those with a place first. */
async function terms(text: string): Promise<string[]> {
  return asOwner(async () => {
    const rows = await sql<
      { lexeme: string }[]
    >`select lexeme from unnest(memory_terms(${text})) order by positions is null, lexeme collate "C"`;
    return rows.map(({ lexeme }) => lexeme);
  });
}

describe("the terms of a text", () => {
  test.each([
    ["Договор подписан вчера", ["вчер", "договор", "подписа"]],
    ["Contracts were signed", ["contract", "sign"]],
    ["ещё ЁЛКА и Елка", ["елк"]],
    ["The of and и в на", []],
    ["", []],
  ])("%j: stems of both languages, no stop words, ё as е", async (text, expected) => {
    expect((await terms(text)).filter((term) => !term.startsWith("n:"))).toEqual(expected);
  });

  test.each([
    ["see ABC-123, ok", "abc-123"],
    ["INV-2026-014", "inv-2026-014"],
    ["задача ТЗ-7", "тз-7"],
    ["Mail anna+x@oakline.io.", "anna+x@oakline.io"],
    ["1 200 000 ₸", "1200000"],
    ["$1,200,000", "1200000"],
    ["до 12.03.2026", "2026-03-12"],
    ["until 2026-03-12", "2026-03-12"],
    ["https://www.figma.com/file/abc?x=1", "www.figma.com"],
  ])("%j is found by %j", async (text, exact) => {
    expect(await terms(text)).toContain(exact);
  });

  test.each([
    ["Асели", "Assel"],
    ["Марии", "Maria"],
    ["Сергею", "Sergey"],
    ["Дмитрием", "Dmitriy"],
    ["Юлия", "Julia"],
  ])("a name is one in both scripts: %s, %s", async (a, b) => {
    const [inCyrillic, inLatin] = [await terms(a), await terms(b)];
    expect(inCyrillic.filter((term) => term.startsWith("n:") && inLatin.includes(term))).toHaveLength(1);
  });

  test.each([
    "'; drop table rag_chunks; --",
    "(((((",
    "a & b | !c <-> d:*",
    "\\",
    "%_",
    "😀".repeat(50),
    "x".repeat(5_000),
    "日".repeat(2_000),
  ])("of %j are harmless and short", async (text) => {
    expect((await terms(text)).every((term) => term.length <= 120)).toBe(true);
  });
});
