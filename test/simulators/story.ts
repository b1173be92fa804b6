/**
 * What happens between the demo's studio and its four clients, told once for all three sources: the chats ask for it, tasks carry it out, deals pay for it.
 * Days count from the demo's present: negative is past.
 */
export type Stage = "Discovery" | "Qualified" | "Proposal" | "Negotiation" | "Won" | "Lost";
export type StoryIssue = {
  key: string;
  title: string;
  description: string;
  state: "Backlog" | "Todo" | "In Progress" | "In Review" | "Done" | "Canceled";
  assignee?: string;
  createdDay: number;
  dueDay?: number;
  estimate?: number;
  labels?: readonly string[];
  /** Keys of the issues that block it. */
  blockedBy?: readonly string[];
  comments?: readonly { by: string; day: number; body: string }[];
};
export type StoryDeal = {
  title: string;
  /** The stages it went through, with the day of each; the last one is where it stands. */
  stages: readonly { stage: Stage; day: number }[];
  amount: number;
  currency: "EUR" | "USD" | "RUB" | "KZT";
  closeDay: number;
  nextStep: string;
  owner: string;
  contacts: readonly string[];
};
export type StoryNote = { title: string; body: string; by: string; day: number; about: "company" | "deal" };
export type Story = { client: string; deals: readonly StoryDeal[]; issues: readonly StoryIssue[]; notes: readonly StoryNote[] };

export const STORIES: readonly Story[] = [
  {
    client: "oakline",
    deals: [
      {
        title: "Oakline web shop",
        stages: [
          { stage: "Discovery", day: -150 },
          { stage: "Proposal", day: -128 },
          { stage: "Won", day: -110 },
        ],
        amount: 48_000,
        currency: "EUR",
        closeDay: -110,
        nextStep: "Invoice the second milestone",
        owner: "Irina Sokolova",
        contacts: ["Hannah Pryce", "Oliver Stead"],
      },
      {
        title: "Oakline gift cards",
        stages: [
          { stage: "Discovery", day: -26 },
          { stage: "Negotiation", day: -6 },
        ],
        amount: 9_500,
        currency: "EUR",
        closeDay: 18,
        nextStep: "Send the change request with two prices",
        owner: "Irina Sokolova",
        contacts: ["Hannah Pryce", "Priya Nair"],
      },
    ],
    issues: [
      {
        key: "contract",
        title: "Payment provider contract for Oakline",
        description: "Legal is reviewing the provider's terms. Nothing that charges a card can go live before it is signed.",
        state: "In Progress",
        assignee: "Irina Sokolova",
        createdDay: -21,
        dueDay: -2,
        labels: ["client-waiting"],
        comments: [{ by: "Irina Sokolova", day: -3, body: "Oliver says their lawyer is back on Monday." }],
      },
      {
        key: "gift",
        title: "Gift cards at checkout",
        description: "A gift card is paid like any product and redeemed as a discount code.\n\n- buy\n- redeem\n- balance",
        state: "Todo",
        assignee: "Tom Whitfield",
        createdDay: -14,
        dueDay: 9,
        estimate: 5,
        labels: ["scope"],
        blockedBy: ["contract"],
        comments: [{ by: "Tom Whitfield", day: -5, body: "Blocked until the provider is signed. I can build the balance page meanwhile." }],
      },
      {
        key: "images",
        title: "Product images load slowly on mobile",
        description: "Largest contentful paint is 4.1 s on a mid-range phone.",
        state: "Done",
        assignee: "Tom Whitfield",
        createdDay: -40,
        dueDay: -20,
        estimate: 3,
        labels: ["bug"],
      },
    ],
    notes: [
      {
        title: "Call with Hannah",
        body: "Hannah wants gift cards before the Christmas season and accepts that it is outside the contract. She asked for a price with and without loyalty points.",
        by: "Irina Sokolova",
        day: -6,
        about: "deal",
      },
      { title: "Kick-off", body: "Budget approved by Oliver. Weekly demo on Thursdays.", by: "Marek Dvorak", day: -108, about: "company" },
    ],
  },
  {
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
  },
  {
    client: "brightpier",
    deals: [
      {
        title: "Brightpier mobile app",
        stages: [
          { stage: "Proposal", day: -120 },
          { stage: "Negotiation", day: -104 },
          { stage: "Won", day: -90 },
        ],
        amount: 86_000,
        currency: "USD",
        closeDay: -90,
        nextStep: "Release candidate to the stores",
        owner: "Marek Dvorak",
        contacts: ["Dana Whitlock", "Luis Ortega"],
      },
      {
        title: "Brightpier support retainer",
        stages: [
          { stage: "Qualified", day: -19 },
          { stage: "Proposal", day: -3 },
        ],
        amount: 24_000,
        currency: "USD",
        closeDay: 32,
        nextStep: "Walk Dana through the service levels",
        owner: "Marek Dvorak",
        contacts: ["Dana Whitlock"],
      },
    ],
    issues: [
      {
        key: "review",
        title: "Security review by Brightpier's bank",
        description: "The bank's questionnaire has 140 questions. Luis owns it on the client's side.",
        state: "In Progress",
        assignee: "Nadia Rahimi",
        createdDay: -18,
        dueDay: 6,
      },
      {
        key: "release",
        title: "Release candidate 1.0",
        description: "Both stores, staged rollout at 5 %.",
        state: "Todo",
        assignee: "Лев Орлов",
        createdDay: -10,
        dueDay: 14,
        estimate: 3,
        blockedBy: ["review"],
      },
      {
        key: "biometric",
        title: "Face unlock fails after an app update",
        description: "The key is bound to the old set of biometrics.",
        state: "In Review",
        assignee: "Tom Whitfield",
        createdDay: -7,
        dueDay: 1,
        estimate: 2,
        labels: ["bug"],
        comments: [{ by: "Nadia Rahimi", day: -1, body: "Verified on three devices. One older tablet still asks for the PIN twice." }],
      },
    ],
    notes: [
      {
        title: "Pricing call",
        body: "Dana approved the staged rollout. She needs the retainer proposal before the board meets.",
        by: "Marek Dvorak",
        day: -3,
        about: "deal",
      },
    ],
  },
  {
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
  },
];
