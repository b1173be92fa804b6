import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CAPS, fitting, requests, tokens } from "#core/memory/tokens.ts";

test("a text that is too long is cut to what is sure to fit, and no character in two", () => {
  for (const letter of ["a", "ж", "漢", "😀"]) {
    const cut = fitting(letter.repeat(40_000));
    expect(tokens(cut)).toBeLessThanOrEqual(CAPS.tokens);
    expect(tokens(cut)).toBeGreaterThan(CAPS.tokens - 4);
    expect(cut.replaceAll(letter, "")).toBe("");
  }
  expect(fitting("short")).toBe("short");
});

test("requests keep all three caps, every text and their order", async () => {
  await fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: CAPS.texts }),
      (lengths, most) => {
        const texts = lengths.map((length) => "a".repeat(length));
        const made = requests(texts, most);
        expect(made.flat()).toEqual(texts);
        for (const request of made) {
          expect(request.length).toBeLessThanOrEqual(most);
          expect(request.reduce((sum, text) => sum + tokens(text), 0)).toBeLessThanOrEqual(CAPS.total);
        }
        // No two neighbours would have fitted into one.
        for (const [n, request] of made.entries()) {
          const next = made[n + 1]?.[0];
          if (next === undefined || request.length === most) continue;
          expect(request.reduce((sum, text) => sum + tokens(text), tokens(next))).toBeGreaterThan(CAPS.total);
        }
      },
    ),
  );
});
