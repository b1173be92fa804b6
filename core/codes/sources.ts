import type { Words } from "#core/codes/words.ts";

/** What the sources do, and what is told of them. */
export const SOURCES = {
  auth: {
    status: 502,
    retry: true,
    en: "{source} refuses the credentials: {problem}.",
    ru: "{source} не принимает учётные данные: {problem}.",
  },
  needs_confirmation: {
    status: 200,
    retry: false,
    en: "{count} deletions in {stream} wait for a person: so many at once look like a token that lost rights.",
    ru: "Удаления ({count}) в потоке {stream} ждут подтверждения: столько сразу похоже на потерю прав токена.",
  },
  stream_waits: {
    status: 200,
    retry: true,
    en: "{stream} failed before and is tried again at {until}.",
    ru: "Поток {stream} недавно дал сбой; следующая попытка в {until}.",
  },
  circuit_open: {
    status: 503,
    retry: true,
    en: "{host} failed several times in a row and is left alone until {until}.",
    ru: "{host} не отвечает несколько раз подряд; следующая попытка не раньше {until}.",
  },
  rate_limited: {
    status: 503,
    retry: true,
    en: "{source} limits the rate until {until}.",
    ru: "{source} ограничивает частоту запросов до {until}.",
  },
  upstream: { status: 502, retry: true, en: "{source} answers with an error: {problem}.", ru: "{source} отвечает ошибкой: {problem}." },
  network: { status: 502, retry: true, en: "{source} cannot be reached: {problem}.", ru: "{source} недоступен: {problem}." },
  invalid_data: {
    status: 502,
    retry: true,
    en: "{source} sent data that cannot be read: {problem}.",
    ru: "{source} прислал нечитаемые данные: {problem}.",
  },
  no_key: { status: 409, retry: false, en: "The key {key} is not set.", ru: "Не задан ключ {key}." },
  preview_only: {
    status: 200,
    retry: false,
    en: "Nothing is sent for this project before its owner switches it on.",
    ru: "Для этого проекта ничего не отправляется, пока владелец не включит отправку.",
  },
  set_aside: {
    status: 200,
    retry: false,
    en: "{count} records were set aside; see the connector's errors.",
    ru: "Отложено записей: {count}; см. ошибки подключения.",
  },
  object_off: { status: 200, retry: false, en: "{source} has no {object} now.", ru: "В {source} сейчас нет {object}." },
  simulated_source: {
    status: 200,
    retry: false,
    en: "{connection} is a simulated source, not a client's data.",
    ru: "{connection} — имитация источника, а не данные клиента.",
  },
  deals_without_account: {
    status: 200,
    retry: false,
    en: "Deals left out of the CRM: {without} name no company, {unmapped} a company that was not read.",
    ru: "Сделки не попали в CRM: без компании — {without}, с непрочитанной компанией — {unmapped}.",
  },
  incomplete: {
    status: 200,
    retry: false,
    en: "Only {percent} % of {source} was mirrored before this pass.",
    ru: "До этого прохода отражено лишь {percent} % данных {source}.",
  },
} as const satisfies Record<string, Words>;
