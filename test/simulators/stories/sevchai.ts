import type { Story } from "#test/simulators/story.ts";

export const SEVCHAI: Story = {
  client: "sevchai",
  deals: [
    {
      title: "Северный чай: сайт и подписка",
      stages: [
        { stage: "Qualified", day: -170 },
        { stage: "Won", day: -140 },
      ],
      amount: 3_200_000,
      currency: "RUB",
      closeDay: -140,
      nextStep: "Подписать акт за третий этап",
      owner: "Irina Sokolova",
      contacts: ["Ольга Летова", "Пётр Карасёв"],
    },
    {
      title: "Северный чай: корпоративные наборы",
      stages: [
        { stage: "Discovery", day: -45 },
        { stage: "Proposal", day: -30 },
        { stage: "Lost", day: -9 },
      ],
      amount: 640_000,
      currency: "RUB",
      closeDay: -9,
      nextStep: "Вернуться к разговору весной",
      owner: "Irina Sokolova",
      contacts: ["Ольга Летова"],
    },
  ],
  issues: [
    {
      key: "texts",
      title: "Тексты для страницы подписки",
      description: "Ждём от клиента финальные тексты и согласование цен на три тарифа.",
      state: "In Progress",
      assignee: "Marek Dvorak",
      createdDay: -25,
      dueDay: -5,
      labels: ["client-waiting", "срочно"],
      comments: [
        { by: "Marek Dvorak", day: -12, body: "Дарья обещала прислать тексты в пятницу." },
        { by: "Marek Dvorak", day: -4, body: "Пятница прошла, текстов нет. Напомнил." },
      ],
    },
    {
      key: "subscribe",
      title: "Страница подписки: оформление и оплата",
      description: "Три тарифа, пауза, перенос доставки.",
      state: "In Progress",
      assignee: "Лев Орлов",
      createdDay: -30,
      dueDay: 4,
      estimate: 8,
      blockedBy: ["texts"],
    },
    {
      key: "mail",
      title: "Письма о доставке приходят дважды",
      description: "Повторная отправка после тайм-аута почтового сервиса.",
      state: "Done",
      assignee: "Лев Орлов",
      createdDay: -33,
      dueDay: -28,
      estimate: 2,
      labels: ["bug"],
    },
  ],
  notes: [
    {
      title: "Встреча с Ольгой",
      body: "Ольга просит перенести запуск подписки на две недели. Договорились: тексты до пятницы, иначе срок сдвигается.",
      by: "Marek Dvorak",
      day: -13,
      about: "deal",
    },
  ],
};
