import type { Client } from "#test/simulators/cast.ts";
import { EN } from "#test/simulators/linear/english.ts";
import { REMARKS, type Remarks } from "#test/simulators/linear/remarks.ts";
import { RU } from "#test/simulators/linear/russian.ts";

/** Slots: {place} {device} {part} {n} {who} (someone of the client's) {mate} (a colleague). */
export type Told = readonly [title: string, body: string, ...comments: string[]];
export type Kind = {
  label: string;
  team: "DEL" | "DSN";
  /** A title alone gets one of the bodies below; others bring a body of their own, and what was said about it. */
  tasks: readonly (string | Told)[];
  bodies: readonly string[];
  comments: readonly string[];
};
export type Words = Remarks & { kinds: readonly Kind[] };
export const WORDS: Readonly<Record<Client["language"], Words>> = { en: { kinds: EN, ...REMARKS.en }, ru: { kinds: RU, ...REMARKS.ru } };

/** The screens and the moving parts of what is being built for each client. */
export const PLACES: Readonly<Record<string, { places: readonly string[]; parts: readonly string[] }>> = {
  oakline: {
    places: [
      "Checkout",
      "Basket",
      "Product page",
      "Sofa configurator",
      "Fabric picker",
      "Delivery slots",
      "Search",
      "Category page",
      "Wish list",
      "Order status",
      "Returns form",
      "Store finder",
    ],
    parts: ["stock feed", "payment provider", "delivery calendar", "product feed", "tax table", "newsletter sign-up", "image service"],
  },
  sevchai: {
    places: [
      "Каталог",
      "Корзина",
      "Страница подписки",
      "Карточка чая",
      "Личный кабинет",
      "Подарочные наборы",
      "Подбор по вкусу",
      "Отзывы",
      "Блог",
      "История заказов",
      "Пауза подписки",
      "Оформление заказа",
    ],
    parts: ["обмен с 1С", "расчёт доставки", "почтовые рассылки", "оплата по СБП", "остатки на складе", "промокоды", "поиск"],
  },
  brightpier: {
    places: [
      "Home screen",
      "Card details",
      "Transfers",
      "Statements",
      "Sign-in",
      "Spending chart",
      "Payee list",
      "Card freeze",
      "Notifications",
      "Support chat",
      "Identity check",
      "Settings",
    ],
    parts: ["push service", "core banking adapter", "biometric key", "statement export", "rate feed", "session handling", "flag service"],
  },
  tulpar: {
    places: [
      "Список рейсов",
      "Карта маршрута",
      "Заявка на перевозку",
      "Документы",
      "Профиль водителя",
      "Тарифы",
      "Уведомления",
      "Отчёты",
      "Вход по ЭЦП",
      "Накладные",
      "Чат с диспетчером",
      "Календарь загрузки",
    ],
    parts: ["обмен со складом", "подпись ЭЦП", "геокодирование", "СМС-коды", "выгрузка в Excel", "журнал событий", "очередь накладных"],
  },
};
