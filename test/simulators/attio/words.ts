/** Templates of what account leads write into a CRM. Slots: {name} {company} {thing} {day} {amount} {n} {rival}. */
export type Words = {
  things: readonly string[];
  titles: readonly string[];
  openings: readonly string[];
  lines: readonly string[];
  closings: readonly string[];
  steps: readonly string[];
  tasks: readonly string[];
  jobs: readonly string[];
  days: readonly string[];
  rivals: readonly string[];
};

export const EN: Words = {
  things: [
    "web shop",
    "brand site",
    "booking app",
    "design system",
    "customer portal",
    "support retainer",
    "analytics set-up",
    "redesign",
    "mobile app",
  ],
  titles: [
    "Call with {name}",
    "Intro call",
    "Scoping workshop",
    "Pricing call",
    "Follow-up after the demo",
    "Coffee with {name}",
    "Budget talk",
    "Legal review",
  ],
  openings: [
    "Spoke with {name} for half an hour about the {thing}.",
    "{name} called back. They have seen our {thing} for a competitor and want the same, faster.",
    "Workshop on site with {name} and two people from their sales team.",
    "Short call. {name} had the proposal open and went through it page by page.",
    "{name} joined late, most of it was with their head of operations.",
    "They replaced their marketing lead last week; {name} is our contact now.",
  ],
  lines: [
    "Budget is around {amount} and has to be committed before {day}.",
    "The board decides on {day}. {name} does not expect questions about price.",
    "They also talk to {rival}, who is cheaper but cannot start before the summer.",
    "Main worry is the hand-over: their last agency left without documentation.",
    "{name} asked twice who would be on the team. Wants to meet them before signing.",
    "They need {n} languages from the first day, we had offered two.",
    "Procurement wants our insurance certificate and two references.",
    "Integration with their warehouse is not in scope and they know it.",
    "{name} is convinced, the finance lead is not: she wants to see the running costs.",
    "Deadline is hard, there is a trade fair on {day}.",
    "They pushed the start by two weeks, a key person is on parental leave.",
    "Happy with the prototype. One remark about contrast, one about the search.",
    "No decision maker in the room. I asked {name} to bring one next time.",
    "Payment in three parts would suit them better than two.",
    "They went quiet after the offer; {name} blames the quarter's end.",
    "Contract is with their lawyer, {n} comments so far, none of them serious.",
  ],
  closings: [
    "I promised an answer by {day}.",
    "They come back to us on {day}.",
    "Next call on {day}.",
    "Nothing to do until {day}.",
    "{name} sends the access data tomorrow.",
  ],
  steps: [
    "Send the revised offer",
    "Book a call with their finance lead",
    "Prepare two references",
    "Get the contract signed",
    "Ask for the warehouse API's documentation",
    "Show the prototype",
    "Agree on the start date",
    "Send the estimate for phase two",
  ],
  tasks: [
    "Send {name} the revised offer",
    "Call {company} about the start date",
    "Prepare the demo for {company}",
    "Check {company}'s contract comments",
    "Collect references for {company}",
    "Ask {name} for the brand files",
    "Invoice the first milestone to {company}",
  ],
  jobs: ["CEO", "Head of Marketing", "Product Owner", "Finance Lead", "Office Manager", "CTO", "Head of Operations", "E-commerce Manager"],
  days: ["Monday", "Thursday", "the 14th", "Friday noon", "the end of the month", "next Tuesday", "1 March"],
  rivals: ["a studio in Lisbon", "a freelancer", "Plainwater", "their old agency"],
};

export const RU: Words = {
  things: [
    "сайт",
    "интернет-магазин",
    "личный кабинет",
    "мобильное приложение",
    "дизайн-система",
    "поддержка",
    "чат-бот",
    "редизайн",
    "аналитика",
  ],
  titles: [
    "Созвон: {name}",
    "Первый звонок",
    "Встреча в офисе",
    "Обсудили цену",
    "После демо",
    "Разбор брифа",
    "Вопросы юристов",
    "Бюджет на квартал",
  ],
  openings: [
    "Полчаса говорили про {thing}. От клиента {name}.",
    "Перезвонил контакт: {name}. Видели наш {thing} у знакомых, хотят так же, но к сроку.",
    "Встреча в офисе, {name} и двое из отдела продаж.",
    "Короткий звонок. {name} прошёлся по предложению постранично.",
    "Сменился директор по маркетингу, теперь наш контакт {name}.",
    "Разбирали бриф. Половина вопросов уже закрыта, остальное до {day}.",
  ],
  lines: [
    "Бюджет около {amount}, согласовать нужно до {day}.",
    "Решение принимает совет, собирается {day}. По цене вопросов не ждут.",
    "Параллельно говорят с другими: {rival}. Дешевле, но начнут только летом.",
    "Главный страх: передача проекта. Прошлый подрядчик ушёл без документации.",
    "Дважды спросили, кто будет в команде. Хотят познакомиться до договора.",
    "Нужно {n} языка с первого дня, мы закладывали один.",
    "Закупки просят две рекомендации и выписку.",
    "Интеграции со складом в объёме нет, они это понимают.",
    "Финансовый директор сомневается: хочет увидеть стоимость поддержки за год.",
    "Срок жёсткий, выставка {day}.",
    "Старт сдвинули на две недели, ключевой человек в отпуске.",
    "Прототип понравился. Замечание к контрасту и к поиску.",
    "Того, кто решает, на встрече не было. Просил позвать в следующий раз.",
    "Удобнее платить тремя частями, а не двумя.",
    "После предложения замолчали, ссылаются на конец квартала.",
    "Договор у юриста, пока {n} правок, ничего серьёзного.",
  ],
  closings: [
    "Обещал ответить до {day}.",
    "Вернутся к нам {day}.",
    "Следующий звонок {day}.",
    "До {day} ничего не делаем.",
    "Доступы пришлют завтра.",
  ],
  steps: [
    "Отправить новую смету",
    "Созвониться с финансовым директором",
    "Подготовить рекомендации",
    "Подписать договор",
    "Запросить доступ к складу",
    "Показать прототип",
    "Согласовать дату старта",
  ],
  tasks: [
    "Отправить смету: {company}",
    "Позвонить в «{company}» про дату старта",
    "Подготовить демо для «{company}»",
    "Проверить правки договора, {company}",
    "Выставить счёт за первый этап, {company}",
    "Спросить исходники логотипа: {name}",
  ],
  jobs: [
    "Генеральный директор",
    "Директор по маркетингу",
    "Менеджер проекта",
    "Финансовый директор",
    "Технический директор",
    "Руководитель продаж",
  ],
  days: ["в понедельник", "в четверг", "14-го", "в пятницу", "в конце месяца", "1 марта"],
  rivals: ["студия из Казани", "фрилансер", "прошлый подрядчик", "«Простая вода»"],
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
