import type { Words } from "#core/codes/words.ts";

/** What models cost, refuse and cannot answer. */
export const MODELS = {
  economy_mode: {
    status: 409,
    retry: false,
    en: "The project is in economy mode: paid work runs less often and less at a time.",
    ru: "Проект в экономном режиме: платная работа выполняется реже и меньшими порциями.",
  },
  budget_exhausted: {
    status: 409,
    retry: false,
    en: "The budget of this {of}, {limit} USD, is spent; it goes on after {until}.",
    ru: "Бюджет исчерпан ({of}, {limit} USD); продолжение после {until}.",
  },
  unknown_price: {
    status: 409,
    retry: false,
    en: "The price of the model {model} is not known, so it is not called.",
    ru: "Цена модели {model} неизвестна, поэтому она не вызывается.",
  },
  text_refused: {
    status: 200,
    retry: false,
    en: "The model {model} does not take this text: {problem}.",
    ru: "Модель {model} не принимает этот текст: {problem}.",
  },
  insufficient_evidence: {
    status: 200,
    retry: false,
    en: "Insufficient evidence: nothing that was found answers this.",
    ru: "Недостаточно данных: в найденном нет ответа на этот вопрос.",
  },
  not_yet_embedded: {
    status: 200,
    retry: true,
    en: "Too few texts of the project have their vectors of the model {model} yet, so the words alone were looked for.",
    ru: "Векторы модели {model} есть пока у слишком немногих текстов проекта, поэтому поиск шёл только по словам.",
  },
  out_of_time: {
    status: 200,
    retry: true,
    en: "The time for an answer was spent.",
    ru: "Время на ответ истекло.",
  },
} as const satisfies Record<string, Words>;
