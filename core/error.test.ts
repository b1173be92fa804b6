import { expect, test } from "vitest";
import { REQUESTS } from "#core/codes/requests.ts";
import { RUNS } from "#core/codes/runs.ts";
import { SOURCES } from "#core/codes/sources.ts";
import { codes, reason, say, words } from "#core/error.ts";

const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test.each(codes)("%s is said in English and in Russian, with the same parameters", (code) => {
  const { en, ru } = words(code);
  expect(en.length).toBeGreaterThan(5);
  expect(ru).toMatch(/[а-яё]/i);
  expect(parameters(ru)).toEqual(parameters(en));
});

test("no code is listed twice", () => {
  expect(codes).toHaveLength([REQUESTS, RUNS, SOURCES].flatMap((part) => Object.keys(part)).length);
});

test("a reason is said with its parameters", () => {
  expect(say(reason("rate_limited", { source: "chatwoot", until: "14:05" }))).toBe("chatwoot limits the rate until 14:05.");
  expect(say(reason("no_key", { key: "X" }), "ru")).toBe("Не задан ключ X.");
});
