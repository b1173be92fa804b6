/** Who appears in the demo's sources: one invented studio and its four clients. The same people write chats, own tasks and sign deals. */
export type Person = { name: string; email: string; phone?: string };
export type Client = {
  key: string;
  company: string;
  domain: string;
  inbox: string;
  channel: "Channel::WebWidget" | "Channel::Email" | "Channel::Telegram";
  language: "en" | "ru";
  timeZone: string;
  /** Hours from UTC, for office hours that need no calendar. */
  offset: number;
  project: string;
  contacts: readonly Person[];
};
export type Teammate = Person & { admin: boolean; does: string };

export const STUDIO = { name: "Foxglove Studio", domain: "foxglove.example" } as const;

export const TEAM: readonly Teammate[] = [
  { name: "Irina Sokolova", email: "irina@foxglove.example", admin: true, does: "account lead" },
  { name: "Marek Dvorak", email: "marek@foxglove.example", admin: false, does: "project manager" },
  { name: "Aigerim Bekova", email: "aigerim@foxglove.example", admin: false, does: "designer" },
  { name: "Tom Whitfield", email: "tom@foxglove.example", admin: false, does: "frontend" },
  { name: "Лев Орлов", email: "lev@foxglove.example", admin: false, does: "backend" },
  { name: "Nadia Rahimi", email: "nadia@foxglove.example", admin: false, does: "quality" },
];

export const CLIENTS: readonly Client[] = [
  {
    key: "oakline",
    company: "Oakline Interiors",
    domain: "oakline.example",
    inbox: "Oakline website",
    channel: "Channel::WebWidget",
    language: "en",
    timeZone: "Europe/London",
    offset: 0,
    project: "Oakline web shop",
    contacts: [
      { name: "Hannah Pryce", email: "hannah@oakline.example", phone: "+442079460101" },
      { name: "Oliver Stead", email: "oliver@oakline.example" },
      { name: "Priya Nair", email: "priya@oakline.example", phone: "+442079460118" },
      { name: "Gareth Loam", email: "gareth@oakline.example" },
    ],
  },
  {
    key: "sevchai",
    company: "Северный чай",
    domain: "sevchai.example",
    inbox: "Северный чай, почта",
    channel: "Channel::Email",
    language: "ru",
    timeZone: "Europe/Moscow",
    offset: 3,
    project: "Сайт и подписка «Северный чай»",
    contacts: [
      { name: "Ольга Летова", email: "olga@sevchai.example", phone: "+74950000112" },
      { name: "Пётр Карасёв", email: "petr@sevchai.example" },
      { name: "Дарья Мельник", email: "daria@sevchai.example" },
      { name: "Тимур Асланов", email: "timur@sevchai.example", phone: "+74950000147" },
    ],
  },
  {
    key: "brightpier",
    company: "Brightpier Finance",
    domain: "brightpier.example",
    inbox: "Brightpier app support",
    channel: "Channel::WebWidget",
    language: "en",
    timeZone: "America/New_York",
    offset: -5,
    project: "Brightpier mobile app",
    contacts: [
      { name: "Dana Whitlock", email: "dana@brightpier.example", phone: "+12125550142" },
      { name: "Luis Ortega", email: "luis@brightpier.example" },
      { name: "Mei-Lin Zhao", email: "meilin@brightpier.example" },
      { name: "Sam O'Connell", email: "sam@brightpier.example", phone: "+12125550177" },
      { name: "Renée Dubois", email: "renee@brightpier.example" },
    ],
  },
  {
    key: "tulpar",
    company: "Тулпар Логистика",
    domain: "tulpar.example",
    inbox: "Tulpar Telegram",
    channel: "Channel::Telegram",
    language: "ru",
    timeZone: "Asia/Almaty",
    offset: 5,
    project: "Кабинет перевозчика «Тулпар»",
    contacts: [
      { name: "Асель Нурланова", email: "assel@tulpar.example", phone: "+77010000121" },
      { name: "Ерлан Жаксыбеков", email: "erlan@tulpar.example" },
      { name: "Марина Ким", email: "marina@tulpar.example" },
      { name: "Руслан Ибраев", email: "ruslan@tulpar.example", phone: "+77010000165" },
    ],
  },
];

/** Of those who are not known by name. */
export const NAMES = {
  en: {
    first: ["Amy", "Ben", "Clara", "Dev", "Ewan", "Fatima", "Grace", "Henry", "Ines", "Jonas"],
    last: ["Abbott", "Brandt", "Costa", "Dean", "Ekwueme", "Fisher", "Grant", "Hale"],
  },
  ru: {
    first: ["Анна", "Борис", "Вера", "Глеб", "Динара", "Егор", "Жанна", "Захар", "Инна", "Камиль"],
    last: ["Абай", "Белич", "Волошко", "Гончар", "Дурново", "Живаго", "Кравец", "Лебедь"],
  },
} as const;
