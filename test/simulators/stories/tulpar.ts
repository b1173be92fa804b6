import type { Story } from "#test/simulators/story.ts";

export const TULPAR: Story = {
  client: "tulpar",
  deals: [
    {
      title: "Тулпар: кабинет перевозчика",
      stages: [
        { stage: "Discovery", day: -100 },
        { stage: "Won", day: -75 },
      ],
      amount: 27_000_000,
      currency: "KZT",
      closeDay: -75,
      nextStep: "Согласовать перенос этапа «Документы»",
      owner: "Marek Dvorak",
      contacts: ["Асель Нурланова", "Ерлан Жаксыбеков"],
    },
  ],
  issues: [
    {
      key: "api",
      title: "Доступ к API складской системы Тулпара",
      description: "Ключ обещал Ерлан. Без него нельзя проверить обмен накладными.",
      state: "Todo",
      assignee: "Лев Орлов",
      createdDay: -35,
      dueDay: -15,
      labels: ["client-waiting"],
    },
    {
      key: "waybill",
      title: "Обмен электронными накладными",
      description: "Отправка, подпись, отказ. Повтор при недоступности склада.",
      state: "In Progress",
      assignee: "Лев Орлов",
      createdDay: -32,
      dueDay: 2,
      estimate: 8,
      blockedBy: ["api"],
      comments: [{ by: "Лев Орлов", day: -8, body: "Сделал на заглушке, дальше без ключа не проверить." }],
    },
    {
      key: "kk",
      title: "Казахский язык в кабинете",
      description: "Марина просит третий язык. В договоре его нет.",
      state: "Backlog",
      createdDay: -5,
      labels: ["scope"],
    },
  ],
  notes: [
    {
      title: "Созвон с Асель",
      body: "Асель обеспокоена сроком. Ключ к складскому API обещали до конца недели. Казахский язык: ждут оценку стоимости.",
      by: "Marek Dvorak",
      day: -5,
      about: "deal",
    },
  ],
};
