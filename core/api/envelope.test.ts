import { expect, test } from "vitest";
import { languageOf } from "#core/api/envelope.ts";

test.each([
  [null, "en"],
  ["ru", "ru"],
  ["en-US,en;q=0.9,ru;q=0.8", "en"],
  ["en;q=0.3, ru-RU;q=0.7", "ru"],
  ["de, fr;q=0.9, ru;q=0.1", "ru"],
  ["ru;q=0, en;q=0.1", "en"],
  ["*", "en"],
])("Accept-Language %s is answered in %s", (header, language) => {
  expect(languageOf(header)).toBe(language);
});
