import { COMPANIES } from "#test/simulators/attio/words.ts";
import { CLIENTS } from "#test/simulators/cast.ts";
import type { Draw } from "#test/simulators/random.ts";

export type Lead = { name: string; domain: string | undefined; language: "en" | "ru" };

/**
 * Companies that are only leads. The first has a client's name and another domain, the second has no domain: what a matching by name or by domain must
 * not get wrong.
 */
export function leads(count: number, draw: Draw): Lead[] {
  const namesake: Lead = { name: CLIENTS[0]?.company ?? "", domain: "oakline-carpentry.example", language: "en" };
  const homeless: Lead = { name: "Карасёв и сыновья", domain: undefined, language: "ru" };
  const en = names("en");
  const ru = names("ru");
  const made = Array.from({ length: count - 2 }, (_, n): Lead => {
    const language = draw.chance(0.6) ? "en" : "ru";
    const name = (language === "en" ? en : ru)[n] ?? `Lead ${n}`;
    return { name, domain: `${spelt(name)}.example`, language };
  });
  return [namesake, homeless, ...made];
}

/** Every pair of words once before any pair comes again with a third; neighbours share neither word. */
function names(language: "en" | "ru"): string[] {
  const { first, second, third } = COMPANIES[language];
  const pairs = first.length * second.length;
  return Array.from({ length: 1_300 }, (_, n) => {
    const [pair, round] = [(n * 37) % pairs, Math.floor(n / pairs)];
    const last = third[round] ?? ` ${round}`;
    return `${first[pair % first.length]} ${second[Math.floor(pair / first.length)]}${last}`;
  });
}

const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  [..."абвгдеёжзийклмнопрстуфхцчшщъыьэюя"].map((letter, n) => [
    letter,
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya".split(" ")[n]?.replace("-", "") ?? "",
  ]),
);

/** A name as it stands in a domain. */
export function spelt(name: string): string {
  return [...name.toLowerCase()]
    .map((letter) => LETTERS[letter] ?? letter)
    .join("")
    .replace(/[^a-z0-9]+/g, "-");
}
