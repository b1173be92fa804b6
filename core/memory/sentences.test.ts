import fc from "fast-check";
import { expect, test } from "vitest";
import { sentences } from "#core/memory/sentences.ts";

const cut = (text: string) => sentences(text).map(({ start, end }) => text.slice(start, end));

test("Russian and English sentences are told apart, each as it stands", () => {
  expect(cut("Макет готов к пятнице, проверьте пожалуйста. Счёт выставим после 12.11.2026! Кто его оплатит?")).toEqual([
    "Макет готов к пятнице, проверьте пожалуйста.",
    "Счёт выставим после 12.11.2026!",
    "Кто его оплатит?",
  ]);
  expect(cut("We ship the beta on Friday the 13th. Payment follows within v2.1 of the contract.")).toHaveLength(2);
});

test("a word or two goes with what follows in the same line; a line stands alone", () => {
  expect(cut("Hi Anna! The logo files are in the shared folder now.")).toEqual(["Hi Anna! The logo files are in the shared folder now."]);
  expect(cut("Итого:\n- сайт\n- логотип и фирменный стиль целиком")).toEqual(["Итого:", "- сайт", "- логотип и фирменный стиль целиком"]);
});

test("what never ends is cut between words, after a comma if one is near", () => {
  const words = Array.from({ length: 200 }, (_, n) => `слово${n}`);
  const parts = cut(words.join(" "));
  expect(parts.every((part) => part.length <= 320)).toBe(true);
  expect(parts.join(" ")).toBe(words.join(" "));
  expect(cut("x".repeat(1_000))).toEqual(["x".repeat(1_000)]);
  expect(cut("")).toEqual([]);
});

test("whatever the text: parts in order, none overlapping, none lost but white space", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(". ", "\n", ", ", "! ", "слово ", " — ", "т. е. "))), (pieces) => {
      const text = pieces.join("");
      const spans = sentences(text);
      let at = 0;
      for (const { start, end } of spans) {
        expect(text.slice(at, start).trim()).toBe("");
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(text.slice(at).trim()).toBe("");
    }),
  );
});
