import { expect, test } from "vitest";
import { MODELS } from "#core/codes/models.ts";
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
  expect(codes).toHaveLength([REQUESTS, RUNS, SOURCES, MODELS].flatMap((part) => Object.keys(part)).length);
});

test("a reason is said with its parameters", () => {
  expect(say(reason("rate_limited", { source: "chatwoot", until: "14:05" }))).toBe("chatwoot limits the rate until 14:05.");
  expect(say(reason("no_key", { key: "X" }), "ru")).toBe("Не задан ключ X.");
});

test("a reason that has a reason is said in one language throughout, as one that was stored and comes back", () => {
  const refused = reason("auth", { source: "linear", problem: "HTTP 401" });
  const stored = JSON.parse(JSON.stringify(reason("attempts_spent", { attempts: 5 }, refused)));
  expect(say(stored, "en")).toBe("5 attempts failed. linear refuses the credentials: HTTP 401.");
  expect(say(stored, "ru")).toBe("Неудачных попыток: 5. linear не принимает учётные данные: HTTP 401.");
  expect(stored.params).toEqual({ attempts: 5, error: "linear refuses the credentials: HTTP 401.", code: "auth" });
});

test("what ends in a full stop gets no second one", () => {
  expect(say(reason("bug", { problem: "It broke." }))).toBe("The program failed: It broke.");
  expect(say(reason("bug", { problem: "Broken?" }), "ru")).toBe("Ошибка программы: Broken?");
  expect(say(reason("bug", { problem: "broken" }))).toBe("The program failed: broken.");
});
