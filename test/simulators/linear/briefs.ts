import type { Client } from "#test/simulators/cast.ts";

type Section = readonly [heading: string, body: string];
export type Briefs = { titles: { brief: string; specification: string }; brief: readonly Section[]; specification: readonly Section[] };

/** What a project's documents say, with the slots of `words.ts` and {company} {other} {list} {checks}. */
export const BRIEFS: Readonly<Record<Client["language"], Briefs>> = {
  en: {
    titles: { brief: "Brief", specification: "Specification" },
    brief: [
      [
        "Goal",
        "{company} wants one place in which customers find, choose and pay without calling. Success is measured by orders without help.",
      ],
      [
        "Audience",
        "Returning customers on a phone, mostly in the evening. A second group works in the office of {company} and uses it all day.",
      ],
      ["Scope", "{list}\n\nEverything else is a change request and gets a price of its own before anyone starts."],
      ["People", "{who} decides. Texts come from {other}. On our side {mate} answers within a working day."],
      ["Dates", "A demo every second Thursday. Feature freeze five working days before a release."],
      ["Risks", "The {part} belongs to somebody else and has no test environment. Texts have been late before."],
    ],
    specification: [
      ["Overview", "This describes what is built, screen by screen. Where it differs from the brief, this is newer."],
      ["Screens", "{list}"],
      ["{place}", "Opens in under two seconds on {device}. Shows what is known at once and the rest as it comes; never an empty page."],
      ["The {part}", "Asked every {n} seconds, never from the phone. When it is silent the last answer is shown with its time."],
      ["Errors", "Every error says what happened, what was not lost and what to do next. No codes, except in small print for support."],
      ["Data", "Personal data is kept for as long as the law asks and no longer. Exports are made on request within three days."],
      ["Acceptance", "{checks}"],
    ],
  },
  ru: {
    titles: { brief: "Бриф", specification: "Спецификация" },
    brief: [
      [
        "Цель",
        "{company}: нужно одно место, где клиент находит, выбирает и платит без звонков. Успех считаем по заказам без помощи оператора.",
      ],
      ["Аудитория", "Постоянные клиенты с телефона, чаще вечером. Вторая группа — сотрудники компании, они работают весь день."],
      ["Объём", "{list}\n\nВсё остальное — запрос на изменение с отдельной ценой до начала работ."],
      ["Люди", "Решает {who}. Тексты присылает {other}. С нашей стороны в течение рабочего дня отвечает {mate}."],
      ["Сроки", "Демонстрация каждый второй четверг. За пять рабочих дней до релиза новое не берём."],
      ["Риски", "Чужое хозяйство без тестового контура: {part}. Тексты уже задерживались."],
    ],
    specification: [
      ["Обзор", "Здесь описано, что делаем, экран за экраном. Если расходится с брифом, верно написанное здесь."],
      ["Экраны", "{list}"],
      [
        "{place}",
        "Открывается быстрее двух секунд ({device}). Сразу видно известное, остальное по мере загрузки; пустой страницы не бывает.",
      ],
      ["Обмен: {part}", "Опрашиваем раз в {n} с и никогда с телефона. Если молчит, показываем последний ответ и его время."],
      ["Ошибки", "Каждая ошибка говорит, что случилось, что не потеряно и что делать. Коды только мелким шрифтом для поддержки."],
      ["Данные", "Личные данные храним столько, сколько требует закон. Выгрузка по запросу за три дня."],
      ["Приёмка", "{checks}"],
    ],
  },
};
