import { names } from "#core/memory/names.ts";

/**
 * What a question asks for, as far as its wording shows. `tokens`: its words with what holds a code or an address together. `phrases`: what stands in quotation marks, lower case. `wide`: asks for more
 * than one place can tell. */
export type Question = { words: Word[]; tokens: string[]; phrases: string[]; when: boolean; howMany: boolean; wide: boolean };
export type Word = { word: string; capital: boolean };

const WHEN =
  /^\W*(?:when|since when|how long|(?:(?:in|on|by) )?(?:what|which) (?:year|month|day|date|time)|когда|(?:в|к|с) как(?:ом|ому|ого) (?:год[уа]|месяц[еау]|час[уа]?|сроку?|числ[уа])|с каких пор|как (?:давно|долго|скоро)|сколько (?:времени|лет|месяцев|недель|дней)|какого числа)(?!\p{L})/iu;
const HOW_MANY = /\bhow (?:many|much)\b|(?<!\p{L})(?:сколько|во сколько|почём)(?!\p{L})/iu;
const WIDE =
  /\b(?:summar\w*|overview|recap|discuss\w*|talk\w* (?:about|of)|present(?:ed|ing|ations?)|(?:dis)?agree\w*|opinions?|think (?:about|of)|sa(?:y|id) about|group|everyone)\b|(?<!\p{L})(?:обсу(?:ди|жд)|обзор|подыто|резюм|кратко|перескаж|итог|мнени|дума(?:ет|ют|ли?) о|говорил[аи]? о|считают)/iu;
const QUOTED = /"([^"]{2,200})"|«([^»]{2,200})»|“([^”]{2,200})”|„([^“”]{2,200})[“”]/gu;
const MOST_WORDS = 400;
const MOST_PHRASES = 5;
const MOST_TOKENS = 120;

/** Reads a question. Nothing in it is taken as a command of any kind: it is words. */
export function parse(given: string): Question {
  // Postgres holds no zero character.
  const query = given.replaceAll("\0", " ");
  const words = [...query.matchAll(/[\p{L}\p{N}]+/gu)].slice(0, MOST_WORDS).map(([word]) => ({ word, capital: /^\p{Lu}/u.test(word) }));
  const phrases = [...query.matchAll(QUOTED)].map((found) => (found.slice(1).find(Boolean) ?? "").trim().toLowerCase());
  const tokens = query.split(/\s+/).map((token) => token.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""));
  return {
    words,
    tokens: [...new Set(tokens)].filter(Boolean).slice(0, MOST_TOKENS),
    phrases: [...new Set(phrases)].filter(Boolean).slice(0, MOST_PHRASES),
    when: WHEN.test(query),
    howMany: HOW_MANY.test(query),
    wide: WIDE.test(query),
  };
}

/** Those of the question's words that name this person: every part of a name of several words has to be there, or its first alone, in a capital. */
export function naming(question: Question, name: string): string[] {
  const parts = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const said = parts.map((part) => question.words.filter(({ word, capital }) => (capital || same(word, part)) && names(word, part)));
  if (parts.length === 0 || said[0]?.length === 0) return [];
  const whole = said.every((found) => found.length > 0);
  return whole || said[0]?.some(({ capital }) => capital) ? said.flat().map(({ word }) => word) : [];
}

/** Stems of words that ask and do not tell, in Russian and English: "what did he say about", "why did the group think", «чем она занимается». */
const ASKING = new Set(
  (
    "say said tell told discuss mention talk summar describ explain think thought opinion group perspect elabor would could kind type like regard mani much also " +
    "remind pleas somebodi someon anyon rough exact know " +
    "говор сказа рассказа рассказыва обсужда обсуд упоминул упомянул дума мнен счита как сво котор скольк поч зач имен куд откуд чей сам эт так напомн пожалуйст кто-нибуд примерн точн зна сдела дела занима явля"
  ).split(" "),
);

export const asking = (stem: string): boolean => ASKING.has(stem);

/** The language a text is written in, by its letters; undefined for a text without any. */
export function language(text: string): "ru" | "en" | undefined {
  const cyrillic = text.match(/[а-яё]/giu)?.length ?? 0;
  const latin = text.match(/[a-z]/giu)?.length ?? 0;
  if (cyrillic + latin === 0) return undefined;
  return cyrillic >= latin ? "ru" : "en";
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
