/**
 * The closed list of error and reason codes: the HTTP status each answers with, whether trying again can help, and how it is said to a person.
 * `{name}` in the words stands for a parameter.
 */
const CODES = {
  // Requests
  validation_error: { status: 400, retry: false, en: "The request is not valid: {problem}.", ru: "Запрос составлен неверно: {problem}." },
  body_too_large: { status: 413, retry: false, en: "The body is larger than {limit}.", ru: "Тело запроса больше {limit}." },
  unauthenticated: { status: 401, retry: false, en: "Sign in, or send an API key.", ru: "Войдите или передайте ключ API." },
  bad_credentials: { status: 401, retry: false, en: "The name or the password is wrong.", ru: "Неверное имя или пароль." },
  login_rate_limited: {
    status: 429,
    retry: true,
    en: "Too many attempts. Try again after {until}.",
    ru: "Слишком много попыток. Повторите после {until}.",
  },
  csrf_invalid: {
    status: 403,
    retry: false,
    en: "The x-csrf-token header does not match the session.",
    ru: "Заголовок x-csrf-token не соответствует сессии.",
  },
  forbidden: { status: 403, retry: false, en: "This needs the role {needed}.", ru: "Нужна роль {needed}." },
  scope_insufficient: { status: 403, retry: false, en: "The key lacks the scope {needed}.", ru: "Ключу не хватает права {needed}." },
  not_found: { status: 404, retry: false, en: "There is no such {thing}.", ru: "Не найдено: {thing}." },
  project_not_found: { status: 404, retry: false, en: "There is no such project.", ru: "Такого проекта нет." },
  active_project_required: {
    status: 409,
    retry: false,
    en: "Choose a project: select one, or name it with project_id.",
    ru: "Выберите проект или укажите его в project_id.",
  },
  conflict: { status: 409, retry: false, en: "{thing} exists already.", ru: "{thing} уже существует." },
  connection_in_use: {
    status: 409,
    retry: false,
    en: "{bindings} projects are still fed by this connection.",
    ru: "Подключение ещё питает проекты: {bindings}.",
  },
  other_account_scope: {
    status: 409,
    retry: false,
    en: "The rows of this project cannot move to that studio: {problem}.",
    ru: "Данные проекта нельзя перенести в эту студию: {problem}.",
  },
  idempotency_mismatch: {
    status: 409,
    retry: false,
    en: "This Idempotency-Key was used with another body.",
    ru: "Этот Idempotency-Key уже использован с другим телом запроса.",
  },
  idempotency_in_flight: {
    status: 409,
    retry: true,
    en: "The same request is still being answered.",
    ru: "Тот же запрос ещё выполняется.",
  },
  unsupported_media_type: {
    status: 415,
    retry: false,
    en: "A body has to be application/json.",
    ru: "Тело запроса должно быть в формате application/json.",
  },
  people_only: {
    status: 403,
    retry: false,
    en: "An API key cannot do this: sign in as a person.",
    ru: "Ключу API это недоступно: войдите как пользователь.",
  },
  session_required: {
    status: 409,
    retry: false,
    en: "An API key has no session: name the project in each request.",
    ru: "У ключа API нет сессии: указывайте проект в каждом запросе.",
  },
  last_owner: {
    status: 409,
    retry: false,
    en: "This is the studio's last owner; make another one first.",
    ru: "Это последний владелец студии; сначала назначьте другого.",
  },
  status_transition: {
    status: 409,
    retry: false,
    en: "A project that is {from} cannot become {to}.",
    ru: "Проект в состоянии {from} нельзя перевести в {to}.",
  },
  method_not_allowed: { status: 405, retry: false, en: "There is nothing here but for {methods}.", ru: "Здесь доступны только {methods}." },
  database_unavailable: { status: 503, retry: true, en: "The database does not answer.", ru: "База данных не отвечает." },
  internal_error: { status: 500, retry: true, en: "Something broke on our side.", ru: "Сбой на нашей стороне." },

  webhook_refused: {
    status: 401,
    retry: false,
    en: "Nothing shows that this was sent by the source.",
    ru: "Ничто не подтверждает, что это отправил источник.",
  },

  // Why a job did not run, waits, or ended
  already_running: { status: 409, retry: true, en: "Already running since {since}.", ru: "Уже выполняется с {since}." },
  project_paused: { status: 409, retry: false, en: "The project is paused.", ru: "Проект приостановлен." },
  project_archived: { status: 409, retry: false, en: "The project is archived.", ru: "Проект в архиве." },
  job_paused: { status: 409, retry: false, en: "The job is paused for this project.", ru: "Задание приостановлено для этого проекта." },
  no_bindings: { status: 409, retry: false, en: "No source is bound to this project.", ru: "К проекту не привязан ни один источник." },
  no_such_source: { status: 409, retry: false, en: "No {source} feeds this project.", ru: "Проект не получает данных из {source}." },
  waiting_for_connection: {
    status: 409,
    retry: true,
    en: "Waits for connection {connection}, which run {run} is reading.",
    ru: "Ждёт подключение {connection}: его читает запуск {run}.",
  },
  served_by: { status: 200, retry: false, en: "Served by the read of run {run}.", ru: "Данные получены запуском {run}." },
  continues: {
    status: 200,
    retry: false,
    en: "The budget of one run is spent; run {run} carries on.",
    ru: "Бюджет запуска исчерпан; продолжает запуск {run}.",
  },
  nothing_due: { status: 200, retry: false, en: "Nothing was due.", ru: "Нечего выполнять." },
  cancelled: { status: 409, retry: false, en: "Cancelled by {by}.", ru: "Отменено: {by}." },
  lease_lost: {
    status: 409,
    retry: true,
    en: "The worker lost its lease.",
    ru: "Исполнитель потерял аренду.",
  },
  retry_at: { status: 503, retry: true, en: "{error} Next attempt at {until}.", ru: "{error} Следующая попытка в {until}." },
  attempts_spent: { status: 500, retry: false, en: "{attempts} attempts failed. {error}", ru: "Неудачных попыток: {attempts}. {error}" },
  superseded: {
    status: 409,
    retry: false,
    en: "Another queued run takes its place.",
    ru: "Вместо него выполнится другой запуск из очереди.",
  },
  already_finished: { status: 409, retry: false, en: "The run has ended: {status}.", ru: "Запуск уже завершён: {status}." },
  malformed_message: { status: 400, retry: false, en: "The message cannot be read: {problem}.", ru: "Сообщение не читается: {problem}." },
  not_due: { status: 409, retry: true, en: "Due at {until}.", ru: "Назначено на {until}." },
  bug: { status: 500, retry: true, en: "The program failed: {problem}.", ru: "Ошибка программы: {problem}." },

  // What upstreams do
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
  out_of_time: {
    status: 200,
    retry: true,
    en: "The time for an answer was spent.",
    ru: "Время на ответ истекло.",
  },
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
} as const satisfies Record<string, { status: number; retry: boolean; en: string; ru: string }>;

export type Code = keyof typeof CODES;
export type Params = Record<string, string | number>;
/** Why something is as it is, as stored and as sent: a code with its parameters. */
export type Reason = { code: Code; params: Params };
export type Language = "en" | "ru";

export const codes = Object.keys(CODES) as Code[];
export const reason = (code: Code, params: Params = {}): Reason => ({ code, params });
export const statusOf = (code: Code): number => CODES[code].status;
/** Whether trying the same again can help. */
export const retryHelps = (code: Code): boolean => CODES[code].retry;

/** A reason in words. A parameter that is itself a reason has been said before it came here. */
export function say(why: Reason, language: Language = "en"): string {
  return CODES[why.code][language].replace(/\{(\w+)\}/g, (_, name: string) => String(why.params[name] ?? "?"));
}

/** The words of a code, unfilled: what a test compares between the languages. */
export const words = (code: Code): Record<Language, string> => ({ en: CODES[code].en, ru: CODES[code].ru });

/** Refused by a rule: trying the same again will not help until something changes. */
export class Refused extends Error {
  readonly why: Reason;
  readonly details: unknown;
  constructor(code: Code, params: Params = {}, details?: unknown) {
    super(say(reason(code, params)));
    this.name = "Refused";
    this.why = reason(code, params);
    this.details = details;
  }
}

/** Did not work this time. `retryAt` is when the other side said to come back; without it the run's own backoff decides. */
export class Failed extends Error {
  readonly why: Reason;
  readonly retryAt: Date | undefined;
  constructor(code: Code, params: Params = {}, options: { retryAt?: Date | undefined; cause?: unknown } = {}) {
    super(say(reason(code, params)), { cause: options.cause });
    this.name = "Failed";
    this.why = reason(code, params);
    this.retryAt = options.retryAt;
  }
}

/** Not now, through nobody's fault: the run goes back to the queue, until `retryAt` if that is known, and the attempt does not count. */
export class Later extends Error {
  readonly why: Reason;
  readonly retryAt: Date | undefined;
  constructor(code: Code, params: Params = {}, retryAt?: Date) {
    super(say(reason(code, params)));
    this.name = "Later";
    this.why = reason(code, params);
    this.retryAt = retryAt;
  }
}

/** What went wrong, as a reason: known failures keep theirs, all else is a bug. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof Refused || error instanceof Failed || error instanceof Later) return error.why;
  return reason("bug", { problem: error instanceof Error ? error.message.slice(0, 500) : String(error).slice(0, 500) });
}
