/** Templates of project talk. Slots: {screen} {day} {amount} {n} {file} {name} {agent}. */
export type Topic = {
  label: string;
  open: readonly string[];
  client: readonly string[];
  agent: readonly string[];
  note: readonly string[];
};
type Language = {
  topics: readonly Topic[];
  smallTalk: readonly string[];
  screens: readonly string[];
  days: readonly string[];
  long: readonly string[];
  resolved: readonly string[];
};

const EN: Language = {
  screens: [
    "the checkout page",
    "the landing page",
    "the onboarding flow",
    "the pricing table",
    "the account settings",
    "the search results",
    "the order history",
  ],
  days: ["Monday", "Wednesday", "Thursday morning", "Friday noon", "the 14th", "the end of the month", "next Tuesday"],
  smallTalk: [
    "Thanks!",
    "Got it 👍",
    "Perfect, thank you.",
    "Great, looking at it now.",
    "Ok",
    "One sec",
    "👀",
    "Makes sense.",
    "Brilliant 🎉",
    "Hi {name}!",
    "Hello there",
  ],
  resolved: ["All good from our side, you can close this.", "That works, thank you all.", "Confirmed, nothing else here."],
  topics: [
    {
      label: "deadline",
      open: [
        "Hi {agent}, are we still on track to show {screen} on {day}?",
        "Our board meets on {day}. Will {screen} be ready by then?",
        "The launch date moved up to {day}, can the team make it?",
      ],
      client: [
        "We announced {day} to our partners, so slipping is not an option.",
        "If {screen} is late, can we at least ship without it?",
        "We have been waiting for an update since {day}.",
        "Is there a risk I should tell my boss about?",
        "Please send a revised plan with dates.",
      ],
      agent: [
        "We are at about {n} % of {screen}; {day} still holds.",
        "Honestly, {day} is tight. I will confirm after standup.",
        "We lost two days to the payment provider, so I propose {day} instead.",
        "The plan with dates is in {file}.",
        "QA starts on {day}, then you get a staging link.",
      ],
      note: [
        "They have not been told that QA found {n} blockers. Marek to call before {day}.",
        "Risk: {day} was promised without checking with backend.",
      ],
    },
    {
      label: "approval",
      open: [
        "The new version of {screen} is on staging, please have a look.",
        "Could you approve the copy for {screen}? We need it before {day}.",
        "Hi! Two options for {screen} in {file}. Which one do you prefer?",
      ],
      client: [
        "Option B, but the button is too quiet.",
        "Legal has to see it first, expect an answer on {day}.",
        "Approved from my side ✅",
        "I showed it to Hannah's team and nobody liked the colours.",
        "Can we see it on a phone as well?",
        "We cannot approve this without the price list.",
      ],
      agent: [
        "Updated, please check {screen} again.",
        "Without your approval by {day} we have to move the release.",
        "The mobile version is in {file}.",
        "Third round of changes; the estimate covered two. Shall we talk?",
        "Thank you, moving it to development.",
      ],
      note: ["Fourth round on the same screen, none of it budgeted.", "Approval sits with their legal since {day}."],
    },
    {
      label: "scope",
      open: [
        "Quick question: could you also add export to Excel in {screen}?",
        "We would like a loyalty programme before the launch. Small thing, right?",
        "Our sales team asks for a second language on {screen}.",
      ],
      client: [
        "I thought it was part of the contract.",
        "How much would that cost, roughly?",
        "Can it wait until after {day}?",
        "Competitors have had it for years.",
        "Fine, then drop the dark theme and do this instead.",
      ],
      agent: [
        "That is outside the agreed scope; I can send an estimate by {day}.",
        "Roughly {n} hours, so about {amount} USD.",
        "We can swap it for the calendar integration.",
        "Added to the backlog as a change request, see {file}.",
        "Doable, but then {screen} moves to {day}.",
      ],
      note: ["Upsell: they mentioned budget left for this quarter.", "Do not start before the change request is signed."],
    },
    {
      label: "invoice",
      open: [
        "We received the invoice for {amount} USD, but the purchase order number is missing.",
        "Hi {agent}, when is the second instalment due?",
        "Accounting says the invoice from {day} was never sent.",
      ],
      client: [
        "Payment will go out on {day}.",
        "We agreed on {amount} USD, the invoice shows more.",
        "Please resend {file} to accounting.",
        "Our finance department is on holiday until {day}.",
        "Paid this morning, can you confirm?",
      ],
      agent: [
        "Corrected invoice attached: {file}.",
        "The difference is the change request from last month, {amount} USD.",
        "Received, thank you!",
        "The invoice is {n} days overdue, could you check?",
        "I will ask our accountant and come back on {day}.",
      ],
      note: ["{n} days overdue for the second time. Irina knows.", "They pay late every quarter end; not a dispute."],
    },
    {
      label: "bug",
      open: [
        "{screen} shows a white page since this morning!",
        "Customers complain that they cannot pay. Is something broken?",
        "Login codes arrive {n} minutes late.",
      ],
      client: [
        "It happens in Safari only.",
        "We lost about {amount} USD in orders today.",
        "Screenshot attached.",
        "Still broken after the update 😡",
        "Works now, thanks.",
        "When will you roll out the fix?",
      ],
      agent: [
        "Reproduced it, fixing now.",
        "The fix for {screen} is deployed, please refresh.",
        "It was an expired certificate at the provider.",
        "Post-mortem in {file}.",
        "Could you send the order number?",
        "We rolled back to yesterday's version while we look.",
      ],
      note: ["Same cause as two weeks ago. We owe them a proper fix.", "Third incident this month; the client mentioned other agencies."],
    },
  ],
  long: [
    "To sum up today's call so that nothing is lost.",
    "First, {screen}: we keep the layout, but the texts come from you by {day}.",
    "Second, the integration with the warehouse needs test access, which we asked for {n} days ago.",
    "Third, the budget: {amount} USD are left, and the change requests would use most of it.",
    "If any of this is not how you remember it, please answer here before {day}.",
    "Open questions are listed in {file}.",
  ],
};

const RU: Language = {
  screens: ["корзину", "главную страницу", "личный кабинет", "страницу тарифов", "форму заявки", "карту маршрутов", "историю заказов"],
  days: ["понедельник", "среду", "пятницу", "четверг утром", "14-е", "конец месяца", "следующий вторник"],
  smallTalk: [
    "Спасибо!",
    "Принято 👍",
    "Отлично, смотрю.",
    "Ок",
    "Минуту",
    "Понял вас.",
    "Супер 🎉",
    "Добрый день, {name}!",
    "Здравствуйте!",
    "👀",
    "Ага, вижу",
  ],
  resolved: ["С нашей стороны всё хорошо, можно закрывать.", "Подтверждаю, вопросов больше нет.", "Всё работает, спасибо большое."],
  topics: [
    {
      label: "deadline",
      open: [
        "Добрый день! Успеваем показать {screen} в {day}?",
        "У нас совет директоров в {day}. Будет ли готово?",
        "Запуск перенесли на {day}, команда справится?",
      ],
      client: [
        "Мы уже пообещали {day} партнёрам, переносить нельзя.",
        "Если не успеваете {screen}, давайте запустимся без этого.",
        "Ждём обновления статуса уже {n} дней.",
        "Есть ли риски, о которых мне сказать руководству?",
        "Пришлите, пожалуйста, план с датами.",
      ],
      agent: [
        "Готово примерно {n} %, {day} пока в силе.",
        "Честно говоря, {day} — впритык. Подтвержу после планёрки.",
        "Потеряли два дня из-за платёжного провайдера, предлагаю {day}.",
        "План с датами в файле {file}.",
        "Тестирование начнём в {day}, потом пришлём ссылку на стенд.",
      ],
      note: ["Клиент не знает, что нашли {n} блокеров. Марек позвонит до {day}.", "Риск: дату {day} пообещали без бэкенда."],
    },
    {
      label: "approval",
      open: [
        "Новая версия на стенде, посмотрите, пожалуйста, {screen}.",
        "Нужно согласовать тексты, чтобы не задержать {screen}.",
        "Два варианта в файле {file}. Какой вам ближе?",
      ],
      client: [
        "Второй вариант, но кнопка слишком бледная.",
        "Сначала юристы, ответ будет в {day}.",
        "Согласовано ✅",
        "Показала коллегам, цвета никому не понравились.",
        "А как это выглядит на телефоне?",
        "Без прайса согласовать не можем.",
      ],
      agent: [
        "Поправили {screen}, проверьте ещё раз.",
        "Без согласования до {day} придётся двигать релиз.",
        "Мобильная версия в {file}.",
        "Это третий круг правок, в смете было два. Обсудим?",
        "Спасибо, отдаём в разработку.",
      ],
      note: ["Четвёртый круг по тому же экрану, в смете этого нет.", "Согласование висит у их юристов с {day}."],
    },
    {
      label: "scope",
      open: [
        "А можно ещё добавить выгрузку в Excel?",
        "Хотим программу лояльности к запуску. Это же небольшая доработка?",
        "Отдел продаж просит казахский язык.",
      ],
      client: [
        "Я думала, это входит в договор.",
        "Сколько это примерно стоит?",
        "Это подождёт, пока не сделаем {screen}?",
        "У конкурентов это давно есть.",
        "Хорошо, тогда уберём тёмную тему, а сделаем это.",
      ],
      agent: [
        "Это вне согласованного объёма, пришлю оценку в {day}.",
        "Примерно {n} часов, то есть около {amount} ₽.",
        "Можем поменять на интеграцию с календарём.",
        "Завели запрос на изменение, см. {file}.",
        "Сделаем, но тогда сроки сдвинутся на {day}.",
      ],
      note: ["Возможна допродажа: у них остался бюджет на квартал.", "Не начинать, пока не подписан запрос на изменение."],
    },
    {
      label: "invoice",
      open: [
        "Получили счёт на {amount} ₽, но в нём нет номера договора.",
        "Когда нужно оплатить второй этап?",
        "Бухгалтерия говорит, что счёт за прошлый месяц не приходил.",
      ],
      client: [
        "Оплата уйдёт в {day}.",
        "Договаривались на {amount} ₽, а в счёте больше.",
        "Отправьте, пожалуйста, {file} в бухгалтерию ещё раз.",
        "Финансы в отпуске, вернутся в {day}.",
        "Оплатили утром, подтвердите получение.",
      ],
      agent: [
        "Исправленный счёт во вложении: {file}.",
        "Разница — запрос на изменение за прошлый месяц, {amount} ₽.",
        "Получили, спасибо!",
        "Счёт просрочен на {n} дней, проверьте, пожалуйста.",
        "Уточню у бухгалтера и вернусь в {day}.",
      ],
      note: ["Просрочка {n} дней второй раз подряд. Ирина в курсе.", "Всегда платят поздно в конце квартала, спора нет."],
    },
    {
      label: "bug",
      open: [
        "С утра не открывается сайт, белый экран!",
        "Клиенты жалуются, что не могут оплатить. Что-то сломалось?",
        "Коды для входа приходят через {n} минут.",
      ],
      client: [
        "Только в Safari.",
        "Сегодня потеряли заказов примерно на {amount} ₽.",
        "Скриншот во вложении.",
        "После обновления всё ещё не работает 😡",
        "Заработало, спасибо.",
        "Когда выкатите исправление?",
      ],
      agent: [
        "Воспроизвели, чиним.",
        "Исправление выложено, обновите страницу.",
        "У провайдера истёк сертификат.",
        "Разбор причин в {file}.",
        "Пришлите номер заказа, пожалуйста.",
        "Откатили на вчерашнюю версию, пока разбираемся.",
      ],
      note: [
        "Та же причина, что две недели назад. Должны им нормальное исправление.",
        "Третий инцидент за месяц, клиент упоминал другие агентства.",
      ],
    },
  ],
  long: [
    "Резюмирую сегодняшний созвон, чтобы ничего не потерять.",
    "Первое: макет оставляем, тексты пришлёте в {day}.",
    "Второе: для интеграции со складом нужен тестовый доступ, просили {n} дней назад.",
    "Третье: бюджет. Осталось {amount} ₽, запросы на изменение съедят почти всё.",
    "Если что-то запомнилось иначе, ответьте здесь до конца недели.",
    "Открытые вопросы — в файле {file}.",
  ],
};

export const PHRASES = { en: EN, ru: RU } as const;
export const EMOJI = ["🙂", "🚀", "🙏🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "☕️", "🇰🇿", "❤️‍🔥", "🤷🏻‍♀️"] as const;
export const FILES = [
  "estimate-v3.pdf",
  "smeta_2.xlsx",
  "screen-final.png",
  "Договор №17.docx",
  "photo.jpg",
  "voice.ogg",
  "plan.pdf",
  "баг.png",
] as const;
