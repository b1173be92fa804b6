/** Templates of what account leads write into a CRM. Slots: {name} {company} {thing} {day} {by} {amount} {n} {rival}; {day} is when, {by} is until when. */
export type Talk = {
  titles: readonly string[];
  openings: readonly string[];
  lines: readonly string[];
  closings: readonly string[];
  steps: readonly string[];
  tasks: readonly string[];
};
export type Words = {
  /** With those who may buy, and with those who have. */
  selling: Talk;
  serving: Talk;
  things: readonly string[];
  jobs: readonly string[];
  days: readonly string[];
  bys: readonly string[];
  rivals: readonly string[];
};

/** Companies that are not clients yet: first words, second words and, in large workspaces, a third; each with how it is spelt in a domain. */
export const COMPANIES = {
  en: {
    first: ["Harbour", "Linden", "Copper", "Maple", "Quarry", "Tidal", "Amber", "Falcon", "Juniper", "Saffron", "Granite", "Willow"],
    second: [
      "Analytics",
      "Bakery",
      "Clinics",
      "Dental",
      "Foods",
      "Freight",
      "Hotels",
      "Learning",
      "Legal",
      "Motors",
      "Outdoor",
      "Records",
      "Toys",
      "Travel",
    ],
    third: ["", " Group", " Labs", " North", " South", " Online"],
  },
  ru: {
    first: ["Северная", "Белая", "Зелёная", "Новая", "Тихая", "Добрая", "Речная", "Верхняя"],
    second: ["аптека", "мастерская", "пекарня", "типография", "школа", "клиника", "оранжерея", "кофейня", "верфь", "пасека"],
    third: ["", " плюс", " и Ко", " Урал", " Юг", " Сибирь"],
  },
} as const;
