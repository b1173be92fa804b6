import type { Client } from "#test/simulators/cast.ts";

export type Remarks = {
  /** What may be said under any task. */
  comments: readonly string[];
  answers: readonly string[];
  checks: readonly string[];
  devices: readonly string[];
  subtasks: readonly string[];
  /** Sentences of a long text, such as the notes of a meeting pasted whole. */
  long: readonly string[];
};

/** What is said about tasks of every kind, with the slots of `words.ts`. */
export const REMARKS: Readonly<Record<Client["language"], Remarks>> = {
  en: {
    comments: [
      "On it.",
      "Moved to the next cycle, the release comes first.",
      "Blocked: waiting for {who}.",
      "Is this still wanted? It has been quiet for {n} days.",
      "Added the estimate.",
      "@{mate} could you look at it tomorrow?",
      "Link to the recording is in the description.",
      "Let us talk after standup 🙂",
      "👍",
      "Took longer than planned: {n} hours instead of a day's half.",
      "Closing, see the linked task.",
    ],
    answers: [
      "Will do.",
      "Yes, today.",
      "Not before Thursday, sorry.",
      "Agreed.",
      "Good catch 🙏🏽",
      "Please see my note above.",
      "Done ✅",
    ],
    checks: [
      "happy path",
      "slow network",
      "empty list",
      "two tabs at once",
      "screen reader",
      "right-to-left names",
      "back button",
      "analytics event",
      "help text",
    ],
    devices: [
      "Safari on iPhone",
      "an older Android",
      "Firefox on Windows",
      "iPad in portrait",
      "Chrome with a 4K screen",
      "Edge behind the office proxy",
    ],
    long: [
      "Notes of today's call, so that they are in one place.",
      "{who} would like to see {place} earlier, even if the {part} is not ready; we agreed on a stub with a visible banner.",
      "The campaign starts in {n} days. Everything that is not in the build five days before waits for the next one.",
      "Open: who signs off the texts while {who} is away.",
      "The budget has room for one of the two wishes, not for both. We recommend {place}.",
      "{mate} explained why the {part} answers late in the morning: their nightly job ends at nine our time.",
      "Risk: three tasks depend on the same person.",
      "Not discussed, moved to next week: the second language and the price list.",
    ],
    subtasks: ["Tests", "Interface", "Data migration", "Analytics", "Help text", "Review with the client", "Roll-out behind a flag"],
  },
  ru: {
    comments: [
      "Беру.",
      "Переносим в следующий цикл, сначала релиз.",
      "Стоит: ждём ответа ({who}).",
      "Это ещё нужно? Тишина уже {n} дн.",
      "Оценка добавлена.",
      "@{mate}, посмотришь завтра?",
      "Ссылка на запись в описании.",
      "Обсудим после планёрки 🙂",
      "👍",
      "Вышло дольше: {n} ч вместо половины дня.",
      "Закрываю, см. связанную задачу.",
    ],
    answers: [
      "Сделаю.",
      "Да, сегодня.",
      "Не раньше четверга.",
      "Поддерживаю.",
      "Точно, спасибо 🙏🏽",
      "Почему, написано выше.",
      "Готово ✅",
    ],
    checks: [
      "основной путь",
      "медленная сеть",
      "пустой список",
      "две вкладки сразу",
      "чтение с экрана",
      "имена с дефисом и «ё»",
      "кнопка «назад»",
      "событие аналитики",
      "текст подсказки",
    ],
    devices: [
      "Safari на айфоне",
      "старый андроид",
      "Firefox на Windows",
      "планшет вертикально",
      "Яндекс Браузер",
      "Chrome через корпоративный прокси",
    ],
    long: [
      "Записи сегодняшнего созвона, чтобы всё было в одном месте.",
      "Клиент ({who}) хочет раньше увидеть «{place}», даже если не готово вот это: {part}. Договорились на заглушку с заметной плашкой.",
      "До акции {n} дн. Что не попадёт в сборку за пять дней до неё, ждёт следующей.",
      "Открыто: кто согласует тексты, пока нет ответственного ({who}).",
      "Бюджета хватит на одно из двух пожеланий. Советуем «{place}».",
      "{mate}: утром ответы медленные, потому что ночное задание заканчивается в девять по нашему времени.",
      "Риск: три задачи держатся на одном человеке.",
      "Не обсудили, переносим на неделю: второй язык и прайс.",
    ],
    subtasks: ["Тесты", "Интерфейс", "Перенос данных", "Аналитика", "Текст справки", "Показ клиенту", "Включение под флагом"],
  },
};
