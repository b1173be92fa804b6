import type { Words } from "#core/codes/words.ts";

/** Why a request is refused, or was not answered. */
export const REQUESTS = {
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
  method_not_allowed: { status: 405, retry: false, en: "This path takes {allow}.", ru: "Этот путь принимает {allow}." },
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
  database_unavailable: { status: 503, retry: true, en: "The database does not answer.", ru: "База данных не отвечает." },
  internal_error: { status: 500, retry: true, en: "Something broke on our side.", ru: "Сбой на нашей стороне." },

  webhook_refused: {
    status: 401,
    retry: false,
    en: "Nothing shows that this was sent by the source.",
    ru: "Ничто не подтверждает, что это отправил источник.",
  },
} as const satisfies Record<string, Words>;
